"""What is to be simulated, checked and laid out: settings, grids and plans."""
