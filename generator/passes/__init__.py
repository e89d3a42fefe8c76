"""Passes: plain functions from one form of a model to the next, one a file."""
