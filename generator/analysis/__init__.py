"""The cost of a program, counted on its statements."""
