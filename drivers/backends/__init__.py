"""What runs a plan: each folder one way, behind one interface."""
