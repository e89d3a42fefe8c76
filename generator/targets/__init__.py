"""From a program to source text: a folder a target, of equal shape."""
