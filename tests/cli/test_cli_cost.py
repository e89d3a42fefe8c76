"""`rateloom show --cost`."""

import json

import pytest
from command_line import error_of

from rateloom import cli

MACHINE = {
    "processor": "Test processor",
    "compiler": "C",
    "date": "2026-01-02",
    "cores": 2,
    "rates": {
        dtype: {t: {"multiply_add": 5e10, "division": 5e9, "root": 5e9} for t in ("one", "all")}
        for dtype in ("float32", "float64")
    },
    "levels": [{"name": "memory", "size": 0, "shared": True, "bandwidth": {"one": 1e10, "all": 2e10}}],
}


def shown(capsys, *options):
    assert cli.main(["show", *options]) == 0
    return capsys.readouterr().out


def test_cost_of_the_second_order_model(capsys):
    out = shown(capsys, "zerlaut_second_order", "--cost", "--connectome", "synthetic:10")
    assert "Operations of one step" in out
    row = next(line for line in out.splitlines() if line.startswith("F_e "))
    assert "nu_e nu_i" in row
    assert row.rstrip().endswith("1 erfc, 1 exp")
    operations = int(row.split()[-5])
    assert 500 < operations <= 700
    assert "before the first step: each work item" in out
    assert "At most" not in out


def test_rows_name_the_schemes_that_they_are_of(capsys):
    out = shown(capsys, "linear", "--cost", "--connectome", "synthetic:10")
    assert "euler, heun, rk4, heun_renewed: each edge" in out
    assert "euler, heun, heun_renewed: random numbers of each node" in out


def test_traffic_follows_connectome_and_precision(capsys):
    def edges(*options):
        out = shown(capsys, "linear", "--cost", *options)
        assert "history, written" in out
        return float(next(line for line in out.splitlines() if line.startswith("history, read")).split()[-1])

    # edges of connectivity_76: 1,560, counted in the file itself
    single = edges()
    assert single == pytest.approx(1560 / 76 * 4, abs=0.05)
    assert edges("--dtype", "float64") == pytest.approx(1560 / 76 * 8, abs=0.05)


def test_a_machine_adds_its_bound(tmp_path, capsys):
    file = tmp_path / "machine.json"
    file.write_text(json.dumps(MACHINE), encoding="utf-8")
    out = shown(capsys, "kuramoto", "--cost", "--connectome", "synthetic:10", "--machine", str(file))
    assert "At most on Test processor (2 cores, measured 2026-01-02)" in out
    rows = [line.split() for line in out.splitlines() if line.startswith(("euler ", "heun "))]
    assert [row[:3] for row in rows if row[1] in ("on", "off")] == [
        [integrator, noise, threads]
        for integrator in ("euler", "heun")
        for noise in ("off", "on")
        for threads in ("one", "all")
    ]


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (("--connectome", "tvb76"), "--connectome says nothing without --cost; give that too"),
        (("--machine", "x.json"), "--machine says nothing without --cost"),
        (("--dtype", "float64"), "--dtype says nothing without --cost"),
        (("--cost", "--dtype", "half"), "dtype='half' is unknown; use one of float32, float64"),
        (("--cost", "--connectome", "tvb77"), "tvb77"),
        (("--cost", "--machine", "none.json"), "machine file none.json: No such file or directory"),
    ],
)
def test_wrong_options_are_one_line(options, says, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert says in error_of(["show", "linear", *options], capsys)
