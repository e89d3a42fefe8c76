"""What a generated driver script does: ``rateloom sweep`` with the model's parameters as options."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer

from rateloom.drivers.connectome.connectome import Connectome, load_connectome
from rateloom.drivers.execution.lane_result import LaneResult
from rateloom.drivers.model.artifact import CODE_FILES, ModelCode, read_code
from rateloom.drivers.model.description import ParameterInfo
from rateloom.drivers.planning.backend_kinds import BACKENDS
from rateloom.drivers.planning.settings import Settings
from rateloom.drivers.runs.ranks import end_together, gathered, own_device, ranks, send_results
from rateloom.drivers.support.destinations import Targets, check_taken, result_targets
from rateloom.drivers.support.errors import InputError

from . import options
from .assignments import Value, parse_settings
from .ending import finish
from .failures import plain_error_text, run_app
from .request import Request, check_request, read_request

_Monitor = Annotated[str, typer.Option(help="tavg (means over --period) or raw (every step).")]
_Keep = Annotated[
    str | None,
    typer.Option(
        help="What to keep: averages (the samples of --monitor) or raw (every step, whatever it says)."
    ),
]
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
    ("monitor", _Monitor, "tavg"),
    ("period", options.Period, 1.0),
    ("seed", options.Seed, 0),
    ("noise", options.NoiseOn, True),
    ("inputs", options.Inputs, None),
    ("backend", options.Backend, "numba"),
    ("device", options.Device, None),
    ("list_devices", options.ListDevices, False),
    ("history_dtype", options.HistoryDtype, None),
    ("dtype", options.Dtype, "float32"),
    ("threads", options.Threads, None),
    ("lanes", options.Lanes, None),
    ("block", options.Block, None),
    ("calibrate", options.Calibrate, None),
    ("keep", _Keep, "averages"),
    ("memory", options.Memory, None),
    ("out", options.Out, None),
    ("plot", options.Plot, None),
    ("overwrite", options.Overwrite, False),
)


def main(path: Path, arguments: Sequence[str] | None = None) -> None:
    """Run a generated model, which a JSON file describes, as a command, and exit with its status."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    app = typer.Typer(add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)
    name = f"{path.stem}_driver.py"
    try:
        code = read_code(path)
    except InputError as problem:
        sys.exit(f"{name}: error: {problem}")
    app.command()(_command(path, code))
    status = run_app(app, name, given, plain_error_text)
    end_together(status)
    sys.exit(status)


def _command(path: Path, code: ModelCode) -> Callable[..., None]:
    """Make the function that Typer reads the options from."""
    model = code.model
    taken = _option_names()
    own = {f"parameter_{k}": p for k, p in enumerate(model.parameters) if p.name not in taken}
    hidden = [p.name for p in model.parameters if p.name in taken]

    def command(**given: Any) -> None:
        if given["monitor"] == "bold":
            raise InputError("--monitor bold: a driver makes no BOLD signals; rateloom run and sweep do")
        request = read_request(given)
        if request.keep in ("measures", "bold"):
            raise InputError(
                f"--keep {request.keep}: a driver keeps averages or raw; rateloom sweep keeps {request.keep}"
            )
        request = replace(
            request, parameters=request.parameters | _own_values(own, given, request.parameters)
        )
        connectome = load_connectome(given["connectome"], "none")
        check_request(request, model, connectome.n_node)
        targets = result_targets(model.name, bool(request.grid.axes), given["out"], given["plot"])
        check_taken(targets, given["overwrite"])
        _check_runnable(path, code, request.settings)
        _run(code, request, connectome, targets, given["overwrite"])

    entries = [*_SHARED, *((k, _option(p), None) for k, p in own.items())]
    parameters = [
        inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=annotation)
        for name, annotation, default in entries
    ]
    command.__doc__ = f"Run {model.name}: one simulation, or a sweep where --sweep is given."
    if hidden:
        named = f"Parameters named like an option are set with --set: {', '.join(hidden)}."
        command.__doc__ += f"\n\n{named}"
    command.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    command.__annotations__ = {name: annotation for name, annotation, _ in entries}
    return command


def _option_names() -> set[str]:
    """Names of the options that every driver has, which no parameter's option may take."""
    names = {"help"}
    for name, annotation, _ in _SHARED:
        option = annotation.__metadata__[0]
        # in an annotation Typer takes the first name for the default, until it makes the option
        declared = [text for text in (option.default, *(option.param_decls or ())) if isinstance(text, str)]
        names |= {text.removeprefix("--") for both in declared or [name] for text in both.split("/")}
    return names


def _own_values(
    own: Mapping[str, ParameterInfo], given: Mapping[str, Any], already: Mapping[str, Value]
) -> dict[str, Value]:
    """Values of the parameters that were set by options of their own."""
    values: dict[str, Value] = {}
    for key, parameter in own.items():
        if given[key] is None:
            continue
        if parameter.name in already:
            raise InputError(f"parameter {parameter.name!r} is given with --{parameter.name} and --set")
        values |= parse_settings(f"--{parameter.name}", [f"{parameter.name}={given[key]}"])
    return values


def _option(parameter: ParameterInfo) -> Any:
    """Make the option that sets one parameter."""
    value = ", ".join(f"{v:g}" for v in parameter.value)
    unit = f" {parameter.unit}" if parameter.unit else ""
    text = f"{parameter.description or 'parameter'}; {value}{unit} if left out."
    return Annotated[str | None, typer.Option(f"--{parameter.name}", metavar="VALUE", help=text)]


def _run(
    code: ModelCode, request: Request, connectome: Connectome, targets: Targets, overwrite: bool
) -> None:
    """Simulate, write the results and draw them; what takes long to import is imported only here.

    Where MPI started several processes, each simulates its share and the first one does the rest.
    """
    from rateloom.drivers.backends.registry import backend_for
    from rateloom.drivers.execution.backend import Budget
    from rateloom.drivers.planning.study import GivenValues, make_study
    from rateloom.drivers.runs.run import Output, run_study

    given = GivenValues(request.parameters, request.initial, request.inputs)
    study = make_study(code, connectome, request.normalize, request.settings, request.grid, given)
    out = None if targets.store is None else Output(targets.store, overwrite)
    run = partial(run_study, announce=print, out=out, memory=request.memory)
    place = ranks()
    if place is None:
        finish(run(study), targets)
        return
    share = place.share(study.grid.n_item)
    study = replace(study, settings=own_device(place, study.settings), share=share)
    if place.number > 0:
        own: Iterator[LaneResult] = iter(())
        if share[0] < share[1]:
            backend = backend_for(study.settings)
            own = backend.run(backend.plan(study, Budget(request.memory, keep_result=False)))
        send_results(place, own)
        return
    print(f"{place.size} processes; what follows is the first one's")
    finish(run(study, through=partial(gathered, place)), targets)


def _check_runnable(path: Path, code: ModelCode, settings: Settings) -> None:
    """Raise InputError if the code that the backend runs does not lie beside the description."""
    language = BACKENDS[settings.backend].language
    if language not in code.texts:
        file = path.with_name(f"{path.stem}{CODE_FILES[language]}")
        raise InputError(f"{file} is not there; generate it with: rateloom generate MODEL")
