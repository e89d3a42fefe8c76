"""Regressions: comparisons of a model's results on all targets and on the oracle."""

from .differences import FREE_RUN, ONE_STEP, Difference
from .regression import Regression, regress

__all__ = ["FREE_RUN", "ONE_STEP", "Difference", "Regression", "regress"]
