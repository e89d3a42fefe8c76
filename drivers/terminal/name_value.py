"""Options that are given as ``NAME=VALUE``, several times."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rateloom.drivers.support.errors import InputError


def name_values(option: str, texts: Sequence[str], example: str) -> Iterator[tuple[str, str, str]]:
    """Split texts ``NAME=VALUE`` into names and values, without the blanks around them.

    Parameters
    ----------
    option : str
        The option that they were given with, for messages: ``"--set"``.
    texts : sequence of str
        What it was given, one name each.
    example : str
        How it is written, for messages.

    Yields
    ------
    (name, value, text)

    Raises
    ------
    InputError
        If a text has another form, or a name is there twice.
    """
    names = set[str]()
    for text in texts:
        name, equals, value = (part.strip() for part in text.partition("="))
        if not (name and equals and value):
            raise InputError(f"{option} {text}: write it like {example}")
        if name in names:
            raise InputError(f"{option} {text}: {name} is set twice")
        names.add(name)
        yield name, value, text
