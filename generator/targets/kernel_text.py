"""A kernel of a target: what it takes, and what writes it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from rateloom.generator.ir.signature import Signature

Page = TypeVar("Page")


@dataclass(frozen=True)
class KernelText(Generic[Page]):
    """A kernel's signature, and the function that writes it.

    Attributes
    ----------
    signature : Signature
    text : callable
        From what all parts of the target's text are written with to the kernel's text.
    steps : bool
        Whether it calls the functions of a node's step, and so stands behind them.
    """

    signature: Signature
    text: Callable[[Page], str]
    steps: bool = False
