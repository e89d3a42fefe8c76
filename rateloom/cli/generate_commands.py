"""Commands that make code: generate and compile."""

from __future__ import annotations

import sys
from pathlib import Path

from rateloom.cli.common import EVERY_MODEL, MODELS, console
from rateloom.drivers.support.errors import InputError
from rateloom.drivers.terminal.option import Command, CommandLine, Option
from rateloom.drivers.terminal.options import named


def generate(options: CommandLine) -> None:
    """Write the kernels and drivers of models.

    Each gets MODEL_numba.py, MODEL.cu and MODEL_driver.py, and MODEL.json, which describes it.

    \b
    Example:
      rateloom generate montbrio mymodel.xml --out generated
    """
    from rateloom.api.generation import TARGETS
    from rateloom.api.generation import generate as generate_model
    from rateloom.api.loading import load, shipped_models

    names = [*(options["models"] or ()), *(shipped_models() if options["everything"] else ())]
    if not names:
        raise InputError("nothing to generate; name a model (see: rateloom models), or give --all")
    # Read all of them first: an error in the last one must not leave the work half done.
    models = [load(name) for name in dict.fromkeys(names)]
    names_of = [model.name for model in models]
    for name in names_of:
        if names_of.count(name) > 1:
            raise InputError(
                f"two of the files hold a model named {name!r}; generate them into different folders"
            )
    for model in models:
        targets = tuple(options["targets"] or TARGETS)
        settings = options.only("out", "math", "standalone", "integrator")
        for path in generate_model(model, targets=targets, **settings):
            print(f"wrote {path}")


def compile_model(options: CommandLine) -> None:
    """Compile models' CUDA source. Prints registers, spills, memory, occupancy; needs no GPU, no toolkit.

    Each kernel is compiled for the thread blocks in which a GPU would run it over 76 nodes.

    \b
    Example:
      rateloom compile montbrio --arch sm_80 --arch sm_90
    """
    from rateloom.api.generation import code_for
    from rateloom.api.loading import load, shipped_models
    from rateloom.api.schemes import check_integrator
    from rateloom.drivers.backends.cuda.kernel_table import CompiledKernel, compiled_kernels, kernel_table
    from rateloom.drivers.planning.settings import DTYPES

    dtype, integrator = options["dtype"], options["integrator"]
    check_integrator(integrator)
    if dtype not in DTYPES:
        raise InputError(f"--dtype {dtype}: must be one of {', '.join(DTYPES)}")
    names = [*(options["models"] or ()), *(shipped_models() if options["everything"] else ())]
    if not names:
        raise InputError("nothing to compile; name a model (see: rateloom models), or give --all")
    kernels: list[CompiledKernel] = []
    warnings: list[str] = []
    for model in [load(name) for name in dict.fromkeys(names)]:
        code = code_for(model, "cuda", integrator=integrator)
        for arch in options["archs"] or ("sm_90",):
            compiled, problems = compiled_kernels(code, arch, dtype)
            kernels += compiled
            warnings += problems
    console().print(kernel_table(kernels))
    for warning in warnings:
        print(warning, file=sys.stderr)


_INTEGRATOR = Option(
    "integrator", str, "heun",
    "Which kernels: those of heun_renewed are their own, all other schemes share theirs.",
)  # fmt: skip
GENERATE = Command(
    "generate",
    (
        MODELS,
        Option("out", Path, Path("generated"), "Folder to write to; each model gets one of its own in it."),
        Option(
            "targets", str, None, "numba, cuda or driver; once for each. All if left out.", flag="--target",
            repeatable=True,
        ),
        *named("math"),
        EVERY_MODEL,
        _INTEGRATOR,
        Option(
            "standalone", bool, False,
            "Write kernels that carry what they would import or include from rateloom.",
        ),
    ),
    generate,
)  # fmt: skip
COMPILE = Command(
    "compile",
    (
        MODELS,
        Option(
            "archs", str, None, "GPU architecture, sm_80 say, once for each; sm_90 if left out.",
            flag="--arch", repeatable=True,
        ),
        *named("dtype"),
        EVERY_MODEL,
        _INTEGRATOR,
    ),
    compile_model,
)  # fmt: skip
