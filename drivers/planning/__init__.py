"""Setting up a study: its settings, grid and parameters, checked before anything runs."""
