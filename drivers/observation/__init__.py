"""What is seen of a run: samples, BOLD signals, and their reduction to measures."""
