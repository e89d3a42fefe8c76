"""Values of regions by name: any order, each region of the connectome once."""

import numpy as np
import pandas as pd
import pytest
import scipy.io

from rateloom.drivers.support.errors import InputError
from rateloom.drivers.terminal.assignments import in_order, parse_settings

LABELS = ("left hip", "b", "c")


def values(path, labels=LABELS):
    settings, warnings = in_order(parse_settings("--set", [f"eta=@{path}"]), labels)
    return settings["eta"], warnings


@pytest.mark.parametrize(
    "text",
    [
        "label,value\nc,3\nleft hip,1\nb,2\n",
        "c,3\nleft hip,1\nb,2\nelsewhere,9\n",
        "c\t3\nleft hip\t1\nb\t2\n",
        "left hip 1\nc 3\nb 2\n",
        "c,b,left hip\n3,2,1\n",
        ",value\nleft hip,1\nb,2\nc,3\n",
        "1\n2\n3\n",
        "1,2,3\n",
        "value\n1\n2\n3\n",
    ],
)
def test_maps(tmp_path, text):
    (tmp_path / "map.csv").write_text(text)
    array, warnings = values(tmp_path / "map.csv")
    assert (array.tolist(), warnings) == ([1, 2, 3], ())


def test_other_formats(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    frame = pd.DataFrame({"label": ["c", "b", "left hip"], "value": [3, 2, 1]})
    frame.to_parquet("a.parquet")
    frame.set_index("label").to_parquet("b.parquet")
    frame.to_csv("a.csv")
    frame.assign(other=0).to_csv("two.csv", index=False)
    np.savez("m.npz", other=np.eye(2), eta=np.array([[1, 2, 3]]))
    scipy.io.savemat("m.mat", {"other": np.eye(2), "eta": np.array([[1], [2], [3]])})
    for place in ("a.parquet", "b.parquet", "a.csv", "two.csv", "two.csv:value", "m.npz:eta", "m.mat:eta"):
        assert values(place)[0].tolist() == [1, 2, 3], place


def test_series_of_regions_by_name(tmp_path):
    (tmp_path / "s.csv").write_text("c,b,left hip\n3,2,1\n6,5,4\n")
    assert values(tmp_path / "s.csv")[0].tolist() == [[1, 2, 3], [4, 5, 6]]
    (tmp_path / "s.csv").write_text("x,y,z\n1,2,3\n")
    array, (warning,) = values(tmp_path / "s.csv")
    assert array.tolist() == [1, 2, 3]
    assert "none of its columns has the name of a region" in str(warning)


@pytest.mark.parametrize(
    ("text", "labels", "message"),
    [
        (
            "c,3\nb,2\nd,1\n",
            LABELS,
            "map.csv: names of regions: the connectome's region left hip is absent from them",
        ),
        ("c,3\nb,2\nb,2\nleft hip,1\n", LABELS, "the connectome's region b is more than once in them"),
        ("c,3\nb,2\n", LABELS, "2 names, and the connectome has 3 regions"),
        (
            "c,3\nb,2\nd,1\n",
            None,
            "names of regions: the connectome has none that they could be matched with",
        ),
        ("c,b,x\n3,2,1\n", LABELS, "region left hip is absent"),
        ("label,p,q\nc,3,1\nb,2,1\n", LABELS, "2 columns of values beside the names; choose one"),
        ("label,value\nc,3\nb,two\n", LABELS, r"map\.csv:3: 'two' is not a number"),
        ("label,value\nc,3\nb,\n", LABELS, r"map\.csv: entry \[1, 0\] is nan"),
    ],
)
def test_maps_that_are_refused(tmp_path, text, labels, message):
    (tmp_path / "map.csv").write_text(text)
    with pytest.raises(InputError, match=message) as caught:
        values(tmp_path / "map.csv", labels)
    assert "\n" not in str(caught.value)
