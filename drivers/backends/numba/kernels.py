"""Generated kernel modules: loaded from a file or from text, compiled once and kept on disk."""

from __future__ import annotations

import functools
import importlib.util
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rateloom.drivers.model.artifact import NUMBA, CodeText, ModelCode
from rateloom.drivers.model.kernel_signature import ordered_arguments
from rateloom.drivers.support.cache import drop_damaged_kernels, keep_text

_MODULE = "rateloom_kernels_"
# threads that measure lane blocks may ask for the same module at the same time
_IMPORTING = threading.Lock()
# values that are computed together: chains of two vectors hide what one waits for
_VECTOR = 32


@dataclass(frozen=True, eq=False)
class Kernels:
    """The compiled functions of one model, for one precision and shape.

    Attributes
    ----------
    functions : dict of str to callable
        ``prepare``, ``fill_history`` and ``advance``; see the generated module.
    lanes, width, block : int
        Work items and nodes advanced together, and steps that a node is advanced at once.
    """

    code: ModelCode
    functions: dict[str, Callable[..., None]]
    dtype: str
    lanes: int
    width: int
    block: int

    def call(self, kernel: str, /, **values: Any) -> None:
        """Call a kernel with arguments by name."""
        self.functions[kernel](*ordered_arguments(self.code.signatures[NUMBA][kernel], values))

    def room(self, parts: NDArray[np.int64], visits: NDArray[np.int64]) -> dict[str, NDArray[Any]]:
        """Make room for sums over edges of a block of steps, by name: `advance` itself makes no array."""
        counts, real, tiled = self.code.counts, np.dtype(self.dtype), len(parts) > 2
        lanes = self.width * self.lanes
        coupled = np.zeros((max(1, counts.sums * (visits[-1, 3] + 1)), self.block, lanes), real)
        # sums go at once where the nodes' equations read them, unless they have to be put side by side
        of_nodes = np.zeros(
            counts.sums * (parts.shape[1] - 1 if tiled else 1) * self.block * self.lanes, real
        )
        return {
            "coupled": coupled,
            "of_nodes": of_nodes if self.width > 1 or tiled else coupled.reshape(-1),
        }


def module_of(code: ModelCode) -> ModuleType:
    """Import a model's Numba module, once a process."""
    with _IMPORTING:
        return _module(code.texts[NUMBA], code.model.name)


@functools.lru_cache(maxsize=256)
def _module(text: CodeText, name: str) -> ModuleType:
    """Import a text from a file that its content names, so that compiled kernels are found again."""
    return module_from_path(keep_text(f"{text.digest}/{name}_numba.py", text.text))


def module_from_path(path: Path) -> ModuleType:
    """Import a generated Numba module from the folder of kept kernels."""
    # compiled kernels lie beside the file and know the module by its name, which must outlast a move of both
    name = _MODULE + path.parent.name
    if name in sys.modules:
        return sys.modules[name]
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None and spec.loader is not None
    drop_damaged_kernels(path)
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except BaseException:
        del sys.modules[name]
        raise
    return module


def build_kernels(
    code: ModelCode, dtype: str, lanes: int, width: int, block: int, noise: bool, scheme: str
) -> Kernels:
    """Make the kernels of a model for one precision, lane width, node width, block length and scheme."""
    functions = _functions(module_of(code), dtype, lanes, width, block, noise, scheme)
    return Kernels(code, functions, dtype, lanes, width, block)


@functools.cache
def _functions(
    module: ModuleType, dtype: str, lanes: int, width: int, block: int, noise: bool, scheme: str
) -> dict[str, Callable[..., None]]:
    """Made once a process: machine code is never unloaded, and a fit may simulate thousands of times."""
    generated: Any = module
    functions: dict[str, Callable[..., None]] = generated.build(
        np.float32 if dtype == "float32" else np.float64, lanes, width, block, noise, scheme
    )
    return functions


def node_width(lanes: int) -> int:
    """Nodes that are advanced together, so that lanes and nodes fill the vectors."""
    return max(1, _VECTOR // lanes)
