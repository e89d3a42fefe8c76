"""The table of options: of every command that simulates, and of generated driver scripts."""

from __future__ import annotations

from pathlib import Path

import typer

from .option import Option


def _list_devices(requested: bool) -> None:
    if requested:
        from rateloom.drivers.backends.cuda.gpus import list_devices
        from rateloom.drivers.support.memory import format_bytes

        for device in list_devices():
            print(f"{device.number}: {device.name}, {format_bytes(device.memory)} ({device.backend})")
        raise typer.Exit


_SETTING = "NAME=VALUE"
# No scanner is faster: whoever writes 2 means seconds, as scanners' settings do.
LEAST_BARE_TR = 50.0

TABLE = (
    Option(
        "axes", str, None, flag="--sweep", metavar="NAME=VALUES", repeatable=True, group="sweep",
        help="Axis of the sweep, once for each: G=0:1:16 (16 values from 0 to 1), eta=-5,-4.6 or "
        "nsig=log:1e-9:1e-4:4 (logarithmic). Any parameter, speed, seed=0:9 for repetitions, or "
        "connectome=sub-01.zip,sub-02.zip for subjects: a quoted pattern ('sub-*.zip') or @FILE, one a line, "
        "names them too.",
    ),
    Option(
        "items", str, None, metavar="FILE", group="sweep",
        help="Table of work items in place of axes, a row each: a column a parameter, speed or seed; .csv or "
        ".parquet.",
    ),
    Option(
        "connectome", str, None, group="simulation",
        help="tvb66, tvb68, tvb76, tvb96, tvb192, synthetic:N, a TVB zip, folder, .npz or .mat file, or "
        "WEIGHTS,LENGTHS, each a FILE[:VARIABLE]. tvb76 if left out.",
    ),
    Option(
        "lengths", str, None, group="simulation",
        help="Tract lengths: in mm (if left out), cm or m; centres (distances of the regions' centres); none "
        "(no delays).",
    ),
    Option(
        "normalize", str, "max", group="simulation",
        help="Weights divided by: max (the largest), row or column (sums), none.",
    ),
    Option(
        "duration", float, 1000.0, "Simulated time, ms, or as 2s or 10min.", group="simulation", unit="ms"
    ),
    Option("dt", float, 0.1, "Integration step, ms.", group="simulation", unit="ms"),
    Option(
        "integrator", str, "heun", group="simulation",
        help="The integration scheme: heun, euler, heun_renewed or rk4 (without noise).",
    ),
    Option(
        "settings", str, None, flag="--set", metavar=_SETTING, repeatable=True, group="simulation",
        help="Set a parameter: eta=-5, or eta=@values.csv with one value a node.",
    ),
    Option(
        "initial", str, None, metavar=_SETTING, repeatable=True, group="simulation",
        help="Set an initial state: r=0.1, or r=@values.csv.",
    ),
    Option(
        "speed", float, 3.0, "Conduction speed, mm/ms, which is m/s; inf for no delays.",
        group="simulation", unit="mm/ms",
    ),
    Option(
        "monitor", str, "tavg", group="monitor",
        help="tavg (means over --period), raw (every step) or bold (BOLD signals of the means).",
    ),
    Option("period", float, 1.0, "Time between samples of tavg, ms.", group="monitor", unit="ms"),
    Option("seed", int, 0, "Seed of noise and random initial states.", group="noise"),
    Option(
        "noise", bool, True, flag="--noise/--no-noise", group="noise",
        help="With the model's noise, or without.",
    ),
    Option(
        "inputs", str, None, flag="--input", metavar=_SETTING, repeatable=True, group="input",
        help="Give the model an input: stimulus=0.5, or stimulus=@signal.csv with one value a node (a row or "
        "column), or with a row a time, held until the next one: a header and a first column time (ms), then "
        "a column a node.",
    ),
    Option(
        "input_step", float, None, group="input", unit="ms",
        help="Time between the rows of --input files that have no column time, ms, or as 10ms; the first row "
        "comes at 0.",
    ),
    Option(
        "input_spread", bool, False, group="input",
        help="Spread the rows of such files evenly over the run, whatever its duration.",
    ),
    Option(
        "backend", str, "numba", group="backend",
        help="What runs it: numba (the processor), cuda (a GPU), emulated (a GPU's code on the processor).",
    ),
    Option("device", int, None, "Which GPU, counted from 0.", group="backend"),
    Option(
        "list_devices", bool, False, act=_list_devices, group="backend",
        help="Say which GPUs there are.",
    ),
    Option(
        "history_dtype", str, None, flag="--history", metavar="DTYPE", group="backend",
        help="Precision of delayed values on a device: float16 takes half of float32's memory.",
    ),
    Option("dtype", str, "float32", "float32 or float64.", group="backend"),
    Option(
        "math", str, "fast", group="backend",
        help="Elementary functions: fast (vectorised) or libm (the library's).",
    ),
    Option("threads", int, None, "CPU threads; all cores if left out.", group="backend"),
    Option(
        "lanes", int, None, group="backend",
        help="Work items advanced together: 1 to 32, a power of two; chosen if left out.",
    ),
    Option(
        "block", int, None, group="backend",
        help="Most steps a node is advanced at once: 1 to 32, a power of two; chosen if left out.",
    ),
    Option(
        "calibrate", bool, None, flag="--calibrate/--no-calibrate", group="backend",
        help="Choose --lanes and --block by measuring; for runs of minutes if left out, once a model.",
    ),
    Option(
        "keep_state", bool, False, group="continuing",
        help="Keep the state in which the run ends, so that another can go on from it.",
    ),
    Option(
        "continue_from", Path, None, flag="--continue", metavar="FILE", group="continuing",
        help="Go on from the state that a run kept, with noise, time and inputs, as if it had never stopped. "
        "Parameters and inputs that are left out stay as they were; the other settings must be the same.",
    ),
    Option(
        "bold_from", str, None, metavar="EXPOSURE", group="bold",
        help="What BOLD signals are made of; the first exposure that is no angle if left out.",
    ),
    Option(
        "tr", float, None, group="bold", unit="ms", least_bare=LEAST_BARE_TR,
        help="Time between volumes of BOLD, ms, or as 2s; 2000 if left out.",
    ),
    Option(
        "bold_dt", float, None, group="bold", unit="ms",
        help="Step of the haemodynamic model, ms, a whole number of samples; about 4 if left out.",
    ),
    Option(
        "warm_up", float, None, group="bold", unit="ms",
        help="Leave volumes of BOLD up to this time out, ms; 0 if left out.",
    ),
    Option(
        "bold_settings", str, None, flag="--bold-set", metavar=_SETTING, repeatable=True, group="bold",
        help="Set a parameter of the haemodynamic model: efficacy=0.1, or efficacy=@values.csv.",
    ),
    Option(
        "keep", str, None, group="keeping",
        help="What to keep: measures (of the samples of --monitor; rateloom sweep alone, and what it keeps "
        "unless --out names a .zarr store or .nc file), averages (the samples themselves), bold (BOLD "
        "volumes made of them) or raw (every step, whatever --monitor).",
    ),
    Option(
        "measures", str, None, metavar="NAMES", group="keeping",
        help="Which measures: names and families, mean_FC,kuramoto_order,spectrum; all if left out. "
        "Families: moments, connectivity, phase, synchrony, states, spectrum, bands, dynamics, default_mode "
        "(docs/measures.md). Moments and connectivity alone are made in one pass, without holding series.",
    ),
    Option(
        "custom", Path, None, metavar="FILE.py", repeatable=True, group="keeping",
        help="Python file with measures of your own: functions decorated with rateloom.measure.",
    ),
    Option(
        "matrices", bool, False, group="keeping",
        help="Keep functional connectivity and phase-lag index of each, too.",
    ),
    Option(
        "resume", Path, None, metavar="DIR", group="study",
        help="Go on with the study in a directory. Its plan says all but --threads, --device, --memory and "
        "--executor; a model and options that are given must be the plan's.",
    ),
    Option(
        "memory", str, None, group="study",
        help="Most memory to use, 4GB; half of what is free if left out.",
    ),
    Option(
        "executor", str, "threads", group="study",
        help="Where measures are made: threads (of this process), mpi (ranks that mpirun started) or dask "
        "(workers of --scheduler). Changes no result.",
    ),
    Option(
        "scheduler", str, None, metavar="ADDRESS", group="study",
        help="Dask's scheduler: its address, tcp://HOST:8786, or its file.",
    ),
    Option(
        "dry_run", bool, False, group="study",
        help="Say what keeping measures would take in memory, on disk and in time, by trying a little of it; "
        "nothing is written.",
    ),
    Option(
        "out", Path, None, group="output",
        help="Zarr store (.zarr or no ending) or netCDF file (.nc) to write, or directory where measures are "
        "kept; named after the model if left out.",
    ),
    Option(
        "plot", Path, None, group="output",
        help="Picture to write: .png, .pdf or .svg; named after --out if left out.",
    ),
    Option(
        "overwrite", bool, False, group="output",
        help="Replace the store and the pictures if they are there.",
    ),
)  # fmt: skip

# What decides a simulation, and where and how it is run.
SIMULATION = ("simulation", "monitor", "noise", "input", "backend")


def of_groups(*groups: str) -> tuple[Option, ...]:
    """Options of some groups, in the table's order."""
    return tuple(option for option in TABLE if option.group in groups)


def named(*names: str) -> tuple[Option, ...]:
    """Options by their names."""
    table = {option.name: option for option in TABLE}
    return tuple(table[name] for name in names)
