"""Help to test functions that exist only as code, once for each target."""

from __future__ import annotations

import ctypes
import os
import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from os import PathLike
from pathlib import Path

import numpy as np
import numpy.typing as npt

from rateloom.api.generation import code_for
from rateloom.api.loading import load
from rateloom.drivers.backends.numba.kernels import module_of
from rateloom.drivers.support.errors import InputError
from rateloom.drivers.support.external_errors import one_line
from rateloom.dsl.model import Code, Model

Values = npt.NDArray[np.float64]
_MOST_POINTS = 1_000_000
_SOURCE = """\
#include <math.h>
#define __device__
#define __host__
#define __forceinline__ inline
#define __constant__ const
typedef double real;
namespace code {{
#line 1 "{file}"
{text}}}
extern "C" void evaluate(long count, const double* points, double* values)
{{
    for (long i = 0; i < count; i++)
        values[i] = code::{symbol}({arguments});
}}
"""


class NoCompilerError(InputError):
    """There is no C++ compiler to run CUDA code with: skip the test."""


def check_external(
    model: Model | str | PathLike[str],
    function: str,
    grid: Mapping[str, npt.ArrayLike],
    rtol: float = 1e-9,
    atol: float = 0.0,
) -> float:
    """Check that both versions of a function that is given as code agree on a grid.

    The CUDA version is compiled by the host's C++ compiler (``CXX``, ``c++``, ``g++`` or ``clang++``), in
    double precision like the Numba version.

    Parameters
    ----------
    model : Model, str or path
        See `rateloom.load`.
    function : str
        Name of the Function in the model.
    grid : mapping of str to array
        Values of each argument; every combination is a point.
    rtol, atol : float
        Two values agree if their difference is at most `rtol` of the larger one, or at most `atol`; two NaNs
        and two equal infinities agree.

    Returns
    -------
    float
        The largest difference relative to the larger value.

    Raises
    ------
    AssertionError
        Values differ; the message names function, model and the point where they differ most.
    NoCompilerError
        There is no C++ compiler.
    InputError
        The function is not given as code, the grid is not one of its arguments, or code does not compile.
    """
    loaded = load(model)
    function_found = next((f for f in loaded.functions if f.name == function), None)
    if function_found is None or function_found.code is None:
        external_names = ", ".join(f.name for f in loaded.functions if f.code is not None) or "none"
        raise InputError(f"model {loaded.name} has no function {function!r} as code; it has {external_names}")
    points = _points(function_found.arguments, grid, function)
    call = getattr(module_of(code_for(loaded, "numba")), f"external_{function}")
    try:
        numba_values = np.array([call(*point) for point in points])
    except Exception as problem:
        owner = f"{function_found.code.symbol} of {function_found.code['numba'].name} in model {loaded.name}"
        raise InputError(f"{owner} raises {one_line(problem)}") from None
    cuda_values = _cuda_values(function_found.code, points, loaded.name)
    relative = _relative(cuda_values, numba_values)
    with np.errstate(invalid="ignore"):
        wrong = (relative > rtol) & ~(np.abs(cuda_values - numba_values) <= atol)
    if wrong.any():
        worst = int(np.argmax(np.where(wrong, relative, 0.0)))
        arguments_at = zip(function_found.arguments, points[worst], strict=True)
        at = ", ".join(f"{name} = {value:.10g}" for name, value in arguments_at)
        values = f"CUDA gives {cuda_values[worst]:.10g}, Numba {numba_values[worst]:.10g}"
        count = f"{int(wrong.sum())} of {len(points)} points"
        raise AssertionError(f"{function} of model {loaded.name} differs at {count}; at {at} {values}")
    return float(relative.max())


def _points(arguments: tuple[str, ...], grid: Mapping[str, npt.ArrayLike], function: str) -> Values:
    """Return one row a point."""
    if set(grid) != set(arguments):
        grid_names = ", ".join(grid) or "none"
        raise InputError(f"the grid of {function} needs values of {', '.join(arguments)}, not {grid_names}")
    try:
        axes = [np.atleast_1d(np.asarray(grid[a], float)) for a in arguments]
    except (TypeError, ValueError):
        raise InputError(f"the grid of {function} is no numbers") from None
    count = int(np.prod([axis.size for axis in axes], dtype=object))
    if any(axis.ndim > 1 for axis in axes) or not 0 < count <= _MOST_POINTS:
        requirement = f"needs lists of values, with 1 to {_MOST_POINTS:,} points in all"
        raise InputError(f"the grid of {function} {requirement}")
    return np.stack(np.meshgrid(*axes, indexing="ij"), -1).reshape(-1, len(axes))


def _cuda_values(code: Code, points: Values, model: str) -> Values:
    """Compile a CUDA function for the host and evaluate it at each point."""
    compiler = next(
        filter(None, map(shutil.which, (os.environ.get("CXX", ""), "c++", "g++", "clang++"))), None
    )
    if compiler is None:
        raise NoCompilerError("there is no C++ compiler to run CUDA code with; install g++, or set CXX")
    width = points.shape[1]
    arguments = ", ".join(f"points[i * {width} + {j}]" for j in range(width))
    file = code["cuda"]
    text = _SOURCE.format(file=file.name, text=file.text, symbol=code.symbol, arguments=arguments)
    with tempfile.TemporaryDirectory(prefix="rateloom_") as folder:
        source, library = Path(folder, "code.cpp"), Path(folder, "code.so")
        source.write_text(text, encoding="utf-8")
        command = [compiler, "-O1", "-shared", "-fPIC", "-std=c++17", str(source), "-o", str(library)]
        process = subprocess.run(command, capture_output=True, text=True, check=False)
        if process.returncode:
            errors = [line for line in process.stderr.splitlines() if "error" in line] or ["unknown error"]
            raise InputError(f"model {model}: the C++ compiler refuses {errors[0]}")
        values = np.zeros(len(points))
        evaluate = ctypes.CDLL(str(library)).evaluate
        evaluate.argtypes = [ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p]
        evaluate(len(points), np.ascontiguousarray(points).ctypes.data, values.ctypes.data)
    return values


def _relative(cuda: Values, numba: Values) -> Values:
    """Differences relative to the larger value; a NaN on one side alone agrees with nothing."""
    same = (cuda == numba) | (np.isnan(cuda) & np.isnan(numba))
    with np.errstate(invalid="ignore", divide="ignore"):
        relative = np.abs(cuda - numba) / np.maximum(np.abs(cuda), np.abs(numba))
    return np.where(same, 0.0, np.where(np.isfinite(relative), relative, np.inf))
