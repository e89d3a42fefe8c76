"""Devices of NVIDIA's: their runtimes and their compiler."""
