"""Searches beyond a grid: Optuna asks for work items by the lane block, and is told what came of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from os import PathLike
from typing import Any

import numpy as np
import xarray as xr

from rateloom.api.bold import measured_study, recorded_bold
from rateloom.api.jobs import job_of
from rateloom.api.loading import given_connectome, load, model_text
from rateloom.api.measuring import request_of
from rateloom.api.search_aim import Aim, objectives_of
from rateloom.api.setup import Destination, Run, Setup, built_study
from rateloom.drivers.connectome.connectome import Connectome
from rateloom.drivers.measures.data_to_fit import DataToFit
from rateloom.drivers.measures.measure_settings import MeasureSettings
from rateloom.drivers.observation.bold.bold_settings import BoldSettings
from rateloom.drivers.observation.keep import Keep
from rateloom.drivers.observation.observation import observation_of
from rateloom.drivers.planning.backend_kinds import BACKENDS
from rateloom.drivers.planning.sample_times import sample_times
from rateloom.drivers.planning.settings import LANES, Settings
from rateloom.drivers.search.free import Free, unknowns_of
from rateloom.drivers.search.optimiser import BATCH, check_trials, method_of
from rateloom.drivers.search.outcome import dataset_of_trials, trial_settings
from rateloom.drivers.search.search_forecast import forecast_search, search_lines
from rateloom.drivers.search.search_run import Search, plan_search, run_search
from rateloom.drivers.support.compile_notice import compiling_announced
from rateloom.drivers.support.errors import InputError, shown
from rateloom.drivers.support.memory import check_memory
from rateloom.drivers.support.notices import issue, pass_on
from rateloom.dsl.model import Model

_OTHERS = ("monitor", "period", "parameters", "initial", "inputs", "history")


@dataclass(frozen=True)
class Sampling:
    """The sampler of a search, the number of its trials, and how many are simulated at once.

    Attributes
    ----------
    sampler, trials, batch
        See `search`.
    """

    sampler: str = "tpe"
    trials: int = 256
    batch: int | None = None

    def __post_init__(self) -> None:
        check_trials(self.trials)


def search(
    model: Model | str | PathLike[str],
    free: Mapping[str, Free | tuple[float, ...]],
    *,
    maximize: str | Sequence[str] = (),
    minimize: str | Sequence[str] = (),
    targets: Sequence[DataToFit] = (),
    by: str = "fc",
    exposure: str | None = None,
    measures: Sequence[str] | None = None,
    sampler: str = "tpe",
    trials: int = 256,
    batch: int | None = None,
    connectome: Connectome | str | PathLike[str] = "tvb76",
    normalize: str | None = None,
    math: str = "fast",
    convention: str = "standard",
    measure_settings: MeasureSettings | None = None,
    bold: BoldSettings | None = None,
    memory: int | str | None = None,
    out: str | PathLike[str] | None = None,
    resume: bool = False,
    dry_run: bool = False,
    overwrite: bool = False,
    progress: bool | None = None,
    announce: Callable[[str], None] | None = None,
    **options: Any,
) -> xr.Dataset:
    """Let an optimiser choose what to simulate next (Akiba et al. 2019, doi 10.1145/3292500.3330701).

    Parameters
    ----------
    free : mapping of str to (low, high), (low, high, step) or Free
        What may vary: parameters, elements of vectors such as ``P[3]``, or ``speed``, which takes a step.
        `rateloom.Free` frees a parameter per node, per group of nodes, or as a combination of maps.
    maximize, minimize : str or sequence of str, optional
        Measures of the whole brain that are made as large or small as can be: ``"mean_FC_r"``.
    targets : sequence of DataToFit, optional
        What each trial is compared with, see `rateloom.targets`; without `maximize` and `minimize`, the
        objectives are these comparisons, each averaged over the targets.
    by : {"fc", "fcd", "phase", "both"}
        Which of them: the correlation of functional connectivity, the distance of its dynamics or of those
        of phases, or the first two as two objectives.
    exposure : str, optional
        What of the model is compared; its first exposure that is no angle if left out.
    measures : sequence of str, optional
        Families and names of the measures that are taken, all by default; see `rateloom.measures`.
    sampler : {"tpe", "cmaes", "nsgaii", "qmc", "random"}
        Who chooses: Optuna's tree-structured Parzen estimator, CMA-ES (one objective), NSGA-II (several), or
        points that are spread evenly or at random.
    trials : int
        How many work items to simulate.
    batch : int, optional
        How many are asked for, and simulated, at once: 32, or as many as the sampler needs. They fill lane
        blocks; those of one lane block have one speed.
    bold : BoldSettings, optional
        What BOLD signals are made with, where their measures are sought: with these, or with
        ``monitor="bold"``, measures and comparisons are those of ``BOLD`` alone.
    out : path, optional
        A directory that keeps the trials, in Optuna's journal; a search that was stopped goes on there.
    resume : bool
        Whether to go on with the search in `out`, which must be this one but for `trials`.
    dry_run : bool
        Whether only to say what the search would take: a lane block and some trials are tried, and nothing is
        kept. What is returned has the figures for its attributes.
    **options
        ``parameters``, ``initial``, ``inputs``, ``history`` and the settings of `rateloom.simulate`; `seed`
        is also the sampler's. A trial is known to the random numbers by its own number.

    The other parameters are those of `rateloom.sweep`.

    Returns
    -------
    xarray.Dataset
        Dimension ``trial``: free numbers and parameters as coordinates, the measures of the whole brain and
        ``diverged_step`` as variables. Its attribute ``best`` lists trials, best first; of several
        objectives, those that none beats in all. `rateloom.trial` says how to simulate one again.

    Raises
    ------
    ModelError, InputError
        If anything given cannot be used or does not fit; one line says what and why.
    """
    settings = _settings(options)
    observation = observation_of(
        options.get("monitor", "tavg"), options.get("period", 1.0), bold, keep="measures"
    )
    samples = sample_times(settings, observation.monitor, observation.period)
    sampling = Sampling(sampler, trials, batch)
    run = Run(check_memory(memory), progress, announce, dry=dry_run, warn=issue)
    if not (measure_settings is None or isinstance(measure_settings, MeasureSettings)):
        raise InputError(f"measure_settings={shown(measure_settings)}: give a rateloom.MeasureSettings")
    keep = Keep("measures", measures, convention=convention, settings=measure_settings, targets=targets)
    brain, normalization = given_connectome(connectome, normalize)
    setup = Setup(
        load(model), brain, settings, samples, observation.bold, normalization, math,
        parameters=options.get("parameters"), initial=options.get("initial"),
        inputs=options.get("inputs"), history=options.get("history"),
    )  # fmt: skip
    aim = Aim(maximize, minimize, by, exposure)
    return search_setup(setup, free, keep, aim, sampling, run, Destination(out, overwrite, resume))


def search_setup(
    setup: Setup,
    free: Mapping[str, Free | tuple[float, ...]],
    keep: Keep,
    aim: Aim,
    sampling: Sampling,
    run: Run,
    destination: Destination,
) -> xr.Dataset:
    """Search around a setup; see `search`.

    Raises
    ------
    InputError
        If anything given does not fit.
    """
    path, settings, connectome = destination.path, setup.settings, setup.connectome
    if settings.calibrate:
        raise InputError("calibrate: all lane blocks of a search have one width; give lanes= and block=")
    if path is None and destination.resume:
        raise InputError("resume=True: give the search's directory with out=")
    pass_on(run.warn, setup.warnings)
    unknowns = unknowns_of(free, connectome.n_node, connectome.labels)
    lanes = settings.lanes or _lanes(settings.backend, sampling.batch)
    study = built_study(replace(setup, settings=replace(settings, lanes=lanes)))
    source = None
    if setup.bold is not None:
        study, source = measured_study(study, setup.bold)
    request = request_of(connectome, keep, setup.bold)
    job = job_of(study, model_text(setup.model), run, request, source)
    objectives = objectives_of(job.recipe, keep.targets, aim)
    method = method_of(sampling.sampler, sampling.batch, lanes, settings.seed, unknowns, len(objectives))
    described = Search(job, unknowns, objectives, method)
    plan, n_trial = plan_search(described), int(sampling.trials)
    # one that is opened stays so from batch to batch
    described = replace(described, job=replace(job, backend=plan.backend))
    if run.announce is not None:
        run.say(search_lines(described, n_trial))
    if run.dry:
        figures = forecast_search(described, plan, n_trial)
        run.say(figures.lines)
        return xr.Dataset(attrs=figures.attributes)
    with compiling_announced(run.announce):
        finished = run_search(described, plan, n_trial, path, destination.resume, destination.overwrite)
    return dataset_of_trials(described, plan, finished)


def trial(found: xr.Dataset, number: int) -> dict[str, Any]:
    """Return the arguments that simulate a trial of a search again, bit for bit.

    Parameters
    ----------
    found : xarray.Dataset
        What `search` returned.
    number : int
        Which trial; ``found.attrs["best"][0]`` is the best one.

    Returns
    -------
    dict
        For ``rateloom.simulate(model, connectome=..., **rateloom.trial(found, number))``, where inputs and a
        history are given again if the search had them. With a search of BOLD signals, for these.

    Raises
    ------
    InputError
        If there is no such trial, or its haemodynamic model is no shipped one.
    """
    settings = trial_settings(found, number)
    if "bold_model" not in found.attrs:
        return settings
    bold = recorded_bold(found.attrs)
    if bold is None:
        name = found.attrs["bold_model"]
        raise InputError(f"trial {number}: its haemodynamic model {name} is not the shipped one of this name")
    return settings | {"monitor": "bold", "bold": bold}


def _settings(options: Mapping[str, Any]) -> Settings:
    names = [field.name for field in fields(Settings)]
    unknown = [name for name in options if name not in (*names, *_OTHERS)]
    if unknown:
        raise InputError(f"search: {unknown[0]!r} is no option of it; see help(rateloom.search)")
    return Settings(**{name: value for name, value in options.items() if name in names})


def _lanes(backend: str, batch: object) -> int:
    """Lane blocks that a batch fills, up to the width that is fast."""
    full = BACKENDS[backend].full_lanes
    count = int(batch) if isinstance(batch, int | np.integer) else BATCH
    return next(lanes for lanes in LANES if lanes >= min(count, full))
