"""Simulations by Python alone, without Numba's compiler: this file is the program of another process."""

import os
import pickle
import subprocess
import sys
import tempfile
from pathlib import Path

from printing import model_of
from small_network import simulate


def values_in_python(bodies, state, parameters=None):
    """Simulate models with Numba's compiler switched off: names mean the same to Python alone."""
    with tempfile.TemporaryDirectory() as folder:
        given = Path(folder) / "given.pickle"
        given.write_bytes(pickle.dumps((bodies, state, parameters or {})))
        command = [sys.executable, str(Path(__file__)), str(given)]
        environment = {**os.environ, "NUMBA_DISABLE_JIT": "1"}
        subprocess.run(command, check=True, env=environment, timeout=500)
        return pickle.loads(given.with_suffix(".result").read_bytes())


if __name__ == "__main__":
    several, shown, values = pickle.loads(Path(sys.argv[1]).read_bytes())
    results = [simulate(model_of(body), parameters=values)[shown].values for body in several]
    Path(sys.argv[1]).with_suffix(".result").write_bytes(pickle.dumps(results))
