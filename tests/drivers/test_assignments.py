import numpy as np
import pytest

from rateloom.drivers.support.errors import InputError
from rateloom.drivers.terminal.assignments import parse_settings


def test_numbers_lists_and_files(tmp_path):
    (tmp_path / "eta.csv").write_text("-5.0\n-4.5\n-4\n")
    np.save(tmp_path / "v.npy", np.array([1, 2], dtype=np.int32))
    settings = parse_settings(
        "--set", ["G=0.2", " J = 1e1 ", "P=1,2.5", f"eta=@{tmp_path / 'eta.csv'}", f"v=@{tmp_path / 'v.npy'}"]
    )
    assert settings["G"] == 0.2
    assert settings["J"] == 10.0
    np.testing.assert_array_equal(settings["P"], [1.0, 2.5])
    np.testing.assert_array_equal(settings["eta"], [-5.0, -4.5, -4.0])
    np.testing.assert_array_equal(settings["v"], [1.0, 2.0])
    assert settings["v"].dtype == np.float64


@pytest.mark.parametrize(
    ("text", "shape"),
    [
        ("1,2,3\n", (3,)),
        ("1\n2\n3\n", (3,)),
        ("1 2\n3 4\n5 6\n", (3, 2)),
        ("# node\n1;2\n\n3;4\n", (2, 2)),
        ("7", (1,)),
    ],
)
def test_shapes_of_tables(tmp_path, text, shape):
    path = tmp_path / "table.csv"
    path.write_text(text)
    assert parse_settings("--set", [f"stimulus=@{path}"])["stimulus"].shape == shape


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("eta", "write it like --set eta=-5"),
        ("=5", "write it like"),
        ("eta=", "write it like"),
        ("eta=five", "'five' is not a number"),
        ("eta=1,,2", "'' is not a number"),
        ("eta=nan", "must be a finite number"),
        ("eta=inf", "must be a finite number"),
        ("eta=1e999", "must be a finite number"),
        ("eta=@no/such/file.csv", "no/such/file.csv: cannot be read (No such file or directory)"),
        ("eta=@", "cannot be read"),
    ],
)
def test_bad_settings_say_what_is_wrong(text, message):
    with pytest.raises(InputError) as caught:
        parse_settings("--set", [text])
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_setting_given_twice_is_refused():
    with pytest.raises(InputError, match="eta is set twice"):
        parse_settings("--set", ["eta=1", "eta=2"])


def test_a_bad_file_is_named(tmp_path):
    path = tmp_path / "bad.csv"
    path.write_text("1,x\n")
    with pytest.raises(InputError, match=r"bad\.csv:1: 'x' is not a number"):
        parse_settings("--set", [f"eta=@{path}"])
