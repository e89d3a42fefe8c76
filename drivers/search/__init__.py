"""Searches beyond a grid: an optimiser asks for work items by the lane block."""
