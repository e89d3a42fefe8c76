"""The error that the generator raises."""


class GeneratorError(ValueError):
    """A model that is valid but for which code cannot be generated; one line that says why."""
