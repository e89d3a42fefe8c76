"""Make the host runner for CUDA source importable, and keep compiled kernels from call to call."""

import functools
import sys
from pathlib import Path

import pytest

from rateloom.drivers import engine

sys.path.insert(0, str(Path(__file__).parents[1] / "cuda_on_host"))


@pytest.fixture(autouse=True, scope="session")
def kernels_kept():
    """Thousands of short runs would each read the same compiled kernels from disk."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(engine, "build_kernels", functools.cache(engine.build_kernels))
        yield
