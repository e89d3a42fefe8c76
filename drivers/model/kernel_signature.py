"""Signatures of kernels, as the description of a model has them: arguments are given by name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

_SCALARS = {"float64": np.float64, "int32": np.int32, "uint32": np.uint32, "int64": np.int64}


@dataclass(frozen=True)
class KernelArgument:
    """A parameter of a kernel: its name, type and dimensions; a number has none."""

    name: str
    type: str
    dimensions: tuple[str, ...]


@dataclass(frozen=True)
class KernelSignature:
    """A kernel's parameters in order."""

    kernel: str
    arguments: tuple[KernelArgument, ...]


def signatures_of(entries: Sequence[Mapping[str, Any]]) -> dict[str, KernelSignature]:
    """Read the signatures of one language from a model's description."""
    return {
        entry["kernel"]: KernelSignature(
            entry["kernel"],
            tuple(KernelArgument(a["name"], a["type"], tuple(a["dimensions"])) for a in entry["arguments"]),
        )
        for entry in entries
    }


def ordered_arguments(signature: KernelSignature, values: Mapping[str, Any]) -> tuple[Any, ...]:
    """Put values into the order of a kernel's parameters; numbers get the type that it declares.

    Raises
    ------
    TypeError
        If a parameter has no value, or a value no parameter.
    """
    names = {argument.name for argument in signature.arguments}
    if names != values.keys():
        missing, unknown = sorted(names - values.keys()), sorted(values.keys() - names)
        raise TypeError(f"kernel {signature.kernel}: no value for {missing}, no parameter for {unknown}")
    return tuple(
        values[a.name] if a.dimensions else _SCALARS[a.type](values[a.name]) for a in signature.arguments
    )
