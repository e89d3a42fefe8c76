"""What `rateloom generate` writes: the committed files, byte for byte, whatever the process."""

import ast
import hashlib
import importlib.resources
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import rateloom
from rateloom.api.loading import shipped_models
from rateloom.drivers.support.errors import InputError
from rateloom.generator.targets.support_files import support_files

ROOT = Path(__file__).resolve().parents[2]
GENERATED = ROOT / "generated"
NAMES = sorted(shipped_models())
FORMS = ("{}_numba.py", "{}.cu", "{}_driver.py", "{}.json")
WRITE = "import sys, rateloom\nfor name in sys.argv[2:]: rateloom.generate(name, out=sys.argv[1])"


def committed(name):
    return [GENERATED / name / form.format(name) for form in FORMS]


@pytest.mark.parametrize("name", NAMES)
def test_committed_files_are_what_is_generated(name, tmp_path):
    written = rateloom.generate(name, out=tmp_path)
    assert [path.relative_to(tmp_path) for path in written] == [
        p.relative_to(GENERATED) for p in committed(name)
    ]
    for path, kept in zip(written, committed(name), strict=True):
        assert kept.is_file(), f"{kept} is not there; run: rateloom generate --all"
        assert path.read_bytes() == kept.read_bytes(), f"{kept} is old; run: rateloom generate --all"


def test_nothing_else_is_in_the_folder():
    kept = {path for path in GENERATED.rglob("*") if path.is_file() and "__pycache__" not in path.parts}
    assert kept == {path for name in NAMES for path in committed(name)}


def digest(folder, seed):
    names = ["jansen_rit", "epileptor", "kuramoto"]
    environment = {**os.environ, "PYTHONHASHSEED": seed}
    subprocess.run([sys.executable, "-c", WRITE, folder, *names], check=True, env=environment)
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    assert len(files) == 4 * len(names)
    return [(path.name, hashlib.sha256(path.read_bytes()).hexdigest()) for path in files]


@pytest.mark.slow
def test_hash_seed_and_order_do_not_matter(tmp_path):
    assert digest(tmp_path / "one", "1") == digest(tmp_path / "two", "4242")


@pytest.mark.parametrize("name", NAMES)
def test_kernels_import_the_support_and_numba_alone(name):
    module, device, driver, _ = committed(name)
    imported = {
        alias.name if isinstance(node, ast.Import) else node.module
        for node in ast.walk(ast.parse(module.read_text("utf-8")))
        if isinstance(node, ast.Import | ast.ImportFrom)
        for alias in node.names
    }
    folder = importlib.resources.files("rateloom.kernels")
    support = {f"rateloom.kernels.{path.stem}" for path in folder.iterdir() if path.suffix == ".py"}
    always = {f"rateloom.kernels.{name}" for name in ("compiling", "elementary", "node_rows")}
    assert {"numpy", "numba", *always} <= imported <= {"math", "numpy", "numba", *support}
    assert re.findall("#include.*", device.read_text("utf-8")) == ['#include "rateloom.cuh"']
    assert len(driver.read_text("utf-8").splitlines()) < 60


def test_the_support_is_what_is_written_from_templates():
    for name, text in support_files().items():
        kept = importlib.resources.files("rateloom.kernels") / name
        assert kept.read_text("utf-8") == text, f"{kept} is old; run: make generated"


def lines_of(name):
    return {path.suffix if "driver" not in path.name else "driver": path.read_text("utf-8").splitlines()
            for path in committed(name)}  # fmt: skip


@pytest.mark.parametrize(
    ("name", "numba", "cuda"), [("montbrio", 200, 250), ("zerlaut_second_order", 900, 900)]
)
def test_kernels_are_short(name, numba, cuda):
    lines = lines_of(name)
    assert len(lines[".py"]) <= numba
    assert len(lines[".cu"]) <= cuda


def test_all_kernels_together_are_short_and_so_are_their_lines():
    several = {name: lines_of(name) for name in NAMES}
    assert (
        sum(len(lines) for each in several.values() for kind, lines in each.items() if kind != ".json")
        <= 10_000
    )
    for each in several.values():
        assert max(len(line) for kind in (".py", ".cu", "driver") for line in each[kind]) <= 120


@pytest.mark.parametrize("name", NAMES)
def test_files_say_what_they_come_from_and_neither_when_nor_where(name):
    for path in committed(name):
        text = path.read_text("utf-8")
        assert rateloom.load(name).hash in text
        assert rateloom.__version__ in text
        assert not re.search(r"/home/|/tmp/|\b20\d\d-\d\d|\b\d\d:\d\d:\d\d\b", text)
        assert str(ROOT) not in text


def test_files_are_written_whole_or_not_at_all(tmp_path, monkeypatch):
    first, described = rateloom.generate("linear", targets=("cuda",), out=tmp_path)
    before = first.read_bytes()

    def fail(self, target):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", fail)
        with pytest.raises(InputError, match=r"cannot write to .*linear: No space left on device"):
            rateloom.generate("linear", out=tmp_path)
    assert sorted(first.parent.iterdir()) == [first, described]
    assert first.read_bytes() == before


@pytest.mark.slow
def test_files_are_utf8_whatever_the_locale(tmp_path):
    text = (
        '<Model name="rhone" version="1"><Description>Modèle à délais, μ et σ.</Description>'
        '<StateVariable name="x" initial="0"/><Dynamics><TimeDerivative variable="x" value="-x"/></Dynamics>'
        '<Exposure name="x" unit="μV"/></Model>'
    )
    path = tmp_path / "rhone.xml"
    path.write_text(text, encoding="utf-8")
    environment = {**os.environ, "LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    subprocess.run([sys.executable, "-c", WRITE, tmp_path / "out", path], check=True, env=environment)
    for written in (tmp_path / "out" / "rhone").iterdir():
        source = written.read_text("utf-8")
        if written.suffix != ".json" and "driver" not in written.name:
            assert "Modèle à délais, μ et σ." in source


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ({"targets": ("fortran",)}, "target 'fortran' is unknown; use one of numba, cuda, driver"),
        ({"targets": ("numba", "")}, "target '' is unknown"),
        ({"model": "montbro"}, "montbrio"),
        ({"model": "nowhere.xml"}, "nowhere.xml"),
        ({"out": "file"}, "cannot write to file"),
    ],
)
def test_what_cannot_be_generated_is_said_in_one_line(arguments, says, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("file").touch()
    with pytest.raises(InputError) as caught:
        rateloom.generate(**{"model": "linear", "out": "made", **arguments})
    assert says in str(caught.value)
    assert "\n" not in str(caught.value)
    assert [path.name for path in tmp_path.iterdir()] == ["file"]
