"""Shared parts of commands and driver scripts: options, requests, and how they end."""
