"""Measures of simulated activity: each work item reduced to numbers, one family of measures a file."""
