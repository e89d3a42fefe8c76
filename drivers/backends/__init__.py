"""Backends, which run plans: a folder each, behind one interface."""
