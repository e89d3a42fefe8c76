"""The command fit-transfer-function from end to end, on a small grid."""

import json
import re
import xml.etree.ElementTree as ElementTree

import numpy as np
import pytest

from rateloom import cli
from rateloom.cli.transfer_function_command import _neuron_file

SMALL = [
    "--nu-e",
    "1:15:12",
    "--nu-i",
    "0:30:6",
    "--duration",
    "500",
    "--transient",
    "200",
    "--repetitions",
    "2",
]


@pytest.fixture
def fit(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)

    def run(*arguments):
        status = cli.main(["fit-transfer-function", *arguments])
        printed = capsys.readouterr()
        return status, printed.out, printed.err

    return run


def test_it_writes_coefficients_quality_and_a_picture(fit, tmp_path):
    status, out, err = fit("adex_fs", *SMALL, "--parameter", "P_i", "--compare", "zerlaut_first_order:P_i")
    assert (status, err) == (0, "")
    record = json.loads((tmp_path / "adex_fs_transfer.json").read_text())
    assert (tmp_path / "adex_fs_transfer.png").read_bytes().startswith(b"\x89PNG")
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "adex_fs_transfer.json",
        "adex_fs_transfer.png",
    ]
    element = ElementTree.fromstring(next(line for line in out.splitlines() if line.startswith("<")))
    assert element.attrib.keys() == {"name", "size", "value"}
    assert (element.get("name"), element.get("size")) == ("P_i", "10")
    assert [float(value) for value in element.get("value").split(",")] == record["coefficients_V"]
    rate, fitted = np.array(record["rate_Hz"]), np.array(record["fit_Hz"])
    inside = rate <= 50
    assert (rate.size, record["points"], record["points_fitted"]) == (72, 72, inside.sum())
    rms = np.sqrt(np.mean((fitted - rate)[inside] ** 2))
    np.testing.assert_allclose(record["rms_Hz"], rms, rtol=1e-9)
    np.testing.assert_allclose(record["r_squared"], 1 - rms**2 / rate[inside].var(), rtol=1e-9)
    assert record["r_squared"] > 0.98
    assert record["neuron"]["delta"] == 0.5
    assert f"RMS error {rms:.3g} Hz" in out
    assert float(re.search(r"P_i at the same points: RMS error ([\d.]+) Hz", out)[1]) < 3


def test_the_coefficients_can_be_pasted_into_a_model(fit, tmp_path):
    from rateloom.api.loading import load, shipped_models

    fit("adex_rs", *SMALL)
    snippet = json.loads((tmp_path / "adex_rs_transfer.json").read_text())["xml"]
    text = re.sub(
        r'<Parameter name="P_e".*?/>',
        snippet,
        shipped_models()["zerlaut_first_order"].read_text(),
        flags=re.S,
    )
    (tmp_path / "mine.xml").write_text(text)
    (values,) = (p.values for p in load(tmp_path / "mine.xml").parameters if p.name == "P_e")
    assert list(values) == json.loads((tmp_path / "adex_rs_transfer.json").read_text())["coefficients_V"]


def test_the_same_seed_gives_the_same_file_and_it_is_not_replaced_unasked(fit, tmp_path):
    small = ["adex_fs", *SMALL, "--adaptation", "10", "--out", "sub/a.json", "--plot", "sub/a.pdf"]
    assert fit(*small)[0] == 0
    first = (tmp_path / "sub" / "a.json").read_bytes()
    status, out, err = fit(*small)
    assert (status, out) == (1, "")
    assert (
        err
        == "rateloom: error: sub/a.json and sub/a.pdf exist already; give another --out, or --overwrite to "
        "replace them\n"
    )
    assert fit(*small, "--overwrite", "--threads", "1")[0] == 0
    assert (tmp_path / "sub" / "a.json").read_bytes() == first
    assert set(json.loads(first)["adaptation_mean_pA"]) == {10.0}


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["adex_sr"], "no neuron named 'adex_sr'; shipped are adex_fs, adex_rs"),
        (["none.toml"], "no such neuron file: none.toml"),
        (["."], "is a folder"),
        (["adex_rs", "--nu-e", "0:10:5"], "--nu-e 0:10:5: 0 Hz is among the rates, which must be above zero"),
        (["adex_rs", "--nu-i=-1:10:5"], "-1 Hz is among the rates, which must be zero or more"),
        (["adex_rs", "--nu-e", "nan"], "--nu-e 'nan': write different rates"),
        (["adex_rs", "--nu-e", "1:2"], "--nu-e '1:2': write different rates"),
        (["adex_rs", "--nu-e", "3,3"], "--nu-e '3,3': write different rates"),
        (["adex_rs", "--nu-e", "1:2:999999"], "are possible"),
        (["adex_rs", "--nu-e", "1:1e9:3"], "lower dt or the excitatory rates"),
        (["adex_rs", "--nu-e", "0.1", "--nu-i", "30"], "at only 0 of 1 grid points the neuron fires"),
        (["adex_rs", "--repetitions", "0"], "--repetitions 0"),
        (["adex_rs", "--max-rate", "nan"], "--max-rate nan"),
        (["adex_rs", "--dt", "0"], "dt=0"),
        (["adex_rs", "--duration", "nan"], "duration=nan"),
        (["adex_rs", "--adaptation", "inf"], "adaptation=inf"),
        (["adex_rs", "--parameter", "P e"], "--parameter 'P e'"),
        (["adex_rs", "--compare", "P_e"], "write it like zerlaut_first_order:P_e"),
        (["adex_rs", "--compare", "zerlaut_first_order:P"], "it has P_e, P_i"),
        (["adex_rs", "--compare", "montbrio:P_e"], "it has none"),
        (["adex_rs", "--plot", "a.txt"], "--plot a.txt"),
        (["adex_rs", "--out", "."], "--out . is a folder"),
        (["adex_rs", "--out", "/dev/null/a.json"], "/dev/null is not a folder"),
        (["adex_rs", "--out", "a.png", "--plot", "a.png"], "--plot a.png is also the name of the table"),
        (["adex_rs", "--repetitions", "two"], "'--repetitions': 'two' is not a whole number"),
    ],
)
def test_bad_input_is_one_line_and_status_1(arguments, says, fit, tmp_path):
    status, out, err = fit(*arguments)
    assert (status, out) == (1, "")
    assert err.startswith("rateloom: error: ")
    assert says in err
    assert err.count("\n") == 1
    assert not list(tmp_path.iterdir())


def test_shipped_neurons_are_found_by_name():
    assert _neuron_file("adex_rs").is_file()
