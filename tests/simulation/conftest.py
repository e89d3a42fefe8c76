"""Compiled kernels are kept from call to call; the model that studies are made of."""

import functools

import pytest
from special_models import DRIVEN

from rateloom.drivers.backends.numba import lane_threads as engine


@pytest.fixture(autouse=True, scope="session")
def kernels_kept():
    """Thousands of short runs would each read the same compiled kernels from disk."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(engine, "build_kernels", functools.cache(engine.build_kernels))
        yield


@pytest.fixture(scope="session")
def model(tmp_path_factory):
    """A small model with inputs, delays and noise, in a file, which a study takes its text from."""
    path = tmp_path_factory.mktemp("model") / "driven.xml"
    path.write_text(DRIVEN)
    return path
