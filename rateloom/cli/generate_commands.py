"""Commands that make code: generate and compile."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from rateloom.cli.common import console
from rateloom.drivers.support.errors import InputError
from rateloom.drivers.terminal import options


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
    standalone: Annotated[
        bool,
        typer.Option(
            "--standalone", help="Write kernels that carry what they would import or include from rateloom."
        ),
    ] = False,
) -> None:
    """Write the kernels and drivers of models.

    Each gets MODEL_numba.py, MODEL.cu and MODEL_driver.py, and MODEL.json, which describes it.

    \b
    Example:
      rateloom generate montbrio mymodel.xml --out generated
    """
    from rateloom.api.generation import TARGETS
    from rateloom.api.generation import generate as generate_model
    from rateloom.api.loading import load, shipped_models

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
        several = tuple(targets or TARGETS)
        for path in generate_model(model, several, out, math, standalone):
            print(f"wrote {path}")


def compile_model(
    names: Annotated[
        list[str] | None, typer.Argument(metavar="MODEL...", help="Shipped models or XML files.")
    ] = None,
    archs: Annotated[
        list[str] | None,
        typer.Option("--arch", help="GPU architecture, sm_80 say, once for each; sm_90 if left out."),
    ] = None,
    dtype: options.Dtype = "float32",
    everything: Annotated[bool, typer.Option("--all", help="Every shipped model.")] = False,
) -> None:
    """Compile models' CUDA source. Prints registers, spills, memory, occupancy; needs no GPU, no toolkit.

    Each kernel is compiled for the thread blocks in which a GPU would run it over 76 nodes.

    \b
    Example:
      rateloom compile montbrio --arch sm_80 --arch sm_90
    """
    from rateloom.api.generation import kernel_source
    from rateloom.api.loading import load, shipped_models
    from rateloom.drivers.backends.cuda.kernel_table import CompiledKernel, compiled_kernels, kernel_table
    from rateloom.drivers.planning.settings import DTYPES

    if dtype not in DTYPES:
        raise InputError(f"--dtype {dtype}: must be one of {', '.join(DTYPES)}")
    wanted = [*(names or ()), *(shipped_models() if everything else ())]
    if not wanted:
        raise InputError("nothing to compile; name a model (see: rateloom models), or give --all")
    kernels: list[CompiledKernel] = []
    warnings: list[str] = []
    for model in [load(name) for name in dict.fromkeys(wanted)]:
        source = kernel_source(model, "cuda")
        for arch in archs or ("sm_90",):
            found, said = compiled_kernels(source, model.name, arch, dtype)
            kernels += found
            warnings += said
    console().print(kernel_table(kernels))
    for warning in warnings:
        print(warning, file=sys.stderr)
