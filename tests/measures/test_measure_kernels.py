"""Kernels are compiled wherever Python can run, and none depends on another file's."""

import importlib
import pkgutil

import numpy as np
import pytest
from numba.core.dispatcher import Dispatcher

import rateloom.drivers.measures as package
from rateloom.drivers.measures.jit_options import EXACT, kernel

MODULES = [module.name for module in pkgutil.iter_modules(package.__path__)]


@pytest.mark.parametrize("name", MODULES)
def test_what_is_kept_on_disk_depends_on_its_own_file_alone(name):
    module = importlib.import_module(f"{package.__name__}.{name}")
    for value in vars(module).values():
        if isinstance(value, Dispatcher):
            assert value.py_func.__module__ == module.__name__


def test_kernels_run_where_nothing_can_be_kept(monkeypatch):
    # what Numba says if no folder can be written
    def refused(self):
        raise RuntimeError("cannot cache function: no locator available")

    monkeypatch.setattr(Dispatcher, "enable_caching", refused)

    @kernel(EXACT)
    def total(values):
        result = 0.0
        for value in values:
            result += value
        return result

    assert total(np.arange(4.0)) == 6
