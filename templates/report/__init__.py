"""The page of a report, and its scripts."""
