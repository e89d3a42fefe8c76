"""Errors in the functions that a model has as code, told in one line."""

from __future__ import annotations

import inspect
import re
import traceback
from pathlib import Path
from types import ModuleType

from numba.core.errors import NumbaError

from .errors import InputError

_ORIGIN, _SOURCE = "origin_of_", "source_of_"
# what Numba says of itself before it says what is wrong, once for each function that others are inlined in
_PREAMBLE = re.compile(r"Failed in nopython mode pipeline \(step: [^)]*\)\s*")


def external_error(module: ModuleType, model: str, problem: Exception) -> InputError | None:
    """Say which function given as code raised an exception, or could not be compiled.

    Parameters
    ----------
    module : module
        A generated Numba module.
    model : str
        The model's name.
    problem : Exception
        What was raised while the module's kernels were compiled or run.

    Returns
    -------
    InputError, or None if it came from elsewhere
    """
    origins: dict[str, tuple[str, str]] = {
        name.removeprefix(_ORIGIN): value for name, value in vars(module).items() if name.startswith(_ORIGIN)
    }
    message = one_line(problem)
    if origins and isinstance(problem, NumbaError):
        codes = ", ".join(_described(name, *origin) for name, origin in origins.items())
        return InputError(f"model {model}: Numba cannot compile what calls {codes}: {message}")
    frames = traceback.extract_tb(problem.__traceback__)
    # compiled kernels may have been kept from when the module was in another folder
    if not frames or Path(frames[-1].filename).name != Path(str(module.__file__)).name:
        return None
    for name, origin in origins.items():
        lines, first = inspect.getsourcelines(getattr(module, _SOURCE + name))
        if first <= (frames[-1].lineno or 0) < first + len(lines):
            subject = f"model {model}: {_described(name, *origin)}"
            return InputError(f"{subject} raises {message}; let it return nan where it has no value")
    return None


def one_line(problem: Exception) -> str:
    """Write what a function given as code, or Numba of it, raised as one line that is not too long."""
    text = " ".join(_PREAMBLE.split(str(problem))[-1].split())
    return f"{type(problem).__name__}: {text[:200]}".removesuffix(": ")


def _described(name: str, symbol: str, file: str) -> str:
    return f"'{symbol}' of {file} (Function '{name}')"
