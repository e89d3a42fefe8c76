"""Pictures of studies: what a sweep has measured, read and drawn."""
