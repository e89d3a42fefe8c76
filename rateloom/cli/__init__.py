"""The command ``rateloom``."""

from .entry import app, error_text, main

__all__ = ["app", "error_text", "main"]
