"""Printers: statements to source text, one language a file."""
