"""BOLD signals: a haemodynamic model fed with a simulation's samples."""
