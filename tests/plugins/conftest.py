"""Make what lays out and runs CUDA source on the host importable."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "simulation"))
