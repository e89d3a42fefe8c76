"""What a generated driver script does: ``rateloom sweep`` with the model's parameters as options."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from types import ModuleType
from typing import Annotated, Any

import typer

from . import options
from .assignments import parse_settings
from .connectome import load_connectome
from .description import ModelDescription, ParameterInfo, describe
from .engine import Study
from .errors import InputError
from .grid import Grid, parse_axis
from .kernels import module_from_path
from .memory import parse_memory
from .plots import plot_run
from .run import run_study
from .settings import Settings
from .terminal import plain_error_text, run_app

# name in Python, type with its help, default
_SHARED: tuple[tuple[str, Any, Any], ...] = (
    ("axes", options.Axes, []),
    ("connectome", options.ConnectomeName, "tvb76"),
    ("normalize", options.Normalize, "max"),
    ("duration", options.Duration, 1000.0),
    ("dt", options.TimeStep, 0.1),
    ("integrator", options.Integrator, "heun"),
    ("settings", options.Settings, None),
    ("initial", options.Initial, None),
    ("speed", options.Speed, 3.0),
    ("monitor", options.Monitor, "tavg"),
    ("period", options.Period, 1.0),
    ("seed", options.Seed, 0),
    ("noise", options.NoiseOn, True),
    ("inputs", options.Inputs, None),
    ("backend", options.Backend, "numba"),
    ("dtype", options.Dtype, "float32"),
    ("threads", options.Threads, None),
    ("keep", options.Keep, "averages"),
    ("memory", options.Memory, None),
    ("out", options.Out, None),
    ("plot", options.Plot, None),
    ("overwrite", options.Overwrite, False),
)
_SETTINGS = (
    "duration",
    "dt",
    "integrator",
    "speed",
    "monitor",
    "period",
    "seed",
    "noise",
    "backend",
    "dtype",
)


def main(path: Path, arguments: Sequence[str] | None = None) -> None:
    """Run the model of a generated Numba module as a command, and exit with its status."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    app = typer.Typer(add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)
    name = path.with_name(path.name.replace("_numba.py", "_driver.py")).name
    try:
        module = module_from_path(path)
    except InputError as problem:
        sys.exit(f"{name}: error: {problem}")
    app.command()(_command(module, describe(module.MODEL)))
    sys.exit(run_app(app, name, given, plain_error_text))


def _command(module: ModuleType, model: ModelDescription) -> Callable[..., None]:
    """Make the function that Typer reads the options from."""
    own = {f"parameter_{k}": p for k, p in enumerate(model.parameters)}
    taken = {"sweep", "set", "input", *(name for name, _, _ in _SHARED)}

    def command(**given: Any) -> None:
        settings = parse_settings("--set", given["settings"] or ())
        for key, parameter in own.items():
            text = given.get(key)
            if text is not None:
                settings |= parse_settings(f"--{parameter.name}", [f"{parameter.name}={text}"])
        _run(module, model, given, settings)

    entries = [*_SHARED, *((k, _option(p), None) for k, p in own.items() if p.name not in taken)]
    parameters = [
        inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=annotation)
        for name, annotation, default in entries
    ]
    command.__doc__ = f"Run {model.name}: one simulation, or a sweep where --sweep is given."
    command.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    command.__annotations__ = {name: annotation for name, annotation, _ in entries}
    return command


def _option(parameter: ParameterInfo) -> Any:
    """Make the option that sets one parameter."""
    value = ", ".join(f"{v:g}" for v in parameter.value)
    unit = f" {parameter.unit}" if parameter.unit else ""
    text = f"{parameter.description or 'parameter'}; {value}{unit} if left out."
    return Annotated[str | None, typer.Option(f"--{parameter.name}", metavar="VALUE", help=text)]


def _run(
    module: ModuleType, model: ModelDescription, given: dict[str, Any], settings: dict[str, Any]
) -> None:
    """Simulate, write the results and draw them."""
    grid = Grid(tuple(parse_axis(text) for text in given["axes"] or ()))
    name = f"{model.name}_{'sweep' if grid.axes else 'run'}"
    store, picture = options.result_paths(name, given["out"], given["plot"], given["overwrite"])
    chosen = {key: given[key] for key in _SETTINGS}
    if given["keep"] not in ("averages", "raw"):
        raise InputError(f"keep={given['keep']!r} is unknown; use one of averages, raw")
    if given["keep"] == "raw":
        chosen["monitor"] = "raw"
    study = Study(
        module,
        load_connectome(given["connectome"], given["normalize"]),
        Settings(**chosen),
        grid,
        parameters=settings,
        initial=parse_settings("--initial", given["initial"] or ()),
        inputs=parse_settings("--input", given["inputs"] or ()),
        record={"normalize": given["normalize"], "math": module.MATH},
    )
    memory = None if given["memory"] is None else parse_memory(given["memory"])
    result = run_study(study, out=store, overwrite=given["overwrite"], memory=memory, announce=print)
    if grid.axes:
        pictures = options.draw_sweep(result, picture)
    else:
        plot_run(result, picture)
        pictures = [picture]
    for path in (store, *pictures):
        print(f"wrote {path}")
