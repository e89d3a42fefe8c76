"""Studies that cannot be gone on with or begun: each is refused with what is wrong."""

from __future__ import annotations

import functools
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from driven_studies import AXES, HOW, study
from small_connectomes import DT, middling
from special_models import DRIVEN

import rateloom
from rateloom.drivers.studies.folder import locked
from rateloom.drivers.studies.plan_file import sealed

ANOTHER = DRIVEN.replace("mean_P * z", "2 * mean_P * z")


@pytest.fixture(scope="module")
def whole(model: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A study that ran to its end."""
    folder = tmp_path_factory.mktemp("whole") / "s"
    study(model, folder)
    return folder


@pytest.fixture
def done(whole: Path, tmp_path: Path) -> Path:
    """A copy of it, to be spoilt."""
    return Path(shutil.copytree(whole, tmp_path / "s"))


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"duration": 240 * DT}, r"settings.duration is 10.0 there and 12.0 here"),
        ({"seed": 6}, "settings.seed is 5 there and 6 here"),
        ({"lanes": 8}, "settings.lanes is 4 there and 8 here"),
        ({"normalize": "row"}, "normalize is 'none' there and 'row' here"),
        ({"parameters": {"s": 0.3}}, "given.parameters.s is None there and"),
        ({"convention": "published"}, "measures.convention is 'standard' there and 'published' here"),
        ({"math": "libm"}, "variant.code is .* math is 'fast' there and 'libm' here"),
    ],
)
def test_another_study_is_refused_with_the_difference(
    changes: dict[str, Any], says: str, model: Path, done: Path
) -> None:
    with pytest.raises(rateloom.InputError, match=f"another study is in it: .*{says}"):
        study(model, done, resume=True, **changes)
    # how it is run does not matter
    study(model, done, resume=True, threads=2, memory="1GB")


def test_another_model_or_connectome_is_refused(model: Path, tmp_path: Path, done: Path) -> None:
    other = tmp_path / "driven.xml"
    other.write_text(ANOTHER)
    with pytest.raises(rateloom.InputError, match=r"model.hash is '\w+' there and '\w+' here"):
        study(other, done, resume=True)
    weights = middling().weights * 1.1
    brain = rateloom.Connectome(weights, middling().tract_lengths, name="middling")
    with pytest.raises(rateloom.InputError, match=r"given.weights is '\w+' there and '\w+' here"):
        study(model, done, resume=True, connectome=brain)
    with pytest.raises(rateloom.InputError, match=r"axes.speed is \[20.0, 9.0\] there and None here"):
        rateloom.sweep(model, {"G": AXES["G"]}, keep="measures", out=done, resume=True, **HOW)


def change_plan(folder: Path, **changes: Any) -> None:
    record = json.loads((folder / "plan.json").read_text())
    (folder / "plan.json").write_text(json.dumps(sealed(record | changes)))


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"rateloom_version": "0.0.9"}, "rateloom_version is '0.0.9' there and '0.1.0' here"),
        ({"variant": {"compiler": "older"}}, r"variant\.compiler is 'older' there and"),
        ({"form": 99}, "its form is 99"),
        ({"settings": {}}, "it is no plan of a study"),
        ({"settings": 3}, "it is no plan of a study"),
        ({"axes": 3}, "it is no plan of a study"),
        ({"given": {"weights": "0"}}, "weights was changed since the study began"),
    ],
)
def test_another_version_or_a_changed_plan_is_refused(changes: dict[str, Any], says: str, done: Path) -> None:
    change_plan(done, **changes)
    with pytest.raises(rateloom.InputError, match=says):
        rateloom.resume(done)


@pytest.mark.parametrize("link", [False, True])
@pytest.mark.parametrize("of", ["measures", "model"])
def test_a_program_in_the_study_itself_is_not_run(of: str, link: bool, done: Path) -> None:
    own = done / "own.py"
    own.write_text(f"open({str(done / 'was_run')!r}, 'w')\n")
    if link:
        (done.parent / "link").symlink_to(done)
        own = done.parent / "link" / ".." / "link" / "own.py"
    record = json.loads((done / "plan.json").read_text())
    if of == "measures":
        origin = {"file": str(own), "function": "f", "source": "0", "batched": False, "regional": None}
        change_plan(done, measures=record["measures"] | {"custom": {"f": origin}})
    else:
        change_plan(done, model=record["model"] | {"path": str(own.with_name("model.xml"))})
    for use in (rateloom.resume, lambda folder: rateloom.time_series(folder, [0])):
        with pytest.raises(rateloom.InputError, match="lies in the study itself, and no program"):
            use(done)
    assert not (done / "was_run").exists()


def test_code_of_a_model_in_the_study_itself_is_not_run(done: Path) -> None:
    """The model lies outside, and the code that it names below its folder, in the study."""
    (done / "own.py").write_text(f"open({str(done / 'was_run')!r}, 'w')\n\n\ndef own(v):\n    return v\n")
    (done / "own.cuh").write_text("__device__ REAL own(REAL v) { return v; }\n")
    function = '<Function name="own" arguments="v" cuda="{0}.cuh" numba="{0}.py" differentiation="central" '
    text = DRIVEN.replace("<Dynamics>", function.format("./s/own") + 'step="0.1"/>\n<Dynamics>', 1)
    record = json.loads((done / "plan.json").read_text())
    path = str(done.parent / "driven.xml")
    change_plan(done, model=record["model"] | {"path": path, "text": text})
    for use in (rateloom.resume, lambda folder: rateloom.time_series(folder, [0])):
        with pytest.raises(rateloom.InputError, match=r"function own \(\w+\), .*own.*, lies in the study"):
            use(done)
    assert not (done / "was_run").exists()


def test_who_holds_a_study_may_be_a_pipe(done: Path) -> None:
    """Which nobody writes to, and which is not waited for."""
    with locked(done):
        (done / "lock.owner").unlink()
        os.mkfifo(done / "lock.owner")
        taken = (
            "import sys; from pathlib import Path; from rateloom.drivers.studies.folder import locked\n"
            "with locked(Path(sys.argv[1])): pass"
        )
        process = subprocess.run(
            [sys.executable, "-c", taken, done], capture_output=True, text=True, timeout=60, check=False
        )
    assert "another process is writing to this study (unknown)" in process.stderr


@pytest.mark.parametrize(
    ("path", "value"),
    [("settings seed", 7), ("settings dt", 0.025), ("axes G", [0.7, 0.9]), ("note", "")],
)
def test_a_plan_that_somebody_changed_is_refused(path: str, value: Any, done: Path) -> None:
    plan = done / "plan.json"
    record = json.loads(plan.read_text())
    *above, name = path.split()
    functools.reduce(dict.__getitem__, above, record)[name] = value
    plan.write_text(json.dumps(record))
    for use in (rateloom.resume, rateloom.plot):
        with pytest.raises(rateloom.InputError, match=r"plan\.json: it was changed since the study began"):
            use(done)


def test_what_is_no_study_is_refused(model: Path, tmp_path: Path, done: Path) -> None:
    (tmp_path / "thesis").mkdir()
    (tmp_path / "thesis" / "thesis.tex").touch()
    (tmp_path / "file").touch()
    with pytest.raises(rateloom.InputError, match=r"plan.json is absent"):
        rateloom.resume(tmp_path / "thesis")
    with pytest.raises(rateloom.InputError, match="a folder that is not a study"):
        study(model, tmp_path / "thesis", overwrite=True)
    with pytest.raises(rateloom.InputError, match="a file of that name is in the way"):
        study(model, tmp_path / "file", overwrite=True)
    tables = done / "measures.sqlite"
    tables.rename(tmp_path / "kept")
    with pytest.raises(rateloom.InputError, match=r"measures.sqlite is absent"):
        rateloom.resume(done)
    assert not tables.exists()
    (done / "given.npz").write_bytes(b"PK nonsense")
    with pytest.raises(rateloom.InputError, match=r"given.npz: cannot be read"):
        rateloom.resume(done)
    (done / "plan.json").write_text("{")
    with pytest.raises(rateloom.InputError, match=r"plan.json: cannot be read"):
        rateloom.resume(done)


HOLD = """
import sys, time
from pathlib import Path
from rateloom.drivers.studies.folder import locked
with locked(Path(sys.argv[1])):
    print("held", flush=True)
    time.sleep(60)
"""


def test_a_second_process_is_refused_and_a_dead_one_keeps_no_lock(model: Path, done: Path) -> None:
    other = subprocess.Popen([sys.executable, "-c", HOLD, str(done)], stdout=subprocess.PIPE, text=True)
    assert other.stdout is not None and other.stdout.readline() == "held\n"
    says = f"another process is writing to this study .process {other.pid} on "
    with pytest.raises(rateloom.InputError, match=says):
        rateloom.resume(done)
    with pytest.raises(rateloom.InputError, match=says):
        study(model, done, overwrite=True)
    other.kill()
    other.wait()
    other.stdout.close()
    rateloom.resume(done)
    assert (done / "lock").is_file() and not (done / "lock.owner").exists()


@pytest.mark.parametrize("owner", [b"", b"\xff\xfe", None], ids=["emptied", "not UTF-8", "absent"])
def test_who_writes_may_be_unknown(owner: bytes | None, tmp_path: Path) -> None:
    with locked(tmp_path):
        (tmp_path / "lock.owner").unlink()
        if owner is not None:
            (tmp_path / "lock.owner").write_bytes(owner)
        with pytest.raises(rateloom.InputError, match=r"writing to this study \(unknown\)"), locked(tmp_path):
            pass
    with locked(tmp_path):
        assert (tmp_path / "lock.owner").read_text().startswith("process ")


@pytest.mark.parametrize("lock", ["a folder", "a loop of links"])
def test_what_cannot_be_locked_is_one_line(lock: str, done: Path) -> None:
    path = done / "lock"
    path.unlink()
    if lock == "a folder":
        path.mkdir()
    else:
        path.symlink_to(path)
    with pytest.raises(rateloom.InputError, match=r"^\S+/s/lock: cannot be locked \([^\n]+\)$"):
        rateloom.resume(done)


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"duration": 8 * DT}, "there is one sample, and measures need two"),
        ({"measure_settings": {"fcd_step": 1}}, "give a rateloom.MeasureSettings"),
        ({"convention": "mine"}, "convention='mine' is unknown"),
        ({"resume": True}, "give the study's directory with out="),
        ({"resume": True, "keep": "averages"}, "only keep='measures' can be gone on with"),
        ({"out": 3}, "out=3: it must be a path"),
        ({"keep": "everything"}, "keep='everything' is unknown"),
    ],
)
def test_what_cannot_be_kept_is_refused(changes: dict[str, Any], says: str, model: Path) -> None:
    with pytest.raises(rateloom.InputError, match=says):
        rateloom.sweep(model, AXES, **{"keep": "measures", **HOW, **changes})


def test_a_model_whose_file_is_gone_or_changed_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "driven.xml"
    path.write_text(DRIVEN)
    loaded = rateloom.load(path)
    path.write_text(ANOTHER)
    with pytest.raises(rateloom.InputError, match="was changed after the model was loaded"):
        study(loaded, tmp_path / "s")
    path.unlink()
    with pytest.raises(rateloom.InputError, match="cannot be read"):
        study(loaded, tmp_path / "s")
