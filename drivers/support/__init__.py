"""What every other package rests on: errors, files, memory, progress, tables."""
