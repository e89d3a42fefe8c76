"""The command of a generated driver script: ``rateloom sweep`` with the model's parameters as options."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

import typer

from rateloom.drivers.connectome.subjects import Subject
from rateloom.drivers.execution.lane_result import LaneResult
from rateloom.drivers.model.artifact import CODE_FILES, ModelCode, read_code
from rateloom.drivers.model.description import ParameterInfo
from rateloom.drivers.planning.backend_kinds import BACKENDS
from rateloom.drivers.planning.settings import Settings
from rateloom.drivers.runs.ranks import end_together, gathered, own_device, ranks, send_results
from rateloom.drivers.support.compile_notice import compiling_announced
from rateloom.drivers.support.errors import InputError
from rateloom.drivers.support.notices import Reports, issue, pass_on
from rateloom.drivers.terminal.output_files import Targets, check_taken, result_targets

from .assignments import Setting, parse_settings
from .ending import finish
from .failures import plain_error_text, run_app
from .option import Command, CommandLine, Option, add_command
from .options import SIMULATION, named, of_groups
from .request import Request, check_request, given_connectomes, read_request, with_regions

# What a driver says of options that are fewer there than a command's.
_HELP = {
    "keep": "What to keep: averages (the samples of --monitor; if left out), bold (BOLD volumes made of "
    "them) or raw (every step, whatever it says).",
}
_DEFAULTS = {"connectome": "tvb76"}
# The haemodynamic model of BOLD signals; generate writes its folder beside the driver's.
_HAEMODYNAMIC = "balloon"
_SHARED = tuple(
    replace(
        option,
        help=_HELP.get(option.name, option.help),
        default=_DEFAULTS.get(option.name, option.default),
    )
    for option in (*of_groups("sweep", *SIMULATION, "bold"), *named("keep", "memory"), *of_groups("output"))
    if option.name != "math"
)


def main(path: Path, arguments: Sequence[str] | None = None) -> None:
    """Run a generated model, which a JSON file describes, as a command, and exit with its status."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    app = typer.Typer(add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)
    name = f"{path.stem}_driver.py"
    try:
        code = read_code(path)
    except InputError as problem:
        sys.exit(f"{name}: error: {problem}")
    add_command(app, _command(path, code))
    status = run_app(app, name, words, plain_error_text)
    end_together(status)
    sys.exit(status)


def _command(path: Path, code: ModelCode) -> Command:
    """Make the command that runs a model: the shared options, and one for each of its parameters."""
    model = code.model
    reserved = {"help"} | {flag.removeprefix("--") for o in _SHARED for flag in o.declared.split("/")}
    own = {f"parameter_{k}": p for k, p in enumerate(model.parameters) if p.name not in reserved}
    hidden = [p.name for p in model.parameters if p.name in reserved]
    text = f"Run {model.name}: one simulation, or a sweep where --sweep is given."
    if hidden:
        text += f"\n\nParameters named like an option are set with --set: {', '.join(hidden)}."
    shared = (_with_own_scheme(o, code) if o.name == "integrator" else o for o in _SHARED)
    options = (*shared, *(_option(name, parameter) for name, parameter in own.items()))
    return Command("run", options, partial(_simulate, path, code, own), text)


def _with_own_scheme(option: Option, code: ModelCode) -> Option:
    """Offer the schemes of the code; by default the usual one, if the code has it."""
    default = option.default if option.default in code.schemes else next(iter(code.schemes))
    text = f"The integration scheme: {', '.join(code.schemes)}; others have kernels of their own."
    return replace(option, default=default, help=text)


def _simulate(path: Path, code: ModelCode, own: Mapping[str, ParameterInfo], options: CommandLine) -> None:
    """Read the options, see where results are to go, and run."""
    if options["keep"] is None:
        options = options.changed(keep="bold" if options["monitor"] == "bold" else "averages")
    request = read_request(options)
    if request.keep.kind == "measures":
        raise InputError(
            "--keep measures: a driver keeps averages, bold or raw; rateloom sweep keeps measures"
        )
    request = replace(
        request, parameters={**request.parameters, **_own_values(own, options, request.parameters)}
    )
    subjects = given_connectomes(request, options["connectome"], issue)
    request, assumed = with_regions(request, subjects[0].connectome.labels)
    pass_on(issue, assumed)
    check_request(request, code.model, subjects[0].connectome.n_node)
    targets = result_targets(code.model.name, bool(request.grid.axes), options["out"], options["plot"])
    check_taken(targets, options["overwrite"])
    _check_runnable(path, code, request.settings)
    haemodynamics = None if request.bold is None else _haemodynamic_code(path, request.settings)
    _run(code, request, subjects, targets, haemodynamics, overwrite=options["overwrite"])


def _own_values(
    own: Mapping[str, ParameterInfo], options: CommandLine, already: Mapping[str, Setting]
) -> dict[str, Setting]:
    """Values of the parameters that were set by options of their own."""
    values: dict[str, Setting] = {}
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


def _run(
    code: ModelCode,
    request: Request,
    subjects: tuple[Subject, ...],
    targets: Targets,
    haemodynamics: ModelCode | None,
    overwrite: bool,
) -> None:
    """Simulate, write the results and draw them; what takes long to import is imported only here.

    Where MPI started several processes, each simulates its share and the first one does the rest.
    """
    from rateloom.drivers.backends.registry import backend_for
    from rateloom.drivers.execution.backend import Budget
    from rateloom.drivers.observation.bold.bold_study import fed_study, volumes_of
    from rateloom.drivers.planning.connectome_warnings import connectome_warnings
    from rateloom.drivers.planning.study import GivenValues, make_study, with_subjects
    from rateloom.drivers.runs.run import Output, run_study

    values = GivenValues(request.parameters, request.initial, request.inputs)
    study = make_study(
        code, subjects[0].connectome, request.normalize, request.settings, request.grid, values,
        samples=request.samples,
    )  # fmt: skip
    study = with_subjects(study, subjects if request.subjects else ())
    out = None if targets.store is None else Output(targets.store, overwrite)
    reports = Reports(announce=print, warn=issue)
    series = None
    if request.bold is not None and haemodynamics is not None:
        study, fed, settings = fed_study(study, request.bold, haemodynamics)
        series = volumes_of(fed, settings)
    run = partial(run_study, series=series, out=out, memory=request.memory, reports=reports)
    pass_on(issue, study.samples.warnings)
    pass_on(issue, connectome_warnings(subjects, request.settings, request.grid))
    rank = ranks()
    if rank is None:
        with compiling_announced(print):
            result = run(study)
        finish(result, targets)
        return
    share = rank.share(study.grid.n_item)
    study = replace(study, settings=own_device(rank, study.settings), share=share)
    if rank.number > 0:
        own: Iterator[LaneResult] = iter(())
        if share[0] < share[1]:
            backend = backend_for(study.settings)
            reduction = None if series is None else series.reduction
            own = backend.run(backend.plan(study, Budget(request.memory, keep_result=False), reduction))
        send_results(rank, own)
        return
    print(f"{rank.size} processes; what follows is the first one's")
    finish(run(study, through=partial(gathered, rank)), targets)


def _haemodynamic_code(path: Path, settings: Settings) -> ModelCode:
    """Read the generated haemodynamic model.

    Raises
    ------
    InputError
        If it is not there, or not for the backend; the message says how to generate it.
    """
    name = _HAEMODYNAMIC
    description = path.parent.parent / name / f"{name}.json"
    if not description.is_file():
        raise InputError(
            f"{description} is not there, and BOLD signals need it; generate it with: rateloom generate "
            f"{name} --out {path.parent.parent}"
        )
    code = read_code(description)
    _check_runnable(description, code, settings)
    return code


def _check_runnable(path: Path, code: ModelCode, settings: Settings) -> None:
    """Raise InputError if the code that the backend runs does not lie beside the description."""
    language = BACKENDS[settings.backend].language
    if language not in code.texts:
        file = path.with_name(f"{path.stem}{CODE_FILES[language]}")
        raise InputError(f"{file} is not there; generate it with: rateloom generate MODEL")
