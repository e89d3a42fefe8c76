"""The command ``rateloom``."""

from rateloom.cli.app import main

__all__ = ["main"]
