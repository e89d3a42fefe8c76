"""From a model to generated files, or to a kernel module in memory."""

from __future__ import annotations

import functools
from collections.abc import Collection, Sequence
from os import PathLike
from pathlib import Path

import numba

from rateloom.api.loading import load
from rateloom.api.schemes import check_integrator
from rateloom.drivers.backends.numba.kernels import module_of
from rateloom.drivers.model.artifact import CUDA, NUMBA, ModelCode, model_code
from rateloom.drivers.planning.backend_kinds import BACKENDS
from rateloom.drivers.support.arguments import switch
from rateloom.drivers.support.errors import InputError, path_of, shown
from rateloom.drivers.support.external_errors import one_line
from rateloom.drivers.support.files import write_whole
from rateloom.dsl.model import Model
from rateloom.generator.errors import GeneratorError
from rateloom.generator.ir.program import Program
from rateloom.generator.schemes.registry import SCHEMES, schemes_of
from rateloom.generator.stages import build_program
from rateloom.generator.targets.cuda.render import cuda_kernel
from rateloom.generator.targets.description import description, description_text
from rateloom.generator.targets.driver_script import driver_script
from rateloom.generator.targets.numba.render import numba_module
from rateloom.generator.targets.numba.words import LANGUAGES

_FILES = {NUMBA: "{name}_numba.py", CUDA: "{name}.cu", "driver": "{name}_driver.py"}
TARGETS = tuple(_FILES)
_DESCRIPTION = "{name}.json"


def generate(
    model: Model | str | PathLike[str],
    targets: Sequence[str] = TARGETS,
    out: str | PathLike[str] = "generated",
    math: str = "fast",
    standalone: bool = False,
    integrator: str = "heun",
) -> list[Path]:
    """Generate source code for a model, and a description of it for whoever runs the code.

    Parameters
    ----------
    model : Model, str or path
        See `load`.
    targets : sequence of {"numba", "cuda", "driver"}
        What to generate: ``NAME_numba.py``, ``NAME.cu``, ``NAME_driver.py``; ``NAME.json`` comes with each.
    out : path
        Folder that a folder of the model's name is made in.
    math : {"fast", "libm"}
        See `simulate`; for the target numba.
    standalone : bool
        Whether the Numba module and the CUDA source carry what they would import and include.
    integrator : str
        Which kernels to write: those of ``heun_renewed`` are their own, all other schemes share theirs.

    Returns
    -------
    list of Path
        The files written, in the order of `targets`, and the description.

    Raises
    ------
    ModelError, InputError
        If the model, a target or the folder cannot be used.
    """
    if isinstance(targets, str) or not isinstance(targets, Collection):
        raise InputError(f"targets={shown(targets)}: give a list of {', '.join(TARGETS)}")
    for target in targets:
        if not isinstance(target, str) or target not in _FILES:
            raise InputError(f"target {shown(target)} is unknown; use one of {', '.join(TARGETS)}")
    check_math(math)
    check_integrator(integrator)
    switch("standalone", standalone)
    loaded = load(model)
    program = _program(loaded, _kernel_of(integrator))
    names = {**_FILES, "description": _DESCRIPTION}
    texts = {t: _text(program, t, math, standalone) for t in (*targets, "description")}
    folder = path_of("out", out) / loaded.name
    files = {t: folder / names[t].format(name=loaded.name) for t in texts}
    try:
        for target, text in texts.items():
            write_whole(files[target], text)
    except OSError as problem:
        raise InputError(f"cannot write to {folder}: {problem.strerror}") from None
    return list(files.values())


def kernel_source(model: Model, target: str, math: str = "fast", integrator: str = "heun") -> str:
    """Return the text of one of a model's generated files; see `build_program`."""
    check_math(math)
    return _source(model, target, math, _kernel_of(integrator))


def code_for(model: Model, backend: str, math: str = "fast", integrator: str = "heun") -> ModelCode:
    """Generate what a backend runs of a model, with the kernels that make an integration scheme's steps.

    Raises
    ------
    InputError
        If a function that the model has as code cannot be imported or compiled.
    """
    language = BACKENDS[backend].language
    about = description(_program(model, _kernel_of(integrator)), math)
    code = model_code(about, **{language: kernel_source(model, language, math, integrator)})
    if language == NUMBA:
        _check_external(model, code)
    return code


def _check_external(model: Model, code: ModelCode) -> None:
    """Say what is wrong with a function that a model has as code before kernels are compiled that call it."""
    codes = [(f, f.code) for f in model.functions if f.code is not None]
    if not codes:
        return
    try:
        module = module_of(code)
    except Exception as problem:
        raise InputError(f"model {model.name}: its code cannot be imported: {one_line(problem)}") from None
    for function, external in codes:
        try:
            getattr(module, f"external_{function.name}").compile((numba.float64,) * len(function.arguments))
        except numba.errors.NumbaError as problem:
            name = f"'{external.symbol}' of {external[NUMBA].name}"
            cause = f"model {model.name}: Numba cannot compile {name}"
            raise InputError(f"{cause}: {one_line(problem)}") from None


def check_math(math: object) -> None:
    """Raise InputError if there are no elementary functions of this name."""
    if not isinstance(math, str) or math not in LANGUAGES:
        raise InputError(f"math={shown(math)} is unknown; use one of {', '.join(LANGUAGES)}")


def _kernel_of(integrator: str) -> str:
    """Return the first scheme of those that share the kernels of one; settings refuse an unknown one."""
    return schemes_of(integrator)[0].name if integrator in SCHEMES else "heun"


# a fit simulates the same model often
@functools.lru_cache(maxsize=256)
def _source(model: Model, target: str, math: str, scheme: str) -> str:
    # a device's compiler finds no header
    return _text(_program(model, scheme), target, math, standalone=target == CUDA)


def _text(program: Program, target: str, math: str, standalone: bool) -> str:
    if target == NUMBA:
        return numba_module(program, math, standalone)
    if target == CUDA:
        return cuda_kernel(program, standalone)
    return driver_script(program) if target == "driver" else description_text(program, math)


@functools.lru_cache(maxsize=64)
def _program(model: Model, scheme: str) -> Program:
    try:
        return build_program(model, scheme)
    except GeneratorError as problem:
        raise InputError(f"model {model.name}: {problem}") from None
