"""Series that the tests of measures share, and the measures of one."""

import numpy as np

from rateloom.drivers.measures.context import Context
from rateloom.drivers.measures.item import measures_of
from rateloom.drivers.measures.measure_settings import MeasureSettings

# single precision carries 6e-8 a number; correlations and spectra of thousands of samples lose a digit
SINGLE = 2e-6
DOUBLE = 1e-11


def noise(n_node=6, n_time=1500, seed=0, dtype=np.float64):
    """Correlated noise around 10 Hz, each region with a scale of its own."""
    rng = np.random.default_rng(seed)
    common = rng.standard_normal(n_time)
    own = rng.standard_normal((n_node, n_time))
    share = np.linspace(0.1, 0.9, n_node)[:, None]
    smooth = np.cumsum(share * common + (1 - share) * own, axis=1) * 0.05
    return (10 + np.arange(1, n_node + 1)[:, None] * (own + smooth)).astype(dtype)


def context(convention="standard", rate=True, dt=1.0, **settings):
    return Context(dt, rate, convention, MeasureSettings(**settings), matrices=True)


def measured(values, convention="standard", rate=True, dt=1.0, **settings):
    return measures_of(np.ascontiguousarray(values), context(convention, rate, dt, **settings))
