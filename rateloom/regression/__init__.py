"""Whether every target and the oracle give the same results for a model."""

from .differences import FREE_RUN, ONE_STEP, Difference
from .regression import Regression, regress

__all__ = ["FREE_RUN", "ONE_STEP", "Difference", "Regression", "regress"]
