"""Files of every format that are empty, cut off, too large or of something else: one line that names them."""

import numpy as np
import pandas as pd
import pytest
import scipy.io

from rateloom.drivers.support.errors import InputError
from rateloom.drivers.tables.sources import parse_source, read_source
from rateloom.drivers.tables.values import read_values

ARRAY = np.random.default_rng(0).normal(size=(30, 30))
NAMES = ["a.npy", "a.npz", "a.mat", "a.parquet", "a.csv", "a.tsv", "a.txt"]


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    np.save("a.npy", ARRAY)
    np.savez("a.npz", a=ARRAY)
    scipy.io.savemat("a.mat", {"a": ARRAY})
    pd.DataFrame(ARRAY, columns=[f"c{k}" for k in range(30)]).to_parquet("a.parquet")
    for name, delimiter in (("a.csv", ","), ("a.tsv", "\t"), ("a.txt", " ")):
        np.savetxt(name, ARRAY, delimiter=delimiter)
    return tmp_path


def read(name):
    return read_source(parse_source(name))


def refused(name):
    with pytest.raises(InputError) as caught:
        read(name)
    message = str(caught.value)
    assert name in message and "\n" not in message
    return message


@pytest.mark.parametrize("name", NAMES)
def test_the_same_numbers_from_every_format(name):
    np.testing.assert_array_equal(read(name).values, ARRAY)


@pytest.mark.parametrize("name", NAMES)
def test_too_large(monkeypatch, name):
    monkeypatch.setattr("rateloom.drivers.tables.text_lines.MAX_BYTES", 1000)
    assert "1000 " in refused(name)


@pytest.mark.parametrize("name", NAMES)
def test_empty(folder, name):
    (folder / name).write_bytes(b"")
    refused(name)
    with pytest.raises(InputError):
        read_values(name)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("share", [0.1, 0.5, 0.97])
def test_cut_off(folder, name, share):
    whole = (folder / name).read_bytes()
    (folder / name).write_bytes(whole[: int(share * len(whole))])
    if name.endswith(("csv", "tsv", "txt")):
        assert ":" in refused(name)  # a line that is too short, by its number
    else:
        refused(name)


@pytest.mark.parametrize("name", NAMES)
def test_another_format(folder, name):
    other = "a.npy" if name != "a.npy" else "a.csv"
    (folder / name).write_bytes((folder / other).read_bytes())
    refused(name)


def test_tables_of_texts():
    pd.DataFrame({"a": ["x", "y"]}).to_parquet("texts.parquet")
    assert "the file holds no numbers" in refused("texts.parquet")
    with pytest.raises(InputError, match=r"a\.parquet: it has no column b; there are c0, c1"):
        read("a.parquet:b")
    scipy.io.savemat("texts.mat", {"a": np.array(["x", "y"], dtype=object), "s": {"f": 1.0}})
    with pytest.raises(InputError, match=r"texts\.mat:a: .* no real numbers"):
        read("texts.mat:a")
    with pytest.raises(InputError, match="a struct is no array of numbers"):
        read("texts.mat:s")


def test_pyarrow_is_an_extra(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "pyarrow", None)
    assert 'pip install "rateloom[parquet]"' in refused("a.parquet")
