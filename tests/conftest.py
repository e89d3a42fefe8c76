"""Make the helpers that several test folders share importable as plain modules."""

import sys
from pathlib import Path

for folder in ("helpers", "oracle", "parity", "cuda_on_host"):
    sys.path.insert(0, str(Path(__file__).parent / folder))
