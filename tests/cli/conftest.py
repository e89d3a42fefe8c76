"""The study that commands are given, in a folder of its own."""

import shutil

import pytest
from small_sweep import SWEEP

from rateloom import cli


@pytest.fixture(scope="session")
def made(tmp_path_factory):
    """A folder with the study and the picture of a sweep, to be copied."""
    folder = tmp_path_factory.mktemp("made")
    assert cli.main([*SWEEP, "--out", str(folder / "pilot")]) == 0
    return folder


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """The current folder, which is the test's own."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def pilot(made, folder):
    """That study in the current folder, as `--out pilot` leaves it there."""
    shutil.copytree(made, folder, dirs_exist_ok=True)
    return folder / "pilot"
