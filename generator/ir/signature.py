"""A kernel's signature: its parameters in order, each with a type, dimensions, a unit and a meaning.

The argument list in generated code, the launch of the kernel and its documentation come from one signature.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

TYPES = ("real", "kept", "given", "float64", "int32", "uint32", "int64")
"""``real`` is the working precision, ``kept`` that of the history, ``given`` that of inputs."""


@dataclass(frozen=True)
class Argument:
    """One parameter of a kernel.

    Attributes
    ----------
    name : str
    type : str
        One of `TYPES`.
    dimensions : tuple of str
        What each dimension of an array counts, the outermost first; none for a number.
    access : {"in", "out", "inout"}
    meaning : str
    unit : str
    """

    name: str
    type: str
    dimensions: tuple[str, ...] = ()
    access: str = "in"
    meaning: str = ""
    unit: str = ""


@dataclass(frozen=True)
class Signature:
    """A kernel's name and its parameters in order."""

    kernel: str
    arguments: tuple[Argument, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the parameters in order."""
        return tuple(a.name for a in self.arguments)

    def as_data(self) -> dict[str, Any]:
        """Return it as plain data, for a file beside the generated code."""
        return {"kernel": self.kernel, "arguments": [asdict(a) for a in self.arguments]}
