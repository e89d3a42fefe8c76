"""Simulating a model once, or over a grid of parameters."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from os import PathLike
from typing import Any

import xarray as xr
from numpy.typing import ArrayLike

from rateloom.api.continuing import check_other_place, with_state
from rateloom.api.loading import given_connectome, load
from rateloom.api.setup import Destination, Run, Setup
from rateloom.drivers.connectome.connectome import Connectome
from rateloom.drivers.measures.custom import Measure
from rateloom.drivers.measures.data_to_fit import DataToFit
from rateloom.drivers.measures.measure_settings import MeasureSettings
from rateloom.drivers.observation.bold.bold_settings import BoldSettings
from rateloom.drivers.observation.keep import Keep, check_keep
from rateloom.drivers.observation.observation import observation_of
from rateloom.drivers.planning.grid import Grid
from rateloom.drivers.planning.sample_times import sample_times
from rateloom.drivers.planning.settings import Settings
from rateloom.drivers.support.memory import check_memory
from rateloom.drivers.support.notices import issue
from rateloom.dsl.model import Model

from .running import run_series, run_sweep
from .subject_grids import grid_and_connectomes


def simulate(
    model: Model | str | PathLike[str],
    *,
    connectome: Connectome | str | PathLike[str] = "tvb76",
    normalize: str | None = None,
    duration: float = 1000.0,
    dt: float = 0.1,
    integrator: str = "heun",
    parameters: Mapping[str, ArrayLike] | None = None,
    initial: Mapping[str, ArrayLike] | None = None,
    history: ArrayLike | None = None,
    speed: float = 3.0,
    monitor: str = "tavg",
    period: float = 1.0,
    seed: int = 0,
    noise: bool = True,
    inputs: Mapping[str, ArrayLike] | None = None,
    backend: str = "numba",
    dtype: str = "float32",
    math: str = "fast",
    threads: int | None = None,
    lanes: int | None = None,
    block: int | None = None,
    device: int | None = None,
    history_dtype: str | None = None,
    calibrate: bool | None = None,
    bold: BoldSettings | None = None,
    item: int = 0,
    keep_state: bool = False,
    continue_from: xr.Dataset | str | PathLike[str] | None = None,
    out: str | PathLike[str] | None = None,
    overwrite: bool = False,
    progress: bool | None = None,
) -> xr.Dataset:
    """Simulate a model over a connectome once.

    Parameters
    ----------
    model : Model, str or path
        See `load`.
    connectome, normalize
        See `rateloom.connectome`: a `Connectome` is used as it is unless `normalize` says otherwise.
    duration, dt : float
        Length of the run and integration step in ms.
    integrator : {"heun", "euler", "heun_renewed", "rk4"}
        Integration scheme. ``heun_renewed`` reads the coupling of the next step in its second stage, and is
        of second order with delays; ``rk4`` is for equations without noise.
    parameters : mapping of str to number or array (node,), optional
        Values that differ from the model's; an array makes a parameter regional.
    initial : mapping of str to number or array (node,), optional
        States at t = 0, held constant before it; those left out are drawn from the model's ranges.
    history : array (time, state, node), optional
        States at consecutive steps before t = 0, the last one at t = 0; takes the place of `initial`.
    speed : float
        Conduction speed in mm/ms; infinite for no delays.
    monitor : {"tavg", "raw", "bold"}
        Averages over windows of `period` ms, stamped at their middle, or every step, or BOLD signals made of
        the averages while these come.
    seed : int
        Of the noise and of the initial states.
    noise : bool
        Whether the model's noise is on.
    inputs : mapping of str to array, optional
        A number, one value a node, an array (time, node) spread evenly over the run, or a DataArray with
        dimensions ``time`` (ms) and ``node``, held constant between its samples.
    dtype : {"float32", "float64"}
        Precision of the kernels and of the result.
    math : {"fast", "libm"}
        Elementary functions: generated ones that compile to vector instructions, or the standard library's.
    threads, lanes, block : int, optional
        How the kernels run: threads, work items advanced together, and the most steps that a node is advanced
        at once; chosen if left out.
    calibrate : bool, optional
        Whether `lanes` and `block` are chosen by measuring, once for a model, connectome size and processor;
        where a study takes minutes by default.
    backend : {"numba", "cuda", "emulated", "emulated-debug"}
        On the processor; on a GPU; the GPU's source on the processor, slowly and exactly; the same, each
        launch done again with the threads in other orders, which must change no bit.
    device : int, optional
        Which GPU, counted from 0.
    history_dtype : {"float16"}, optional
        Precision of the delayed values on a device; half of the memory and traffic of float32. Values are
        scaled by powers of two, from their sizes at the start; those that grow 32,000 times saturate.
    bold : BoldSettings, optional
        What BOLD signals are made with.
    item : int
        Index of the work item in a sweep, to simulate that one again: its random numbers depend on it.
    keep_state : bool
        Whether the result keeps the state in which the run ends, so that another can go on from it.
    continue_from : xarray.Dataset or path, optional
        A result that kept its state, or its store: the run goes on from there for `duration`, with noise,
        time and inputs, as if it had never stopped. Parameters and inputs that are left out stay as they
        were, the other settings must be the same.
    out : path, optional
        A Zarr store, or a netCDF file (``.nc``), to write; the dataset returned is then opened from it.
    progress : bool, optional
        Whether to show a progress bar; on a terminal by default.

    Returns
    -------
    xarray.Dataset
        One variable an exposure, or ``BOLD``, with dimensions (time, node), and ``diverged_step``; the
        attributes hold every setting.

    Raises
    ------
    ModelError, InputError
        If anything given cannot be used; one line says what and why.
    """
    observation = observation_of(monitor, period, bold)
    settings = Settings(
        duration, dt, integrator, speed, seed, noise, backend, dtype, threads, lanes, block, device,
        history_dtype, calibrate,
    )  # fmt: skip
    samples = sample_times(settings, observation.monitor, observation.period)
    brain, normalization = given_connectome(connectome, normalize)
    setup = Setup(
        load(model), brain, settings, samples, observation.bold, normalization, math,
        Grid(), parameters, initial, inputs, history, item,
    )  # fmt: skip
    check_other_place(continue_from, out)
    setup = with_state(setup, continue_from, keep_state)
    return run_series(setup, Run(progress=progress, warn=issue), Destination(out, overwrite))


def sweep(
    model: Model | str | PathLike[str],
    axes: Mapping[str, Any],
    *,
    connectome: Connectome | str | PathLike[str] = "tvb76",
    normalize: str | None = None,
    duration: float = 1000.0,
    dt: float = 0.1,
    integrator: str = "heun",
    parameters: Mapping[str, ArrayLike] | None = None,
    initial: Mapping[str, ArrayLike] | None = None,
    history: ArrayLike | None = None,
    speed: float = 3.0,
    monitor: str = "tavg",
    period: float = 1.0,
    seed: int = 0,
    noise: bool = True,
    inputs: Mapping[str, ArrayLike] | None = None,
    backend: str = "numba",
    dtype: str = "float32",
    math: str = "fast",
    threads: int | None = None,
    lanes: int | None = None,
    block: int | None = None,
    device: int | None = None,
    history_dtype: str | None = None,
    calibrate: bool | None = None,
    keep: str = "averages",
    measures: Sequence[str] | None = None,
    custom: Sequence[Measure] = (),
    matrices: bool = False,
    convention: str = "standard",
    measure_settings: MeasureSettings | None = None,
    targets: Sequence[DataToFit] = (),
    bold: BoldSettings | None = None,
    keep_state: bool = False,
    continue_from: xr.Dataset | str | PathLike[str] | None = None,
    memory: int | str | None = None,
    executor: object = None,
    scheduler: object = None,
    out: str | PathLike[str] | None = None,
    resume: bool = False,
    dry_run: bool = False,
    overwrite: bool = False,
    progress: bool | None = None,
    announce: Callable[[str], None] | None = None,
) -> xr.Dataset:
    """Simulate a model at every combination of the axes' values.

    Parameters
    ----------
    axes : mapping of str to array
        Values of each axis: a parameter, an element of a vector such as ``P[3]``, ``speed``, or ``seed``, for
        repetitions with other noise and other random initial states; or ``connectome``, a list of
        connectomes, names or paths with the same regions, in place of the argument of this name. The last
        axis varies fastest. `rateloom.work_items` gives a list of work items instead of all combinations.
    keep : {"averages", "measures", "bold", "raw"}
        What to keep of each simulation: the monitor's samples, the measures that `rateloom.measures` takes
        of these, the BOLD signals that come of these, or every step. With ``bold`` or ``monitor="bold"``, the
        measures are those of BOLD signals.
    measures, custom, matrices, convention, measure_settings
        Which measures, and how they are taken; see `rateloom.measures`. Where all that is asked for can be
        made in one pass (moments, functional connectivity and what is compared with it), no series are held,
        however long they are. Functions in `custom` are called from several threads.
    targets : sequence of DataToFit
        What each work item is compared with as well, if measures are kept; see `rateloom.targets`.
    bold : BoldSettings, optional
        What BOLD signals are made with.
    keep_state, continue_from
        See `simulate`: beside its series every work item keeps the state in which it ends, and a sweep of the
        same axes goes on from there.
    memory : int or str, optional
        Most memory to use, in bytes or as ``"4GB"``; half of what is free by default.
    executor : {"threads", "mpi", "dask"} or concurrent.futures.Executor, optional
        Where measures are made: on threads of this process, which is the default, by the ranks that
        ``mpirun`` started, by Dask's workers, or by the processes of an executor. Changes no result.
    scheduler : str, path or object, optional
        Dask's scheduler: its address, its file, a cluster or a client.
    out : path, optional
        A Zarr store to write, as in `simulate`; with measures, the directory of a study, which survives
        being stopped.
    resume : bool
        Whether to go on with the study in `out`, which must be this one; `rateloom.resume` needs nothing but
        its directory.
    dry_run : bool
        Whether only to say what keeping measures would take: the plan is made, a small store and a lane block
        are tried, and nothing is kept. What is returned has the figures for its attributes.
    announce : callable, optional
        Told, line by line, what will be done.

    The other parameters are those of `simulate`.

    Returns
    -------
    xarray.Dataset
        One variable an exposure, with dimensions (\\*axes, time, node), and ``diverged_step`` (\\*axes). Of
        measures: what `rateloom.measures` returns, with dimensions (\\*axes) or (\\*axes, node).

    Raises
    ------
    ModelError, InputError
        If anything given cannot be used or does not fit; one line says what and why.
    """
    observation = observation_of(monitor, period, bold, check_keep(keep))
    settings = Settings(
        duration, dt, integrator, speed, seed, noise, backend, dtype, threads, lanes, block, device,
        history_dtype, calibrate,
    )  # fmt: skip
    samples = sample_times(settings, observation.monitor, observation.period)
    keep_settings = Keep(keep, measures, custom, matrices, convention, measure_settings, targets)
    run = Run(check_memory(memory), progress, announce, executor, scheduler, dry_run, issue)
    loaded = load(model)
    grid, (first, *others) = grid_and_connectomes(loaded, axes, connectome, normalize)
    setup = Setup(
        loaded, first.connectome, settings, samples, observation.bold, first.normalize, math,
        grid, parameters, initial, inputs, history,
        subjects=(first, *others) if grid.connectomes else (),
    )  # fmt: skip
    check_other_place(continue_from, out)
    setup = with_state(setup, continue_from, keep_state)
    return run_sweep(setup, keep_settings, run, Destination(out, overwrite, resume))
