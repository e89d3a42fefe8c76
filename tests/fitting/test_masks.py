"""Masks of targets: regions, pairs and hemispheres that functional connectivity is compared over."""

import numpy as np
import pandas as pd
import pytest
import scipy.stats
import xarray as xr
from command_line import error_of

import rateloom
from rateloom import cli
from rateloom.drivers.support.errors import InputError

N = 6
RNG = np.random.default_rng(11)
FC = np.corrcoef(RNG.normal(size=(N, 30)))
NAMES = tuple("abcdef")
RIGHT = np.array([0, 0, 1, 1, 1, 0])
WEIGHTS = 1.0 - np.eye(N)
CONNECTOME = rateloom.Connectome(WEIGHTS, WEIGHTS, NAMES, hemispheres=RIGHT)
REGIONS = np.array([1, 1, 0, 1, 1, 0])
PAIRS = np.array(
    [
        [1, 1, 0, 1, 0, 1],
        [1, 0, 0, 1, 0, 0],
        [0, 0, 0, 1, 0, 0],
        [1, 1, 1, 0, 1, 0],
        [0, 0, 0, 1, 1, 0],
        [1, 0, 0, 0, 0, 0],
    ]
)


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def known(mask, **options):
    """The pairs with a value, of which there are ones on the diagonal."""
    (target,) = rateloom.targets(FC, mask=mask, connectome=CONNECTOME, **options)
    present = np.isfinite(target.values)
    np.testing.assert_array_equal(target.values[present], FC[present])
    return present & (np.eye(N) == 0)


def expected(takes_part):
    return (np.asarray(takes_part) > 0) & (np.eye(N) == 0)


@pytest.mark.parametrize("values", [REGIONS, REGIONS > 0, REGIONS[None, :], REGIONS[:, None], [*REGIONS]])
def test_regions(values):
    np.testing.assert_array_equal(known(values), expected(np.outer(REGIONS, REGIONS)))


def test_pairs():
    np.testing.assert_array_equal(known(PAIRS), expected(PAIRS))
    np.testing.assert_array_equal(known(PAIRS > 0), expected(PAIRS))


def test_files_by_the_names_of_regions():
    order = RNG.permutation(N)
    names = [NAMES[k] for k in order]
    pd.DataFrame({"label": names, "value": REGIONS[order]}).to_csv("regions.csv", index=False)
    pd.DataFrame(REGIONS[order][None, :], columns=names).to_csv("row.csv", index=False)
    for file in ("regions.csv", "row.csv"):
        np.testing.assert_array_equal(known(file), expected(np.outer(REGIONS, REGIONS)))
    pd.DataFrame(PAIRS[order][:, order], names, names).to_csv("pairs.csv")
    np.testing.assert_array_equal(known("pairs.csv"), expected(PAIRS))
    np.savetxt("plain.txt", PAIRS)
    np.testing.assert_array_equal(known("plain.txt"), expected(PAIRS))
    reordered = rateloom.targets(
        FC[order][:, order], mask=PAIRS[order][:, order], labels=names, connectome=CONNECTOME
    )
    np.testing.assert_array_equal(reordered[0].values, rateloom.targets(FC, mask=PAIRS)[0].values)
    with pytest.warns(UserWarning, match="mask regions: the names of its regions are none of a connectome's"):
        rateloom.targets(FC, mask="regions.csv")


def test_hemispheres(folder):
    same = RIGHT[:, None] == RIGHT
    pairs = {"left": same & (RIGHT == 0), "right": same & (RIGHT == 1), "within": same, "between": ~same}
    for word, takes_part in pairs.items():
        np.testing.assert_array_equal(known(word), expected(takes_part))
    for name, array in (("weights", WEIGHTS), ("tract_lengths", WEIGHTS), ("hemispheres", RIGHT)):
        np.savetxt(f"{name}.txt", array)
    assert rateloom.connectome(folder).hemispheres.tolist() == RIGHT.tolist()
    arrays = {"weights": WEIGHTS, "tract_lengths": WEIGHTS, "hemispheres": RIGHT > 0}
    np.savez("c.npz", **arrays)
    assert rateloom.connectome("c.npz", normalize="row").hemispheres.tolist() == RIGHT.tolist()


def test_the_score_is_that_of_the_pairs_that_take_part():
    """SciPy's correlation of NumPy's, over the chosen pairs alone; and of recordings as of a matrix."""
    series = np.cumsum(RNG.normal(size=(300, N)), axis=0)
    recorded = np.cumsum(RNG.normal(size=(200, N)), axis=0)
    data = xr.Dataset({"x": (("time", "node"), series)}, {"time": 10.0 * np.arange(300)})
    targets = rateloom.targets({"given": np.corrcoef(recorded.T)}, mask=PAIRS)
    targets += rateloom.targets(series={"recorded": recorded}, tr=10.0, mask=PAIRS)[:1]
    found = rateloom.measures(data, targets=targets)
    i, j = np.nonzero(np.tril(PAIRS, -1))
    score = scipy.stats.pearsonr(np.corrcoef(series.T)[i, j], np.corrcoef(recorded.T)[i, j]).statistic
    # series are measured in single precision
    for name in ("given", "recorded"):
        assert float(found[f"fit_FC_{name}_x"]) == pytest.approx(score, abs=1e-6)


@pytest.mark.parametrize(
    ("mask", "says"),
    [
        (REGIONS[:5], "mask: it is of 5 regions, and target fc has 6"),
        (PAIRS[:4], "mask: 4 x 6 numbers; give one a region, or a row and a column a region"),
        (np.tril(PAIRS), "mask: it is not symmetric: entries [0, 1] and [1, 0] differ"),
        (REGIONS * 2, "mask: entry [0] is 2; 1 marks what takes part and 0 what does not"),
        (np.where(PAIRS > 0, 1.0, np.nan), "mask: entry [0, 2] is nan"),
        (np.array([1, 1, 0, 0, 0, 0]), "mask: 1 pairs of target fc are left, and 3 are needed"),
        (np.zeros((N, N)), "mask: 0 pairs of target fc are left, and 3 are needed"),
        ({"a": REGIONS}, "give 0 and 1 of regions or of pairs, a file of them, or one of left, right"),
        ("nowhere.txt", "no such file"),
        ("between", "mask between: no connectome says in which hemisphere regions are (hemispheres.txt"),
    ],
)
def test_what_is_refused(mask, says):
    with pytest.raises(InputError) as caught:
        rateloom.targets(FC, mask=mask)
    assert says in str(caught.value) and "\n" not in str(caught.value)


def test_a_mask_of_dynamics_alone_and_of_a_study_is_refused(folder):
    with pytest.raises(InputError, match="mask: it is of functional connectivity, and there is none"):
        rateloom.targets(fcd=np.linspace(-1, 1, 9), mask=REGIONS)
    (folder / "plan.json").write_text("{}")
    with pytest.raises(InputError, match="a study has the targets that it was swept with"):
        rateloom.fit(folder, mask=REGIONS)


@pytest.mark.parametrize(
    ("hemispheres", "says"),
    [
        (RIGHT[:4], "hemispheres are 4 for 6 nodes"),
        (RIGHT + 1, "hemispheres are 1 (right) and 0 (left)"),
        (RIGHT * np.nan, "hemispheres[0] is nan"),
        (list(NAMES), "hemispheres must be an array of real numbers"),
    ],
)
def test_hemispheres_that_are_refused(hemispheres, says):
    with pytest.raises(InputError) as caught:
        rateloom.Connectome(WEIGHTS, WEIGHTS, hemispheres=hemispheres)
    assert says in str(caught.value)


def test_on_the_command_line(folder, capsys):
    np.save("fc.npy", FC)
    line = ["fit", "linear", "--connectome", "synthetic:6", "--sweep", "G=0:0.1:2", "--dt", "0.1"]
    error = error_of([*line, "--fc", "fc.npy", "--target-mask", "left"], capsys)
    assert "mask left: no connectome says in which hemisphere regions are" in error
    series = np.cumsum(RNG.normal(size=(300, N)), axis=0)
    data = xr.Dataset({"x": (("time", "node"), series), "diverged_step": -1}, {"time": 10.0 * np.arange(300)})
    data.expand_dims(G=[0.1]).to_netcdf("series.nc")
    np.savetxt("mask.txt", PAIRS)
    assert cli.main(["fit", "series.nc", "--fc", "a=fc.npy", "--target-mask", "mask.txt"]) == 0
    i, j = np.nonzero(np.tril(PAIRS, -1))
    score = scipy.stats.pearsonr(np.corrcoef(series.T)[i, j], FC[i, j]).statistic
    assert pd.read_csv("series_best.csv")["score"][0] == pytest.approx(score, abs=1e-6)
