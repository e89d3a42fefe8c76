"""A device that is the host: CUDA source compiled by the system's C++ compiler."""
