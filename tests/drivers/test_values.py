import numpy as np
import pytest

from rateloom.drivers.errors import InputError
from rateloom.drivers.values import parse_input, parse_setting


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_numbers():
    assert parse_setting("eta=-5", 3) == ("eta", -5.0)
    assert parse_setting(" eta = 1e-3 ", 3) == ("eta", 1e-3)


@pytest.mark.parametrize(
    "content", ["1\n2.5\n-3\n", "# comment\n1, 2.5, -3\n", "1 2.5 -3", "1\r\n2.5\r\n\r\n-3"]
)
def test_values_of_nodes_from_text(folder, content):
    (folder / "v.csv").write_text(content)
    name, values = parse_setting("eta=@v.csv", 3)
    assert name == "eta"
    assert values.tolist() == [1, 2.5, -3]
    assert values.dtype == np.float64


def test_values_of_nodes_from_npy(folder):
    np.save("v.npy", np.array([1, 2, 3]))
    assert parse_setting("eta=@v.npy", 3)[1].tolist() == [1, 2, 3]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("eta", "write it like eta=-5 or eta=@values.csv"),
        ("eta=", "write it like"),
        ("=3", "write it like"),
        ("eta=@", "write it like"),
        ("eta=five", "'five' is not a number"),
        ("eta=values.csv", "a file's name is written @values.csv"),
        ("eta=nan", "nan is not a finite number"),
        ("eta=-inf", "-inf is not a finite number"),
        ("eta=1e999", "1e999 is not a finite number"),
        ("eta=@missing.csv", r"missing\.csv: cannot be read \(No such file"),
        ("eta=@.", "cannot be read"),
        ("eta=@a\0b", "cannot be read"),
    ],
)
def test_bad_settings(folder, text, message):
    with pytest.raises(InputError, match=message) as caught:
        parse_setting(text, 3)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"1\n2\n", "2 values for 3 nodes; give one a node"),
        (b"1 2\n3 4\n5 6\n", "6 values for 3 nodes"),
        (b"1\nx\n3\n", "v.csv:2: 'x' is not a number"),
        (b"1\nnan\n3\n", r"v.csv: entry \[1, 0\] is nan"),
        (b"1\n2\n-inf\n", r"v.csv: entry \[2, 0\] is -inf"),
        (b"", "v.csv: the file holds no numbers"),
        (b"\x00\xff\xfe", "v.csv:1: .* is not a number"),
        (b"value\n1\n2\n3\n", "v.csv:1: 'value' is not a number"),
    ],
)
def test_bad_files(folder, content, message):
    (folder / "v.csv").write_bytes(content)
    with pytest.raises(InputError, match=message):
        parse_setting("eta=@v.csv", 3)


@pytest.mark.parametrize(
    ("array", "message"),
    [
        (np.array(["a", "b", "c"]), "holds no numbers"),
        (np.zeros((3, 3, 3)), "27 values for 3 nodes"),
        (np.zeros(0), "holds no numbers"),
        (np.array([1, 2, 3j]), "holds no numbers"),
        (np.array([{}, 1, 2], dtype=object), "Python objects"),
        (np.array([1, 2, np.nan]), r"entry \[2\] is nan"),
    ],
)
def test_bad_npy(folder, array, message):
    np.save("v.npy", array, allow_pickle=True)
    with pytest.raises(InputError, match=message):
        parse_setting("eta=@v.npy", 3)


def test_inputs(folder):
    (folder / "s.csv").write_text("0 1\n2 3\n4 5\n")
    name, values = parse_input("stimulus=@s.csv", 2)
    assert name == "stimulus"
    assert values.tolist() == [[0, 1], [2, 3], [4, 5]]
    np.save("s.npy", values)
    assert parse_input("stimulus=@s.npy", 2)[1].tolist() == values.tolist()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("stimulus", "write it like stimulus=@stimulus.csv"),
        ("stimulus=3", "an input comes from a file"),
        ("stimulus=@s.csv", "3 x 2 values; give a line a sample and 5 columns"),
        ("stimulus=@none.csv", "cannot be read"),
    ],
)
def test_bad_inputs(folder, text, message):
    (folder / "s.csv").write_text("0 1\n2 3\n4 5\n")
    with pytest.raises(InputError, match=message):
        parse_input(text, 5)
