"""What a generated driver script does: ``rateloom sweep`` with the model's parameters as options."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import typer

from rateloom.drivers.connectome.connectome import Connectome, load_connectome, normalized
from rateloom.drivers.model.description import ModelDescription, ParameterInfo, read_description
from rateloom.drivers.runs.ranks import end_together, gathered, own_device, ranks, send_results
from rateloom.drivers.support.destinations import Targets, check_taken, result_targets
from rateloom.drivers.support.errors import InputError
from rateloom.drivers.support.reports import Reports, issue, pass_on

from .assignments import Value, parse_settings
from .ending import finish
from .failures import plain_error_text, run_app
from .option import Command, CommandLine, Option, add_command
from .options import SIMULATION, named, of_groups
from .request import Request, check_request, read_request

# What a driver says of options that are fewer there than a command's.
_HELP = {
    "monitor": "tavg (means over --period) or raw (every step).",
    "keep": "What to keep: averages (the samples of --monitor) or raw (every step, whatever it says).",
}
_DEFAULTS = {"connectome": "tvb76", "keep": "averages"}
_SHARED = tuple(
    replace(
        option,
        help=_HELP.get(option.name, option.help),
        default=_DEFAULTS.get(option.name, option.default),
    )
    for option in (*of_groups("sweep", *SIMULATION), *named("keep", "memory"), *of_groups("output"))
    if option.name != "math"
)


def main(path: Path, arguments: Sequence[str] | None = None) -> None:
    """Run the model of a generated Numba module as a command, and exit with its status."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    app = typer.Typer(add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)
    name = path.with_name(path.name.replace("_numba.py", "_driver.py")).name
    try:
        model = read_description(path)
    except InputError as problem:
        sys.exit(f"{name}: error: {problem}")
    add_command(app, _command(path, model))
    status = run_app(app, name, words, plain_error_text)
    end_together(status)
    sys.exit(status)


def _command(path: Path, model: ModelDescription) -> Command:
    """Make the command that runs a model: the shared options, and one for each of its parameters."""
    taken = {"help"} | {flag.removeprefix("--") for o in _SHARED for flag in o.declared.split("/")}
    own = {f"parameter_{k}": p for k, p in enumerate(model.parameters) if p.name not in taken}
    hidden = [p.name for p in model.parameters if p.name in taken]
    text = f"Run {model.name}: one simulation, or a sweep where --sweep is given."
    if hidden:
        text += f"\n\nParameters named like an option are set with --set: {', '.join(hidden)}."
    options = (*_SHARED, *(_option(name, parameter) for name, parameter in own.items()))
    return Command("run", options, partial(_simulate, path, model, own), text)


def _simulate(
    path: Path, model: ModelDescription, own: Mapping[str, ParameterInfo], options: CommandLine
) -> None:
    """Read the options, see where results are to go, and run."""
    if options["monitor"] == "bold":
        raise InputError("--monitor bold: a driver makes no BOLD signals; rateloom run and sweep do")
    request = read_request(options)
    if request.keep.what in ("measures", "bold"):
        raise InputError(
            f"--keep {request.keep.what}: a driver keeps averages or raw; "
            f"rateloom sweep keeps {request.keep.what}"
        )
    request = replace(request, parameters=request.parameters | _own_values(own, options, request.parameters))
    connectome = load_connectome(options["connectome"], "none")
    check_request(request, model, connectome.n_node)
    targets = result_targets(model.name, bool(request.grid.axes), options["out"], options["plot"])
    check_taken(targets, options["overwrite"])
    _run(path, request, connectome, targets, options["overwrite"])


def _own_values(
    own: Mapping[str, ParameterInfo], options: CommandLine, already: Mapping[str, Value]
) -> dict[str, Value]:
    """Values of the parameters that were set by options of their own."""
    values: dict[str, Value] = {}
    for key, parameter in own.items():
        if options[key] is None:
            continue
        if parameter.name in already:
            raise InputError(f"parameter {parameter.name!r} is given with --{parameter.name} and --set")
        values |= parse_settings(f"--{parameter.name}", [f"{parameter.name}={options[key]}"])
    return values


def _option(name: str, parameter: ParameterInfo) -> Option:
    """Make the option that sets one parameter."""
    value = ", ".join(f"{v:g}" for v in parameter.value)
    unit = f" {parameter.unit}" if parameter.unit else ""
    text = f"{parameter.description or 'parameter'}; {value}{unit} if left out."
    return Option(name, str, None, text, flag=f"--{parameter.name}", metavar="VALUE")


def _run(path: Path, request: Request, connectome: Connectome, targets: Targets, overwrite: bool) -> None:
    """Simulate, write the results and draw them; what takes long to import is imported only here.

    Where MPI started several processes, each simulates its share and the first one does the rest.
    """
    from rateloom.drivers.backends.engine import run_plan
    from rateloom.drivers.backends.numba.kernels import module_from_path
    from rateloom.drivers.planning.plan import Study, make_plan
    from rateloom.drivers.runs.run import run_study

    module = module_from_path(path)
    study = Study(
        module,
        normalized(connectome, request.normalize),
        request.settings,
        request.grid,
        parameters=request.parameters,
        initial=request.initial,
        inputs=request.inputs,
        record={"normalize": request.normalize, "math": module.MATH},
        cuda=cuda_source(path) if request.settings.backend != "numba" else None,
    )
    keep: dict[str, Any] = {
        "out": targets.store,
        "overwrite": overwrite,
        "memory": request.memory,
        "reports": Reports(announce=print, warn=issue),
    }
    pass_on(issue, study.settings.warnings)
    place = ranks()
    if place is None:
        finish(run_study(study, **keep), targets)
        return
    share = place.share(study.grid.n_item)
    study = replace(study, settings=own_device(place, study.settings), share=share)
    if place.number > 0:
        some = share[0] < share[1]
        own = run_plan(make_plan(study, request.memory, keep_result=False)) if some else iter(())
        send_results(place, own)
        return
    print(f"{place.size} processes; what follows is the first one's")
    finish(run_study(study, through=partial(gathered, place), **keep), targets)


def cuda_source(path: Path) -> str:
    """CUDA source that lies next to a generated Numba module.

    Raises
    ------
    InputError
        If it is not there.
    """
    source = path.with_name(path.name.replace("_numba.py", ".cu"))
    try:
        return source.read_text("utf-8")
    except OSError:
        raise InputError(f"{source} is not there; generate it with: rateloom generate MODEL") from None
