"""Commands that simulate: run and sweep."""

from __future__ import annotations

from typing import Any

import typer

from rateloom.cli_options import ModelName
from rateloom.drivers import options


def run(
    context: typer.Context,
    model: ModelName,
    connectome: options.ConnectomeName = None,
    normalize: options.Normalize = "max",
    duration: options.Duration = 1000.0,
    dt: options.TimeStep = 0.1,
    integrator: options.Integrator = "heun",
    settings: options.Settings = None,
    initial: options.Initial = None,
    speed: options.Speed = 3.0,
    monitor: options.Monitor = "tavg",
    period: options.Period = 1.0,
    seed: options.Seed = 0,
    noise: options.NoiseOn = True,
    inputs: options.Inputs = None,
    backend: options.Backend = "numba",
    dtype: options.Dtype = "float32",
    math: options.Math = "fast",
    threads: options.Threads = None,
    out: options.Out = None,
    plot: options.Plot = None,
    overwrite: options.Overwrite = False,
) -> None:
    """Simulate a model over a connectome once. Writes the result and a picture of its time series.

    \b
    Example:
      rateloom run montbrio --connectome tvb76 --set eta=-5 --duration 2000
    """
    from rateloom.drivers.plots import plot_run
    from rateloom.loading import load
    from rateloom.simulation import simulate

    loaded = load(model)
    store, picture = options.result_paths(f"{loaded.name}_run", out, plot, overwrite)
    result = simulate(loaded, **simulation_arguments(context.params), out=store, overwrite=overwrite)
    plot_run(result, picture)
    print(f"wrote {store}\nwrote {picture}")


def sweep(
    context: typer.Context,
    model: ModelName,
    axes: options.Axes,
    connectome: options.ConnectomeName = None,
    normalize: options.Normalize = "max",
    duration: options.Duration = 1000.0,
    dt: options.TimeStep = 0.1,
    integrator: options.Integrator = "heun",
    settings: options.Settings = None,
    initial: options.Initial = None,
    speed: options.Speed = 3.0,
    monitor: options.Monitor = "tavg",
    period: options.Period = 1.0,
    seed: options.Seed = 0,
    noise: options.NoiseOn = True,
    inputs: options.Inputs = None,
    backend: options.Backend = "numba",
    dtype: options.Dtype = "float32",
    math: options.Math = "fast",
    threads: options.Threads = None,
    keep: options.Keep = "averages",
    memory: options.Memory = None,
    out: options.Out = None,
    plot: options.Plot = None,
    overwrite: options.Overwrite = False,
) -> None:
    """Simulate a model at every point of a grid. Writes the results, a heat map and a grid of time series.

    \b
    Example:
      rateloom sweep montbrio --sweep G=0:0.2:16 --sweep eta=-6:-4:16 --dt 0.02 --duration 500
    """
    from rateloom.drivers.grid import Grid, parse_axis
    from rateloom.drivers.memory import parse_memory
    from rateloom.loading import load
    from rateloom.simulation import sweep as sweep_model

    loaded = load(model)
    grid = Grid(tuple(parse_axis(text) for text in axes or ()))
    store, picture = options.result_paths(f"{loaded.name}_sweep", out, plot, overwrite)
    result = sweep_model(
        loaded,
        {axis.name: axis.values for axis in grid.axes},
        **simulation_arguments(context.params),
        keep=keep,
        memory=None if memory is None else parse_memory(memory),
        out=store,
        overwrite=overwrite,
        announce=print,
    )
    for path in (store, *options.draw_sweep(result, picture)):
        print(f"wrote {path}")


def simulation_arguments(given: dict[str, Any]) -> dict[str, Any]:
    """Turn the options that run and sweep share into the keyword arguments of `simulate` and `sweep`."""
    from rateloom.drivers.assignments import parse_settings
    from rateloom.loading import default_connectome

    same = ("normalize", "duration", "dt", "integrator", "speed", "monitor", "period", "seed", "noise")
    return {name: given[name] for name in (*same, "backend", "dtype", "math", "threads")} | {
        "connectome": given["connectome"] or default_connectome(),
        "parameters": parse_settings("--set", given["settings"] or ()),
        "initial": parse_settings("--initial", given["initial"] or ()),
        "inputs": parse_settings("--input", given["inputs"] or ()),
    }
