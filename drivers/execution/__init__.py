"""What runs a plan, seen from outside: devices, sinks of samples, and results of lane blocks."""
