"""The command regress: what it prints, writes and refuses."""

import json

import pytest
from command_line import error_of

from rateloom import cli
from rateloom.api.loading import shipped_models

FEW = ["--steps", "4", "--work-items", "2", "--targets", "emulated"]


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_models_by_name_and_by_path_are_compared_and_written(folder, capsys):
    (folder / "mine.xml").write_text(
        shipped_models()["linear"].read_text().replace('name="linear"', 'name="mine"')
    )
    arguments = [
        "linear",
        "mine.xml",
        *FEW,
        "--dtype",
        "float64",
        "--json",
        "made/all.json",
        "--plot",
        "x.png",
    ]
    assert cli.main(["regress", *arguments]) == 0
    printed = capsys.readouterr().out
    assert "emulated – oracle" in printed
    assert "linear: emulated and the oracle agree" in printed and "mine: emulated" in printed
    report = json.loads((folder / "made/all.json").read_text())
    assert [m["model"] for m in report["models"]] == ["linear", "mine"]
    assert report["within"] and report["models"][0]["settings"]["dtype"] == "float64"
    assert all(d["step_relative"] <= 1e-12 for m in report["models"] for d in m["differences"])
    written = sorted(path.name for path in folder.rglob("*.*"))
    assert written == ["all.json", "mine.xml", "x_linear.png", "x_mine.png"]


def test_what_is_beyond_tolerance_ends_with_status_one(folder, capsys, monkeypatch):
    monkeypatch.setattr("rateloom.regression.differences.FREE_RUN", 0.0)
    assert cli.main(["regress", "linear", *FEW, "--json", "found.json"]) == 1
    printed = capsys.readouterr()
    assert "linear: 1 of 1 comparisons are beyond tolerance (emulated – oracle)" in printed.out
    assert printed.err == ""
    assert json.loads((folder / "found.json").read_text())["within"] is False


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ([], "nothing to compare"),
        (["montbro"], "did you mean 'montbrio'"),
        (["linear", "--targets", "opencl"], "target 'opencl' is unknown; use one of numba, cuda"),
        (["linear", "--targets", ""], "target '' is unknown"),
        (["linear", "--targets", "cuda"], "GPU"),
        (["linear", "--steps", "none"], "'none' is not a whole number"),
        (["linear", "--steps", "0"], "steps=0"),
        (["linear", "--work-items", "-1"], "work_items=-1"),
        (["linear", "--dt", "nan"], "nan"),
        (["linear", "--dtype", "float16"], "dtype='float16' is unknown"),
        (["linear", "--connectome", "nowhere"], "nowhere"),
        (["linear", "--plot", "traces.txt"], ".png, .pdf or .svg"),
        (["linear", "--json", "there"], "there is a folder"),
        (["linear", "--json", "old.json"], "old.json: already there"),
        (["linear", "copy.xml", "--plot", "x.png"], "two of the files hold a model named 'linear'"),
    ],
)
def test_what_cannot_be_compared_is_one_line_and_writes_nothing(arguments, says, folder, capsys, monkeypatch):
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "")
    (folder / "copy.xml").write_text(shipped_models()["linear"].read_text())
    (folder / "old.json").write_text("{}")
    (folder / "there").mkdir()
    assert says in error_of(["regress", *arguments], capsys)
    assert sorted(path.name for path in folder.iterdir()) == ["copy.xml", "old.json", "there"]


def test_without_a_compiler_one_line_says_so(capsys, monkeypatch):
    monkeypatch.setenv("CXX", "no-such-compiler")
    assert cli.main(["regress", "linear", *FEW]) == 1
    err = capsys.readouterr().err
    assert "C++ compiler" in err and err.count("\n") == 1
