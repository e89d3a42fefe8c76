"""Running a plan: simulate, and put the results together."""
