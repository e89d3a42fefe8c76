"""What cannot be a measure of a user's own is refused, and what fails says which it was."""

import numpy as np
import pytest

from rateloom.drivers.measures.custom import apply, check_measures, measure
from rateloom.drivers.support.errors import InputError

VALUES = np.ones((3, 50, 4))


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: measure(3), "decorate a function"),
        (lambda: measure(lambda values: 1), "letters, digits and underscores"),
        (lambda: measure(name="two words")(np.mean), "letters, digits and underscores"),
        (lambda: measure(name=7)(np.mean), "letters, digits and underscores"),
        (lambda: measure(name="mean_FC")(np.mean), "there is one of this name"),
        (lambda: measure(name="PLI")(np.mean), "there is one of this name"),
        (lambda: measure(name="slow_rel_p")(np.mean), "there is one of this name"),
        (lambda: check_measures([measure(name="a")(np.mean)] * 2), "two measures are called a"),
    ],
)
def test_what_is_no_measure_is_refused(make, message):
    with pytest.raises(InputError, match=message):
        make()


@pytest.mark.parametrize(
    ("function", "batched", "message"),
    [
        (lambda values: 1 / 0, False, "measure mine raises ZeroDivisionError: division by zero"),
        (lambda values: values, False, r"returns an array of shape \(3, 50, 4\); return a number"),
        (lambda values: values[0, :2], False, r"shape \(3, 2\); return a number, or one a node"),
        (lambda values: 1.0, True, r"shape \(\); return \(item,\) or \(item, node\)"),
        (lambda values: "high", False, "returns what is no real number; return a number"),
        (lambda values: None, False, "returns what is no real number"),
        (lambda values: 1j, False, "returns what is no real number"),
    ],
)
def test_a_measure_that_fails_is_named(function, batched, message):
    with pytest.raises(InputError, match=message) as error:
        apply(measure(name="mine", batched=batched)(function), VALUES, 1.0)
    assert "\n" not in str(error.value)
