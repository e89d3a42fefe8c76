"""Connectomes by name and from arrays: values, normalisation and what is refused."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from rateloom.drivers.connectome.connectome import Connectome
from rateloom.drivers.connectome.connectome_sources import TVB_NAMES, load_connectome
from rateloom.drivers.connectome.normalization import normalized
from rateloom.drivers.support.errors import InputError

SHARED_68 = Path(__file__).parents[3] / "shared" / "vast-tvb" / "connectivity_68.zip"


@pytest.mark.parametrize("name", TVB_NAMES)
def test_equals_what_tvb_reads(name):
    from tvb.datatypes.connectivity import Connectivity

    reference = Connectivity.from_file(f"connectivity_{name[3:]}.zip")
    loaded = load_connectome(name, normalize="none")
    assert loaded.n_node == int(name[3:])
    assert np.array_equal(loaded.weights, reference.weights)
    assert np.array_equal(loaded.tract_lengths, reference.tract_lengths)
    assert np.array_equal(loaded.centres, reference.centres)
    assert list(loaded.labels) == list(reference.region_labels)


def test_small_tvb_zip_by_path():
    import tvb_data.connectivity

    path = Path(tvb_data.connectivity.__file__).parent / "paupau.zip"
    loaded = load_connectome(path)
    assert loaded.labels == ("lA1", "lA2", "rA1", "rA2")
    assert loaded.weights[0].tolist() == pytest.approx([2 / 3, 1.0, 0.0, 2 / 3])


@pytest.mark.skipif(not SHARED_68.exists(), reason="the shared connectivity_68.zip is absent")
def test_shared_zip_with_nested_bz2_equals_tvb68():
    loaded = load_connectome(SHARED_68, normalize="none")
    assert np.array_equal(loaded.weights, load_connectome("tvb68", normalize="none").weights)


def test_arrays_are_read_only_and_lists_are_taken():
    connectome = Connectome([[0, 1], [2, 0]], [[0, 10], [10, 0]], labels=["a", "b"])
    assert connectome.weights.dtype == np.float64
    assert connectome.labels == ("a", "b")
    with pytest.raises(ValueError, match="read-only"):
        connectome.weights[0, 0] = 1.0


def test_the_users_own_array_stays_writable():
    weights = np.ones((2, 2))
    Connectome(weights, np.ones((2, 2)))
    weights[0, 0] = 5.0


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (([[0.0, 1.0]], [[0.0, 1.0]]), "square matrix.*not 1 x 2"),
        (([1.0, 2.0], [1.0, 2.0]), "square matrix.*not 2"),
        ((3.0, 3.0), "square matrix.*a single number"),
        (([], []), "square"),
        ((np.zeros((0, 0)), np.zeros((0, 0))), "no nodes"),
        ((np.ones((2, 2)), np.ones((3, 3))), "weights are 2 x 2 but tract_lengths are 3 x 3"),
        (([[0, np.nan], [0, 0]], np.ones((2, 2))), r"weights\[0, 1\] is nan"),
        ((np.ones((2, 2)), [[0, 0], [np.inf, 0]]), r"tract_lengths\[1, 0\] is inf"),
        ((np.ones((2, 2)), [[0, 0], [-3.5, 0]]), r"tract_lengths\[1, 0\] is -3.5 mm.*negative"),
        (([[0, 1], [2]], np.ones((2, 2))), "array of real numbers"),
        (([["a", "b"], ["c", "d"]], np.ones((2, 2))), "array of real numbers"),
        ((np.ones((2, 2), complex), np.ones((2, 2))), "array of real numbers"),
        ((np.ones((2, 2)), np.ones((2, 2)), ["a"]), "1 labels for 2 nodes"),
        ((np.ones((2, 2)), np.ones((2, 2)), None, np.ones((2, 2))), "centres are 2 x 2 for 2 nodes"),
        ((np.ones((2, 2)), np.ones((2, 2)), None, [[0, 0, 0], [0, 0, np.nan]]), r"centres\[1, 2\] is nan"),
    ],
)
def test_bad_arrays_are_refused(arguments, message):
    with pytest.raises(InputError, match=message):
        Connectome(*arguments)


def test_negative_and_all_zero_weights_are_allowed():
    assert Connectome([[0, -1], [1, 0]], np.ones((2, 2))).weights[0, 1] == -1.0
    for how in ("max", "row", "column", "none"):
        assert not load_connectome(Connectome(np.zeros((3, 3)), np.ones((3, 3))), how).weights.any()


def test_normalizations_by_hand():
    connectome = Connectome([[0, 1, 3], [0, 0, 0], [4, 0, 4]], np.ones((3, 3)))
    assert normalized(connectome, "max").weights.tolist() == [[0, 0.25, 0.75], [0, 0, 0], [1, 0, 1]]
    assert normalized(connectome, "row").weights.tolist() == [[0, 0.25, 0.75], [0, 0, 0], [0.5, 0, 0.5]]
    assert normalized(connectome, "column").weights.tolist() == [[0, 1, 3 / 7], [0, 0, 0], [1, 0, 4 / 7]]
    assert normalized(connectome, "none") is connectome


@given(arrays(np.float64, (4, 4), elements=st.floats(0, 1e6)))
def test_normalized_sums(weights):
    connectome = Connectome(weights, np.ones((4, 4)))
    row = normalized(connectome, "row").weights.sum(axis=1)
    column = normalized(connectome, "column").weights.sum(axis=0)
    largest = normalized(connectome, "max").weights.max()
    assert np.allclose(row, weights.any(axis=1), rtol=1e-12)
    assert np.allclose(column, weights.any(axis=0), rtol=1e-12)
    assert largest == float(weights.any())


def test_unknown_normalization_and_overflow():
    with pytest.raises(InputError, match="normalize='rows' is unknown; use one of max, none, row, column"):
        load_connectome("synthetic:3", normalize="rows")
    huge = Connectome(np.full((2, 2), 1.5e308), np.ones((2, 2)))
    with pytest.raises(InputError, match="too large"):
        normalized(huge, "row")


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("tvb67", "did you mean one of tvb66"),
        ("sythetic:10", "did you mean synthetic:10"),
        ("synthetic", "did you mean synthetic:N"),
        ("synthetic:", "synthetic:N or synthetic:N:seed"),
        ("synthetic:-1", "synthetic:N or"),
        ("synthetic:1.5", "synthetic:N or"),
        ("synthetic:1:2:3", "synthetic:N or"),
        ("synthetic:0", "no nodes"),
        ("synthetic:5:99999999999999999999", "below 2"),
        ("synthetic:1000000000", "are free; ask for fewer"),
        ("no/such/file.zip", "no such file or name"),
        ("x" * 5000, "no such file or name"),
        ("a\0b", "no such file or name"),
        ("", "give a Connectome, a name or a path"),
        (None, "give a Connectome, a name or a path"),
        (76, "give a Connectome, a name or a path"),
    ],
)
def test_bad_sources_are_refused(source, message):
    with pytest.raises(InputError, match=message) as caught:
        load_connectome(source)
    assert "\n" not in str(caught.value)


def test_absent_tvb_data_says_how_to_install_it(monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(InputError, match=r'pip install "rateloom\[data\]"'):
        load_connectome("tvb76")


def test_it_is_shown_in_one_line():
    lengths = np.array([[0, 12.5, 1], [12.5, 0, 1], [1, 1, 0]])
    shown = repr(Connectome(np.eye(3) * 2, lengths, name="mine"))
    assert shown == "<Connectome mine: 3 nodes, 3 edges, tract lengths up to 12.5 mm>"
