"""The template of driver scripts."""
