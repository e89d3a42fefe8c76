"""Interfaces of what runs a plan: devices, sinks of samples, and results of lane blocks."""
