"""rateloom: mean-field brain models written as XML, run as fast kernels."""
__version__ = "0.1.0"
