"""Connectomes as pairs of places, as one .mat file, with names of regions, and with other lengths."""

import numpy as np
import pandas as pd
import pytest
import scipy.io

from rateloom.drivers.connectome.connectome import Connectome
from rateloom.drivers.connectome.connectome_sources import load_connectome
from rateloom.drivers.support.errors import InputError

WEIGHTS = np.array([[0.0, 1.5, 2.0], [1e-3, 0.0, 4.0], [0.0, 0.5, 0.0]])
LENGTHS = np.array([[0.0, 10.0, 20.25], [10.0, 0.0, 33.0], [20.25, 33.0, 0.0]])
CENTRES = np.array([[0.0, 0, 0], [3, 4, 0], [0, 0, 12]])
NAMES = ["left hip", "b", "c"]


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def load(source, lengths=None):
    warnings = []
    return load_connectome(source, "none", lengths, warnings.append), [str(w) for w in warnings]


def write_all():
    scipy.io.savemat("sc.mat", {"sc": WEIGHTS, "other": 1.0})
    scipy.io.savemat("len.mat", {"len": LENGTHS})
    scipy.io.savemat(
        "all.mat",
        {"weights": WEIGHTS, "tract_lengths": LENGTHS, "region_labels": np.array(NAMES, dtype=object)},
    )
    np.savez("two.npz", w=WEIGHTS, l=LENGTHS)
    np.save("l.npy", LENGTHS)
    pd.DataFrame(WEIGHTS, NAMES, NAMES).to_csv("w.csv")
    pd.DataFrame(LENGTHS, NAMES, NAMES).iloc[::-1, ::-1].to_csv("l.csv")
    pd.DataFrame(WEIGHTS, columns=NAMES).to_parquet("w.parquet")
    np.savetxt("w.tsv", WEIGHTS, delimiter="\t")


@pytest.mark.parametrize(
    ("source", "labels"),
    [
        ("sc.mat:sc,len.mat:len", None),
        ("sc.mat:sc,len.mat", None),
        ("all.mat", tuple(NAMES)),
        ("two.npz:w,two.npz:l", None),
        ("w.csv,l.csv", tuple(NAMES)),
        ("w.csv, l.npy", tuple(NAMES)),
        ("w.parquet,l.csv", tuple(NAMES)),
        ("w.tsv,l.npy", None),
    ],
)
def test_pairs(source, labels):
    write_all()
    connectome, warnings = load(source)
    assert connectome.weights.tolist() == WEIGHTS.tolist()
    assert connectome.tract_lengths.tolist() == LENGTHS.tolist()
    assert (connectome.labels, connectome.name, warnings) == (labels, source, [])


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("sc.mat:sc", "weights alone; give lengths as well, sc.mat:sc,LENGTHS; or take --lengths none"),
        ("sc.mat", "no variable named weights; it holds sc, other. Say which: sc.mat:WEIGHTS,sc.mat:LENGTHS"),
        ("sc.mat:no,len.mat:len", "sc.mat: it has no variable no; there are sc, other"),
        ("sc.mat:sc,absent.mat", "'absent.mat': no such file; write FILE"),
        ("w.csv,l.csv,c.csv", "give weights and lengths"),
        ("w.csv,short.csv", "weights are 3 x 3 but tract_lengths are 2 x 2"),
        ("w.csv,renamed.csv", "renamed.csv: names of regions: the connectome's region left hip is absent"),
        ("mixed.csv,l.npy", "mixed.csv: row 'left hip' and column 'c' are at one place"),
        ("wide.csv,l.npy", "weights must be a square matrix"),
        ("bad.csv,l.npy", r"bad.csv:2: 'x' is not a number"),
        ("empty.csv,l.npy", "empty.csv: the file holds no numbers"),
    ],
)
def test_pairs_that_are_refused(folder, source, message):
    write_all()
    np.savetxt("short.csv", LENGTHS[:2, :2], delimiter=",")
    pd.DataFrame(LENGTHS, list("xyz"), list("xyz")).to_csv("renamed.csv")
    pd.DataFrame(LENGTHS, NAMES, NAMES[::-1]).to_csv("mixed.csv")
    np.savetxt("wide.csv", LENGTHS[:2], delimiter=",")
    (folder / "bad.csv").write_text("1,2\n3,x\n")
    (folder / "empty.csv").touch()
    with pytest.raises(InputError) as caught:
        load(source)
    assert message in str(caught.value) and "\n" not in str(caught.value)


def test_unknown_arrays_are_named():
    np.savez(
        "c.npz", weights=WEIGHTS, tract_lengths=LENGTHS, region_labels=NAMES, cortical=[1], myelin=[1, 2, 3]
    )
    connectome, (warning,) = load("c.npz")
    assert connectome.labels == tuple(NAMES)
    assert "c.npz: myelin is not read; what is read is weights, tract_lengths, centres, labels" in warning


def test_two_spellings_of_centres(folder):
    for name, array in {
        "weights": WEIGHTS,
        "tract_lengths": LENGTHS,
        "centers": CENTRES + 1,
        "centres": CENTRES,
    }.items():
        np.savetxt(f"{name}.txt", array)
    connectome, (warning,) = load(str(folder))
    assert connectome.centres.tolist() == CENTRES.tolist()
    assert "both centres.txt and centers.txt hold centres; centres.txt is read" in warning


def test_lengths():
    np.savez("c.npz", weights=WEIGHTS, centres=CENTRES)
    distances = [[0, 5, 12], [5, 0, 13], [12, 13, 0]]
    np.testing.assert_allclose(load("c.npz", "centres")[0].tract_lengths, distances, rtol=1e-15)
    assert not load("c.npz", "none")[0].tract_lengths.any()
    np.save("w.npy", WEIGHTS)
    assert not load("w.npy", "none")[0].tract_lengths.any()
    np.save("l.npy", LENGTHS / 1000)
    np.testing.assert_allclose(load("w.npy,l.npy", "m")[0].tract_lengths, LENGTHS, rtol=1e-15)
    np.testing.assert_allclose(load("w.npy,l.npy", "cm")[0].tract_lengths, LENGTHS / 100, rtol=1e-15)
    connectome = Connectome(WEIGHTS, LENGTHS, centres=CENTRES)
    np.testing.assert_allclose(load(connectome, "centres")[0].tract_lengths, distances, rtol=1e-15)


@pytest.mark.parametrize(
    ("source", "lengths", "message"),
    [
        ("c.npz", None, "no array named tract_lengths; it holds weights, centres"),
        ("c.npz", None, "or take --lengths none (no delays) or --lengths centres (their distances)"),
        ("w.npy", "centres", "connectome w.npy: lengths from centres, but it has no centres"),
        ("w.npy", "m", "weights alone"),
        ("w.npy", "km", "lengths='km' is unknown; use one of mm, cm, m, centres, none"),
        ("w.npy", 3, "lengths=3 is unknown"),
        ("d.npz", "centres", "take x, y, z of each of its 3 nodes"),
    ],
)
def test_lengths_that_are_refused(source, lengths, message):
    np.savez("c.npz", weights=WEIGHTS, centres=CENTRES)
    np.savez("d.npz", weights=WEIGHTS, centres=CENTRES[:2])
    np.save("w.npy", WEIGHTS)
    with pytest.raises(InputError) as caught:
        load(source, lengths)
    assert message in str(caught.value) and "\n" not in str(caught.value)
