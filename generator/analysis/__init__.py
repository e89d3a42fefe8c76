"""What a program costs, counted on its statements."""
