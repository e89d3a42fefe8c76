"""Data files of rateloom: see the files beside this one."""
