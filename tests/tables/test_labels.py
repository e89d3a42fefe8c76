"""Labels and positions: the whole line is the name, and what counts the lines is none."""

import io

import numpy as np
import pandas as pd
import pytest
import scipy.io

from rateloom.drivers.support.errors import InputError
from rateloom.drivers.tables.labels import labels_in_text, read_labels
from rateloom.drivers.tables.positions import read_centres


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("left hippocampus\nright hippocampus\n", ("left hippocampus", "right hippocampus")),
        ("1 left hippocampus\n2 right hippocampus\n", ("left hippocampus", "right hippocampus")),
        ("1001,ctx lh\n1002,ctx rh\n", ("ctx lh", "ctx rh")),
        ('"Precentral, left"\n"Precentral, right"\n', ("Precentral, left", "Precentral, right")),
        ('0\t"a b"\n1\tc\n', ("a b", "c")),
        ("17 l\n17 r\n", ("17 l", "17 r")),
        ("17\n18\n", ("17", "18")),
        ("a,b c,d\n", ("a", "b c", "d")),
        ("a b d\n", ("a", "b", "d")),
        ("label\na b\nc\n", ("a b", "c")),
        ("index,label,hemi\n0,a b,lh\n1,c,rh\n", ("a b", "c")),
        ("# of an atlas\n\nname of it\nother\n", ("name of it", "other")),
        ("\ufeffÄrea 1\r\nb\r\n", ("Ärea 1", "b")),
    ],
)
def test_text(text, names):
    assert labels_in_text(io.BytesIO(text.encode()), "l.txt") == names


def test_other_files(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    names = ("left hip", "right hip")
    np.save("l.npy", np.array(names)[:, None])
    np.savez("l.npz", region_labels=np.array(names), weights=np.eye(2))
    scipy.io.savemat("l.mat", {"cell": np.array(names, dtype=object), "chars": np.array(names)})
    pd.DataFrame({"label": names, "value": [1.0, 2.0]}).to_parquet("l.parquet")
    for place in ("l.npy", "l.npz:region_labels", "l.mat:cell", "l.mat:chars", "l.parquet"):
        assert read_labels(place) == names, place


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "l.txt: no names of regions are in it"),
        (b"\n#a\n", "no names of regions are in it"),
        (b"a\n\xff\n", r"l\.txt:2: "),
        (b"index,label\n0,a\n1\n", r"l\.txt:3: expected 2 cells"),
    ],
)
def test_bad_text(tmp_path, content, message):
    (tmp_path / "l.txt").write_bytes(content)
    with pytest.raises(InputError, match=message):
        read_labels(tmp_path / "l.txt")
    with pytest.raises(InputError, match="no such file; give names of regions, one a line"):
        read_labels(tmp_path / "absent.txt")
    np.save(tmp_path / "l.npy", np.eye(2))
    with pytest.raises(InputError, match="labels must be a list of texts"):
        read_labels(tmp_path / "l.npy")


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("left hip 1 2 3\nright hip 4 5 6\n", ("left hip", "right hip")),
        ("left,1,2,3\nright hip,4,5,6\n", ("left", "right hip")),
        ("label,x,y,z\na b,1,2,3\nc,4,5,6\n", ("a b", "c")),
        ("z,y,x,name,area\n3,2,1,a,9\n6,5,4,b,9\n", ("a", "b")),
        ("x y z\n1 2 3\n4 5 6\n", None),
        ("1\t2\t3\n4\t5\t6\n", None),
        ("17 1 2 3\n18 4 5 6\n", ("17", "18")),
        ("a 1 2 3 None\nb 4 5 6\n", ("a", "b")),
    ],
)
def test_centres(text, names):
    labels, centres = read_centres(io.BytesIO(text.encode()), "c.txt")
    assert (labels, centres.tolist()) == (names, [[1, 2, 3], [4, 5, 6]])


def test_a_name_with_numbers_is_quoted():
    with pytest.raises(
        InputError, match=r"c\.txt:1: 4 numbers behind the name; quote a name that has numbers"
    ):
        read_centres(io.BytesIO(b"left area 17 1 2 3\n"), "c.txt")
    labels, _ = read_centres(io.BytesIO(b"'left area 17' 1 2 3\n"), "c.txt")
    assert labels == ("left area 17",)
    with pytest.raises(InputError, match=r"c\.txt: the file holds no positions"):
        read_centres(io.BytesIO(b""), "c.txt")
