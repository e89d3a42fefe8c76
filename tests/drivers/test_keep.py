"""What is observed of a simulation and what is kept of it, each built and checked once."""

import pytest

from rateloom.drivers.measures.measure_settings import MeasureSettings
from rateloom.drivers.observation.bold.bold_settings import BoldSettings
from rateloom.drivers.observation.keep import Keep
from rateloom.drivers.observation.observation import observation_of
from rateloom.drivers.support.errors import InputError

BOLD = BoldSettings(tr=500.0)


@pytest.mark.parametrize(
    ("monitor", "bold", "keep", "seen"),
    [
        ("tavg", None, None, ("tavg", None)),
        ("raw", None, None, ("raw", None)),
        ("bold", BOLD, None, ("tavg", 500.0)),
        ("bold", None, None, ("tavg", 2000.0)),
        ("tavg", None, "averages", ("tavg", None)),
        ("tavg", None, "raw", ("raw", None)),
        ("raw", None, "measures", ("raw", None)),
        ("raw", None, "bold", ("tavg", 2000.0)),
        ("bold", None, "measures", ("tavg", 2000.0)),
        ("tavg", BOLD, "measures", ("tavg", 500.0)),
        # sample_times refuses it
        ("bold", None, "averages", ("bold", None)),
    ],
)
def test_what_is_observed(monitor, bold, keep, seen):
    observation = observation_of(monitor, 4.0, bold, keep)
    tr = None if observation.bold is None else observation.bold.tr
    assert (observation.monitor, tr, observation.period) == (*seen, 4.0)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("tavg", 1.0, BOLD), "bold=: no BOLD signals are kept; ask for them with monitor='bold'"),
        (("tavg", 1.0, BOLD, "raw"), "bold=: no BOLD signals are kept; ask for them with keep='bold'"),
        (("bold", 1.0, 3), "bold=3: give a rateloom.BoldSettings"),
    ],
)
def test_what_cannot_be_observed(arguments, says):
    with pytest.raises(InputError) as refusal:
        observation_of(*arguments)
    assert str(refusal.value) == says


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"kind": "all"}, "keep='all' is unknown; use one of averages, measures, bold, raw"),
        ({"kind": "raw", "measures": []}, "measures=: no measures are taken with keep='raw'"),
        ({"matrices": True}, "matrices=: no measures are taken with keep='averages'"),
        ({"kind": "bold", "targets": [1]}, "targets=: no measures are taken with keep='bold'"),
        ({"kind": "measures", "measures": ["mean_F"]}, "measures: there is no 'mean_F'"),
        ({"kind": "measures", "matrices": 1}, "matrices=1: it must be True or False"),
        ({"kind": "measures", "settings": {}}, "settings of measures={}: give a rateloom.MeasureSettings"),
        ({"kind": "measures", "convention": "own"}, "convention"),
        ({"kind": "measures", "custom": [abs]}, "custom: <built-in function abs> is no measure"),
        ({"kind": "measures", "targets": [1]}, "targets: 1 is no target"),
        ({"kind": "measures", "targets": None}, "targets=None: give a list of targets"),
    ],
)
def test_what_cannot_be_kept(fields, says):
    with pytest.raises(InputError) as refusal:
        Keep(**fields)
    assert str(refusal.value).startswith(says)


def test_what_can_be_kept():
    kept = Keep("measures", ["mean_FC", "moments"], settings=MeasureSettings(), convention="published")
    assert (kept.custom, kept.targets, kept.matrices) == ((), (), False)
    assert Keep().kind == "averages"
