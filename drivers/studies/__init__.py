"""Sweeps in a directory: planned, run, stopped, gone on with, and queried."""
