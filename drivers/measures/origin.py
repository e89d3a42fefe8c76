"""The files of custom measures, by which another process can load them to resume a study."""

from __future__ import annotations

import hashlib
import importlib.util
import inspect
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

from rateloom.drivers.support.errors import InputError
from rateloom.drivers.support.regular_files import bytes_of

from .custom import Measure, check_measures

_PREFIX = "rateloom_own_measures_"


def origins_of(custom: Sequence[Measure]) -> dict[str, dict[str, Any]]:
    """Return the plan's record of custom measures: the file of each, and a digest of the file.

    Raises
    ------
    InputError
        If a source cannot be read.
    """
    return {measure.name: _origin(measure) for measure in custom}


def _origin(measure: Measure) -> dict[str, Any]:
    function = inspect.unwrap(measure.function)
    try:
        # a function may call others of its file, so that the whole file counts
        file = inspect.getsourcefile(function) or ""
        source = bytes_of(file)
    except (OSError, TypeError):
        raise InputError(
            f"measure {measure.name}: its source cannot be read, so that no other process could take it; "
            "write it as a function in a file, or leave out= and executor= out"
        ) from None
    return {
        "file": os.path.abspath(file),  # noqa: PTH100 - links are kept
        "function": function.__qualname__,
        "source": hashlib.sha256(source).hexdigest()[:16],
        "batched": measure.batched,
        "regional": measure.regional,
    }


def measures_from(origins: Mapping[str, Mapping[str, Any]]) -> tuple[Measure, ...]:
    """Load the measures that a plan names, from loaded modules or from their files.

    Raises
    ------
    InputError
        If one is missing. The comparison of plans tells whether one has changed.
    """
    files = {str(origin["file"]): None for origin in origins.values()}
    measures = {(file, measure.name): measure for file in files for measure in _measures_of(file)}
    lacking = [name for name, origin in origins.items() if (str(origin["file"]), name) not in measures]
    if lacking:
        path = origins[lacking[0]]["file"]
        raise InputError(
            f"measure {lacking[0]} is not in {path} any more; put it back, or give it: "
            "rateloom.sweep(..., resume=True, custom=[...])"
        )
    return tuple(measures[str(origin["file"]), name] for name, origin in origins.items())


def measures_in(files: Sequence[Path]) -> tuple[Measure, ...]:
    """Return the measures that Python files define, by functions decorated with `rateloom.measure`.

    Raises
    ------
    InputError
        If a file cannot be run, or defines no measure.
    """
    measures: list[Measure] = []
    for path in files:
        defined = _measures_of(os.path.abspath(path))  # noqa: PTH100 - links are kept
        if not defined:
            raise InputError(f"{path}: no measure is in it; decorate functions with rateloom.measure")
        measures += defined
    check_measures(measures)
    return tuple(measures)


def _measures_of(file: str) -> list[Measure]:
    loaded = (m for n, m in list(sys.modules.items()) if not n.startswith(_PREFIX))
    module = next((m for m in loaded if getattr(m, "__file__", None) == file), None) or _run(file)
    return list({id(value): value for value in vars(module).values() if isinstance(value, Measure)}.values())


def _run(file: str) -> ModuleType:
    """Run a file as a module of its own."""
    name = _PREFIX + hashlib.sha256(os.fsencode(file)).hexdigest()[:16]
    spec = importlib.util.spec_from_file_location(name, file)
    if not os.path.lexists(file):
        raise InputError(f"{file}: no such file; own measures are in Python files, .py")
    if spec is None or spec.loader is None or not Path(file).is_file():
        raise InputError(f"{file}: own measures are in Python files, .py, and this is none")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except BaseException as problem:
        del sys.modules[name]
        if isinstance(problem, KeyboardInterrupt):
            raise
        if isinstance(problem, InputError):
            raise InputError(f"{file}: {problem}") from None
        raise InputError(f"{file}: it cannot be run ({_one_line(problem)})") from None
    return module


def _one_line(problem: BaseException) -> str:
    first = str(problem).partition("\n")[0]
    return f"{type(problem).__name__}: {first}" if first else type(problem).__name__
