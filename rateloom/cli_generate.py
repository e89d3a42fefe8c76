"""Commands that make code: generate and compile."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from rateloom.cli_options import ModelName, console
from rateloom.drivers import options
from rateloom.drivers.errors import InputError

CUDA_REAL = {"float32": "float", "float64": "double"}


def generate(
    names: Annotated[
        list[str] | None, typer.Argument(metavar="MODEL...", help="Shipped models or XML files.")
    ] = None,
    out: Annotated[
        Path, typer.Option(help="Folder to write to; each model gets one of its own in it.")
    ] = Path("generated"),
    targets: Annotated[
        list[str] | None,
        typer.Option("--target", help="numba, cuda or driver; once for each. All if left out."),
    ] = None,
    math: options.Math = "fast",
    everything: Annotated[bool, typer.Option("--all", help="Every shipped model.")] = False,
) -> None:
    """Write the kernels and drivers of models. Each gets MODEL_numba.py, MODEL.cu and MODEL_driver.py.

    \b
    Example:
      rateloom generate montbrio mymodel.xml --out generated
    """
    from rateloom.generation import TARGETS
    from rateloom.generation import generate as generate_model
    from rateloom.loading import load, shipped_models

    wanted = [*(names or ()), *(shipped_models() if everything else ())]
    if not wanted:
        raise InputError("nothing to generate; name a model (see: rateloom models), or give --all")
    # Read all of them first: an error in the last one must not leave the work half done.
    models = [load(name) for name in dict.fromkeys(wanted)]
    names_of = [model.name for model in models]
    for name in names_of:
        if names_of.count(name) > 1:
            raise InputError(
                f"two of the files hold a model named {name!r}; generate them into different folders"
            )
    for model in models:
        for path in generate_model(model, targets=tuple(targets or TARGETS), out=out, math=math):
            print(f"wrote {path}")


def compile_model(
    model: ModelName,
    archs: Annotated[
        list[str] | None,
        typer.Option("--arch", help="GPU architecture, sm_80 say, once for each; sm_90 if left out."),
    ] = None,
    dtype: Annotated[str, typer.Option(help="float32 or float64.")] = "float32",
) -> None:
    """Compile a model's CUDA source. Prints registers, spills and memory; needs no GPU and no toolkit.

    \b
    Example:
      rateloom compile montbrio --arch sm_80 --arch sm_90
    """
    from rateloom.drivers.nvrtc import compile_cuda, register_table
    from rateloom.generation import kernel_source
    from rateloom.loading import load

    if dtype not in CUDA_REAL:
        raise InputError(f"--dtype {dtype}: must be one of {', '.join(CUDA_REAL)}")
    loaded = load(model)
    source = kernel_source(loaded, "cuda")
    reports = [
        compile_cuda(source, arch, {"REAL": CUDA_REAL[dtype]}, name=f"{loaded.name}.cu")
        for arch in archs or ("sm_90",)
    ]
    console().print(register_table(reports))
    for report in reports:
        for warning in report.warnings:
            print(warning, file=sys.stderr)
