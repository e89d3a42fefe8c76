"""The tools that are compared, and the environment of its own that each peer runs in."""

from __future__ import annotations

import shutil
import subprocess
import sys
import venv
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from setups import SETUPS

PEERS = Path(__file__).with_name("peers")


@dataclass(frozen=True)
class Tool:
    """A simulator, how it is driven, and where its job differs from rateloom's.

    ``requirements`` is what pip installs into the folder ``environment``; a tool without one runs in the
    interpreter that runs the benchmark. ``settings`` reach the script as JSON. A tool that is ``alone``
    simulates one item after another on one core: it is measured once a round, and compared with every size.
    ``most_steps`` shortens the runs of slow tools. A tool with ``own_model`` simulates a model of its own.
    """

    script: str
    models: tuple[str, ...]
    environment: str = ""
    requirements: tuple[str, ...] = ()
    settings: Mapping[str, object] = field(default_factory=dict)
    remarks: tuple[str, ...] = ()
    alone: bool = False
    most_steps: int = 40_000
    own_model: bool = False


_TVBK = Tool(
    "run_tvbk.py",
    ("montbrio",),
    "tvbk",
    ("tvbk==0.5",),
    settings={"one_average": False},
    remarks=(
        "its Heun reads the delayed coupling a second time, one step later, in the second stage",
        "it draws normal deviates, two a state variable and step, and multiplies them by zero",
        "delays of no step become one step",
    ),
)

TOOLS: dict[str, Tool] = {
    "rateloom": Tool("run_rateloom.py", tuple(SETUPS), settings={"calibrate": False}),
    "tvb": Tool(
        "run_tvb.py",
        tuple(SETUPS),
        "tvb",
        ("tvb-library==2.10.0", "numba>=0.60"),
        remarks=(
            "one simulation after another on one core, its NumPy backend",
            "400 steps, its set-up left out",
            "arithmetic in double precision, history and weights in float32",
        ),
        alone=True,
        most_steps=400,
    ),
    "tvbk": _TVBK,
    "tvbk-one-average": replace(
        _TVBK,
        settings={"one_average": True},
        remarks=("as tvbk, but less work: one average over the whole run instead of one a sample",),
    ),
    "tvboptim": Tool(
        "run_tvboptim.py",
        ("montbrio",),
        "tvboptim",
        ("tvboptim==0.4.0",),
        settings={"batch": 16},
        remarks=("its delays are shifted by half a step, to undo the bias of a coupling held for a step",),
    ),
    "tvb-numba": Tool(
        "run_tvb_numba.py",
        ("montbrio",),
        "tvb",
        ("tvb-library==2.10.0", "numba>=0.60"),
        remarks=(
            "arithmetic in double precision on float32 arrays",
            "one simulation after another, one core",
        ),
        alone=True,
    ),
    "vbjax": Tool(
        "run_vbjax.py",
        ("montbrio",),
        "vbjax",
        ("vbjax==0.0.19", "tqdm>=4"),
        settings={"group": 8},
        remarks=(
            "its Heun reads the delayed coupling a second time, one step later, in the second stage",
            "delays of no step become one step",
            "200 steps a run, whose whole series it keeps",
        ),
        most_steps=200,
    ),
    "neurolib": Tool(
        "run_neurolib.py",
        ("wilson_cowan",),
        "neurolib",
        ("neurolib==0.6.2",),
        remarks=(
            "its own variant of Wilson and Cowan's model, of the same size, by Euler: half the evaluations",
            "one simulation after another on one core, 2000 steps, in double precision",
            "it draws normal deviates and multiplies them by zero",
        ),
        alone=True,
        most_steps=2000,
        own_model=True,
    ),
}


def interpreter(tool: Tool, root: Path) -> Path:
    """Python that runs a tool; makes its environment under ``root`` where that is not there yet.

    Raises
    ------
    RuntimeError
        pip could not install the tool; the message is pip's last line.
    """
    if not tool.environment:
        return Path(sys.executable)
    folder = root / tool.environment
    python, stamp = folder / "bin" / "python", folder / "installed.txt"
    wanted = "\n".join(tool.requirements)
    if stamp.is_file() and stamp.read_text(encoding="utf-8") == wanted:
        return python
    shutil.rmtree(folder, ignore_errors=True)
    venv.create(folder, with_pip=True)
    command = [str(python), "-m", "pip", "install", "--quiet", *tool.requirements]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        reason = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
        raise RuntimeError(f"cannot install {' '.join(tool.requirements)}: {reason}")
    # Written last: an installation that was cut off is made anew.
    stamp.write_text(wanted, encoding="utf-8")
    return python
