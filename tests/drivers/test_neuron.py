"""Reading a neuron from TOML, and what is refused."""

import re
from pathlib import Path

import pytest

from rateloom.drivers.neurons.neuron import load_neuron
from rateloom.drivers.support.errors import InputError

MODELS = Path(__file__).resolve().parents[2] / "models"
TEXT = (MODELS / "adex_rs.toml").read_text()


def test_the_shipped_cells_differ_where_their_source_says():
    rs, fs = (load_neuron(MODELS / f"adex_{kind}.toml") for kind in ("rs", "fs"))
    differing = {k: (v, vars(fs)[k]) for k, v in vars(rs).items() if v != vars(fs)[k]}
    assert differing == {
        "name": ("adex_rs", "adex_fs"),
        "E_L": (-64, -65),
        "delta": (2, 0.5),
        "V_peak": (-40, -47.5),
        "b": (20, 0),
    }


@pytest.mark.parametrize("kind", ["rs", "fs"])
def test_each_value_of_a_shipped_cell_has_a_source_that_the_file_names(kind):
    lines = (MODELS / f"adex_{kind}.toml").read_text().splitlines()
    sources = {line[3] for line in lines if line.startswith("# [")}
    values = [line for line in lines if line.split(" = ")[-1][:1] in tuple("-0123456789")]
    assert len(values) == 19
    for line in values:
        marks = re.search(r"\[([A-Z](, [A-Z])*)\]", line)
        assert marks, line
        assert set(marks[1].split(", ")) <= sources


def test_a_file_without_a_name_is_named_by_its_stem(tmp_path):
    path = tmp_path / "mine.toml"
    path.write_text(TEXT.replace('name = "adex_rs"', ""))
    assert load_neuron(path).name == "mine"


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("g_L = 10.0", "", "'g_L' is missing (leak conductance, nS); add g_L = "),
        ("g_L = 10.0", "gL = 10.0", "unknown key 'gL'; did you mean 'g_L'?"),
        ("tau_w = ", "tauw = ", "unknown key 'tauw'; did you mean 'tau_w'?"),
        ("a = 0.0", "a = 0.0\nsomething_else = 1", "unknown key 'something_else'"),
        ("g_L = 10.0", "g_L = -10.0", "g_L = -10 nS: it must be above 0"),
        ("Q_e = 1.5", "Q_e = -1.5", "Q_e = -1.5 nS: it must not be below 0"),
        ("C_m = 200.0", "C_m = nan", "C_m = nan pF: it must be finite"),
        ("C_m = 200.0", "C_m = inf", "C_m = inf pF: it must be finite"),
        ("K_e = 400.0", "K_e = 1e300", "K_e = 1e+300: it must be finite and at most 1e+09"),
        ("E_L = -64.0", 'E_L = "-64"', "E_L = '-64': it must be a number of mV"),
        ("E_L = -64.0", "E_L = true", "E_L = True: it must be a number of mV"),
        ("V_reset = -65.0", "V_reset = -40.0", "V_reset = -40 mV must be below V_peak = -40 mV"),
        ("delta = 2.0", "delta = 0.01", "more than 100 delta above V_th"),
        ('name = "adex_rs"', "name = 3", "name = 3: it must be a text"),
        ("g_L = 10.0", "g_L = ten", "not TOML"),
        ("g_L = 10.0", "g_L = 10.0\ng_L = 11.0", "not TOML"),
    ],
)
def test_bad_files_are_refused_in_one_line(old, new, says, tmp_path):
    assert old in TEXT
    path = tmp_path / "cell.toml"
    path.write_text(TEXT.replace(old, new))
    with pytest.raises(InputError) as caught:
        load_neuron(path)
    assert str(caught.value).startswith(f"neuron file {path}: ")
    assert says in str(caught.value)
    assert "\n" not in str(caught.value)


def test_what_is_no_file_of_text_is_refused(tmp_path):
    with pytest.raises(InputError, match="no such neuron file"):
        load_neuron(tmp_path / "none.toml")
    with pytest.raises(InputError, match="is a folder"):
        load_neuron(tmp_path)
    binary = tmp_path / "binary.toml"
    binary.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(InputError, match="not a text file"):
        load_neuron(binary)
