"""The optimiser, Optuna: it is asked for a batch of candidates and told their objectives."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rateloom.drivers.planning.parameters import SPEED
from rateloom.drivers.support.arguments import whole_number
from rateloom.drivers.support.errors import InputError, shown

from .free import Unknown

Floats = NDArray[np.float64]
SAMPLERS = ("tpe", "cmaes", "nsgaii", "qmc", "random")
DIRECTIONS = ("maximize", "minimize")
BATCH = 32
_MOST_TRIALS = 1_000_000
# a batch has one speed for each lane block: with fewer, CMA-ES could not compare speeds
_BLOCKS_TO_CHOOSE_FROM = 4


@dataclass(frozen=True)
class Objective:
    """A measure that a search maximizes or minimizes.

    Attributes
    ----------
    name : str
        Its name.
    direction : {"maximize", "minimize"}
    columns : tuple of str
        The measures whose mean it is.
    """

    name: str
    direction: str
    columns: tuple[str, ...]


@dataclass(frozen=True)
class Method:
    """The settings of the choice of candidates.

    Attributes
    ----------
    sampler : {"tpe", "cmaes", "nsgaii", "qmc", "random"}
        A sampler of Optuna's.
    batch : int
        Number of candidates that are asked for and simulated at once.
    lanes : int
        Number of candidates that share a lane block, and with it a speed.
    seed : int
        Seed of the sampler's random numbers.
    """

    sampler: str
    batch: int
    lanes: int
    seed: int


def method_of(
    sampler: object, batch: object, lanes: int, seed: int, unknowns: Sequence[Unknown], n_objective: int
) -> Method:
    """Check and complete the settings of the choice of candidates.

    Parameters
    ----------
    batch : int or None
        Two full lane blocks by default, or as many as the sampler needs.

    Raises
    ------
    InputError
        If there is no such sampler, or it cannot search for these unknowns.
    """
    if not isinstance(sampler, str) or sampler not in SAMPLERS:
        raise InputError(f"sampler={shown(sampler)} is unknown; use one of {', '.join(SAMPLERS)}")
    n_number = sum(len(unknown.numbers) for unknown in unknowns)
    fewest = 2 if sampler in ("cmaes", "nsgaii") else 1
    if sampler == "cmaes":
        if n_objective > 1:
            raise InputError("sampler cmaes has one objective; use nsgaii or tpe for several")
        if n_number < 2:
            raise InputError("sampler cmaes needs two free numbers; use tpe for one")
        if any(unknown.name == SPEED for unknown in unknowns):
            fewest = _BLOCKS_TO_CHOOSE_FROM * lanes
    chosen = max(BATCH, fewest) if batch is None else batch
    chosen = whole_number("batch", chosen, 1, _MOST_TRIALS)
    if chosen < fewest:
        speed = ", since a lane block has one speed" if fewest > 2 else ""
        raise InputError(f"batch={chosen}: sampler {sampler} needs {fewest} candidates at once{speed}")
    return Method(sampler, chosen, lanes, seed)


def check_trials(trials: object) -> int:
    """Return the number of trials; raise InputError if it is no possible one."""
    return whole_number("trials", trials, 1, _MOST_TRIALS)


def versions() -> dict[str, str]:
    """Return the versions of the libraries that decide the choice of candidates."""
    _optuna()
    return {name: version(name) for name in ("optuna", "cmaes")}


def new_search(method: Method, objectives: Sequence[Objective]) -> Any:
    """Return a new `optuna.Study` in memory."""
    optuna = _optuna()
    seed = int(np.random.SeedSequence(method.seed).generate_state(1)[0])
    samplers = optuna.samplers
    with quiet(optuna):
        if method.sampler == "tpe":
            sampler = samplers.TPESampler(seed=seed, constant_liar=True)
        elif method.sampler == "cmaes":
            sampler = samplers.CmaEsSampler(seed=seed, popsize=method.batch, warn_independent_sampling=False)
        elif method.sampler == "nsgaii":
            sampler = samplers.NSGAIISampler(seed=seed, population_size=method.batch)
        elif method.sampler == "qmc":
            sampler = samplers.QMCSampler(seed=seed, scramble=True, warn_independent_sampling=False)
        else:
            sampler = samplers.RandomSampler(seed=seed)
        return optuna.create_study(sampler=sampler, directions=[o.direction for o in objectives])


def distributions_of(unknowns: Sequence[Unknown]) -> dict[str, Any]:
    """Return Optuna's distributions of the free numbers."""
    from optuna.distributions import FloatDistribution

    return {
        number: FloatDistribution(within.low, within.high, log=within.log, step=within.step)
        for unknown in unknowns
        for number, within in zip(unknown.numbers, unknown.ranges, strict=True)
    }


def ask(search: Any, unknowns: Sequence[Unknown], count: int, lanes: int) -> list[Any]:
    """Ask for candidates; each group of `lanes` candidates has the speed of its first."""
    distributions = distributions_of(unknowns)
    trials: list[Any] = []
    with quiet(_optuna()):
        for k in range(count):
            if k % lanes and SPEED in distributions:
                search.enqueue_trial({SPEED: trials[k - k % lanes].params[SPEED]})
            trials.append(search.ask(distributions))
    return trials


def tell(search: Any, trials: Sequence[Any], values: Floats) -> None:
    """Tell the objectives of candidates; a candidate with a value that is not finite has failed.

    Parameters
    ----------
    values : (trial, objective) array
    """
    from optuna.trial import TrialState

    with quiet(_optuna()):
        for trial, row in zip(trials, values, strict=True):
            if np.isfinite(row).all():
                search.tell(trial, [float(value) for value in row])
            else:
                search.tell(trial, state=TrialState.FAIL)


def numbers_of(params: Sequence[Mapping[str, float]], unknowns: Sequence[Unknown]) -> dict[str, Floats]:
    """Return the parameters (item,) or (item, n_node) of candidates."""
    parameters = {}
    for unknown in unknowns:
        numbers = np.array(
            [[candidate[name] for name in unknown.numbers] for candidate in params], np.float64
        )
        parameters[unknown.name] = unknown.values(numbers)
    return parameters


def _optuna() -> Any:
    try:
        import optuna
    except ImportError:
        raise InputError("a search needs Optuna: pip install 'rateloom[search]'") from None
    return optuna


@contextmanager
def quiet(optuna: Any) -> Iterator[None]:
    """Silence Optuna's log and its warnings about experimental parts."""
    before = optuna.logging.get_verbosity()
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
            yield
    finally:
        optuna.logging.set_verbosity(before)
