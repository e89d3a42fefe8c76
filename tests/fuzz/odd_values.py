"""Values that nobody means: each is to be taken for what it is worth, or refused in one line."""

from __future__ import annotations

import decimal
import fractions
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr


class Liar:
    """An object that fails at whatever it is asked."""

    def __len__(self) -> int:
        raise RuntimeError("no length")

    def __iter__(self) -> Any:
        raise RuntimeError("nothing to go through")

    def __bool__(self) -> bool:
        raise RuntimeError("neither true nor false")

    def __eq__(self, other: object) -> bool:
        raise RuntimeError("not to be compared")

    def __hash__(self) -> int:
        raise RuntimeError("no hash")

    def __repr__(self) -> str:
        return "two\nlines"


def raises(*arguments: Any, **keywords: Any) -> Any:
    raise RuntimeError("two\nlines")


def endless() -> Any:
    """A sequence without end."""
    while True:
        yield 1.0


_TEXT_TIMES = xr.DataArray(np.zeros((2, 6)), dims=("time", "node"), coords={"time": ["soon", "later"]})
_COMPLEX_TIMES = xr.DataArray(np.zeros((2, 6)), dims=("time", "node"), coords={"time": [0j, 1j]})
_DATES = xr.DataArray(
    np.zeros((2, 6)), dims=("time", "node"), coords={"time": np.array(["2020", "2021"], "M8[ns]")}
)
_LOOP: list[Any] = []
_LOOP.append(_LOOP)
# by name, so that a test that fails says which; made anew where they can be used up
ODD: dict[str, Callable[[], Any]] = {
    "None": lambda: None,
    "True": lambda: True,
    "minus_one": lambda: -1,
    "zero": lambda: 0,
    "huge": lambda: 10**400,
    "hugely_negative": lambda: -(10**400),
    "work_items": lambda: 2**32,
    "beyond_64_bits": lambda: 2**64,
    "int8": lambda: np.int8(4),
    "int8_least": lambda: np.int8(-128),
    "uint8": lambda: np.uint8(4),
    "uint64": lambda: np.uint64(2**64 - 1),
    "float16": lambda: np.float16(4),
    "tiny": lambda: 5e-324,
    "nan": lambda: float("nan"),
    "minus_inf": lambda: -float("inf"),
    "complex": lambda: 1j,
    "decimal": lambda: decimal.Decimal("1.5"),
    "fraction": lambda: fractions.Fraction(1, 3),
    "numpy_true": lambda: np.True_,
    "switches": lambda: np.array([True, False]),
    "no_numbers": lambda: np.array([]),
    "one_number": lambda: np.array([1.0]),
    "numbers": lambda: np.ones(6),
    "matrix": lambda: np.full((6, 6), 0.5),
    "many_dimensions": lambda: np.ones((1,) * 20),
    "objects": lambda: np.array([None, "a"], object),
    "records": lambda: np.zeros(2, [("a", float)]),
    "texts": lambda: np.array(["a", "b"]),
    "time": lambda: np.datetime64("2020"),
    "empty_text": lambda: "",
    "text": lambda: "x",
    "two_lines": lambda: "a\nb",
    "surrogate": lambda: "a\udcff",
    "null": lambda: "a\0b",
    "long_text": lambda: "y" * 5000,
    "bytes": lambda: b"x",
    "path": lambda: Path("nowhere"),
    "strange_path": lambda: Path("a\udcff"),
    "folder": lambda: ".",
    "device": lambda: "/dev/zero",
    "list": lambda: [1.0, -1],
    "ragged": lambda: [[1.0], [1.0, 2.0]],
    "texts_list": lambda: ["a\udcff", "b\nc"],
    "nested": lambda: [[[[[[[]]]]]]],
    "loop": lambda: _LOOP,
    "set": lambda: {"a", 1},
    "generator": lambda: (x for x in (1.0, 2.0)),
    "mapping": lambda: {"a": 1.0},
    "strange_names": lambda: {None: 1.0, 1: "x", ("a",): 2.0},
    "surrogate_names": lambda: {"G\udcff": [0.1]},
    "of_G": lambda: {"G": -(10**400)},
    "of_G_small": lambda: {"G": np.int8(1)},
    "of_text": lambda: {"G": "x", "x": "y", "stimulus": "z"},
    "text_times": lambda: {"stimulus": _TEXT_TIMES},
    "complex_times": lambda: {"stimulus": _COMPLEX_TIMES},
    "dates": lambda: {"stimulus": _DATES},
    "array_with_text_times": lambda: _TEXT_TIMES,
    "dataset": lambda: xr.Dataset(),
    "odd_dataset": lambda: xr.Dataset({"x": _TEXT_TIMES}),
    "type": lambda: int,
    "module": lambda: np,
    "function": lambda: raises,
    "object": object,
    "liar": Liar,
}
