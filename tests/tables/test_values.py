import numpy as np
import pytest

from rateloom.drivers.support.errors import InputError
from rateloom.drivers.tables.values import read_values


@pytest.mark.parametrize(
    ("content", "values"),
    [
        ("1\n2.5\n-3\n", [[1], [2.5], [-3]]),
        ("# comment\n1, 2.5, -3\n", [[1, 2.5, -3]]),
        ("1 2\r\n\r\n3\t4e-1 # more", [[1, 2], [3, 0.4]]),
        ("\ufeff1;2\n", [[1, 2]]),
    ],
)
def test_text(tmp_path, content, values):
    path = tmp_path / "v.csv"
    path.write_bytes(content.encode())
    assert read_values(path).tolist() == values
    assert read_values(str(path)).dtype == np.float64


@pytest.mark.parametrize("array", [np.arange(3), np.ones((2, 3), np.float32), np.asfortranarray(np.eye(3))])
def test_npy(tmp_path, array):
    np.save(tmp_path / "v.npy", array)
    values = read_values(tmp_path / "v.npy")
    assert values.tolist() == array.tolist()
    assert values.dtype == np.float64


@pytest.mark.parametrize("name", ["missing.csv", "missing.npy", ".", "a\0b", "x" * 300])
def test_files_that_cannot_be_opened(tmp_path, monkeypatch, name):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InputError, match="cannot be read") as caught:
        read_values(name)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"1\nx\n3\n", "v.csv:2: 'x' is not a number"),
        (b"1 2\n3\n", "v.csv:2: 1 numbers, but the lines before have 2"),
        (b"1\nnan\n3\n", r"v.csv: entry \[1, 0\] is nan"),
        (b"1\n2\n-inf\n", r"v.csv: entry \[2, 0\] is -inf"),
        (b"1e999\n", r"v.csv: entry \[0, 0\] is inf"),
        (b"", "v.csv: the file holds no numbers"),
        (b"\x00\xff\xfe", "v.csv:1: .* is not a number"),
        (b"value is\n1\n2\n3\n", "v.csv:2: 1 cells, but the header has 2"),
        (b"1 " * 2_000_001, "v.csv:1: a line of more than 4000000 characters"),
    ],
)
def test_bad_text(tmp_path, content, message):
    (tmp_path / "v.csv").write_bytes(content)
    with pytest.raises(InputError, match=message):
        read_values(tmp_path / "v.csv")


@pytest.mark.parametrize(
    ("array", "message"),
    [
        (np.array(["a", "b", "c"]), "holds no numbers"),
        (np.zeros(0), "holds no numbers"),
        (np.array([1, 2, 3j]), "holds no numbers"),
        (np.array([{}, 1, 2], dtype=object), "Python objects"),
        (np.array([1, 2, np.nan]), r"entry \[2\] is nan"),
        (np.array(np.inf), r"entry \[\] is inf"),
    ],
)
def test_bad_npy(tmp_path, array, message):
    np.save(tmp_path / "v.npy", array, allow_pickle=True)
    with pytest.raises(InputError, match=message):
        read_values(tmp_path / "v.npy")
