"""Compiled kernels are kept whole, by this user alone, and made again where they were damaged."""

import os
import pickle
import stat
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from rateloom.drivers.support import cache

# cut, emptied, not UTF-8, zeroed as after a crash of the machine
DAMAGE = [
    pytest.param(lambda content: content[: len(content) // 2], id="cut"),
    pytest.param(lambda content: b"", id="emptied"),
    pytest.param(lambda content: b"\xff\xfe" + content, id="not UTF-8"),
    pytest.param(lambda content: bytes(len(content)), id="zeroed"),
]


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("RATELOOM_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture
def no_folder(tmp_path, monkeypatch):
    """A cache that not even root can write to."""
    (tmp_path / "file").touch()
    monkeypatch.setenv("RATELOOM_CACHE", str(tmp_path / "file"))


def test_the_folder_is_the_users_unless_one_is_named(monkeypatch, tmp_path):
    monkeypatch.delenv("RATELOOM_CACHE", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    if sys.platform == "linux":
        assert cache.cache_folder() == tmp_path / "rateloom"
    monkeypatch.setenv("RATELOOM_CACHE", str(tmp_path / "mine"))
    assert cache.cache_folder() == tmp_path / "mine"


def test_without_a_home_nothing_is_kept_in_the_working_folder(monkeypatch):
    monkeypatch.delenv("RATELOOM_CACHE", raising=False)
    monkeypatch.setattr(cache.platformdirs, "user_cache_path", lambda *names, **options: Path("~/.cache"))
    assert cache.cache_folder().is_absolute()


@pytest.mark.skipif(os.name != "posix", reason="modes are those of POSIX systems")
def test_a_folder_that_others_can_fill_is_left_alone(folder):
    folder.mkdir()
    folder.chmod(0o777)
    with pytest.warns(cache.CacheWarning, match="anybody can write to it; compiled kernels"):
        path = cache.keep_text("a/b.py", "x = 1\n")
    assert not path.is_relative_to(folder) and not list(folder.iterdir())


@pytest.mark.skipif(os.name != "posix", reason="owners are known on POSIX systems")
def test_another_users_folder_is_left_alone(tmp_path, monkeypatch):
    monkeypatch.setenv("RATELOOM_CACHE", str(tmp_path / "theirs"))
    (tmp_path / "theirs").mkdir()
    user = os.getuid()
    if user == 0:
        os.chown(tmp_path / "theirs", 12345, 12345)
    else:
        monkeypatch.setattr(cache.os, "getuid", lambda: user + 1)
    with pytest.warns(cache.CacheWarning, match="it is another user's; compiled kernels"):
        assert cache.cache_folder() != tmp_path / "theirs"


def test_a_text_is_written_once(folder):
    path = cache.keep_text("a/b.py", "x = 'é'\n")
    assert path == folder / "a" / "b.py" and path.read_bytes() == "x = 'é'\n".encode()
    before = path.stat().st_mtime_ns
    assert cache.keep_text("a/b.py", "x = 'é'\n") == path
    assert path.stat().st_mtime_ns == before
    assert list(path.parent.iterdir()) == [path], "nothing half-written is left"


def test_what_was_made_is_made_once(folder):
    made = []

    def make():
        made.append(1)
        return bytes(range(256))

    for _ in range(2):
        assert cache.keep_made("a/b.so", make).read_bytes() == bytes(range(256))
    assert len(made) == 1


@pytest.mark.parametrize("damage", DAMAGE)
def test_damaged_entries_are_made_again(damage, folder):
    text, made = "x = 1\n", b"machine code"
    cache.keep_text("t.py", text)
    cache.keep_made("m.so", lambda: made)
    for name in ("t.py", "m.so"):
        (folder / name).write_bytes(damage((folder / name).read_bytes()))
    assert cache.keep_text("t.py", text).read_text() == text
    assert cache.keep_made("m.so", lambda: made).read_bytes() == made
    (folder / "m.so.sha256").write_bytes(damage((folder / "m.so.sha256").read_bytes()))
    remade = []
    assert cache.keep_made("m.so", lambda: remade.append(1) or made).read_bytes() == made
    assert remade == [1]


def test_what_cannot_be_made_leaves_nothing(folder):
    def make():
        raise RuntimeError("no")

    with pytest.raises(RuntimeError):
        cache.keep_made("m.so", make)
    assert not folder.exists()


def test_a_folder_in_an_entrys_place_does_no_harm(folder):
    (folder / "t.py").mkdir(parents=True)
    path = cache.keep_text("t.py", "x = 1\n")
    assert path.read_text() == "x = 1\n" and not path.is_relative_to(folder)


def test_without_a_cache_the_folder_is_this_processs_alone(no_folder):
    path = cache.keep_text("a/t.py", "x = 1\n")
    private = path.parents[1]
    assert path.read_text() == "x = 1\n"
    if hasattr(os, "getuid"):
        assert private.stat().st_uid == os.getuid()
        assert stat.S_IMODE(private.stat().st_mode) == 0o700
    assert cache.keep_made("m.so", lambda: b"code").parent == private


def test_the_private_folder_has_another_name_in_each_process_and_does_not_outlast_it(no_folder):
    code = "from rateloom.drivers.support.cache import keep_text; print(keep_text('t.py', 'x = 1'))"
    paths = [
        Path(subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout)
        for _ in range(2)
    ]
    assert paths[0].parent != paths[1].parent
    assert not any(path.parent.exists() for path in paths)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no processes are forked here")
def test_a_forked_process_leaves_its_parents_folder(no_folder):
    code = (
        "import os, sys\n"
        "from rateloom.drivers.support.cache import keep_text\n"
        "path = keep_text('t.py', 'x = 1')\n"
        "child = os.fork()\n"
        "if not child: sys.exit()\n"
        "os.waitpid(child, 0)\n"
        "print(path.is_file())\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "True\n"


def test_only_numbas_damaged_files_are_removed(tmp_path):
    folder = tmp_path / "__pycache__"
    folder.mkdir()
    index = pickle.dumps("0.60", -1) + pickle.dumps({"f": b"code" * 1000}, -1)
    contents = {
        "k.f-1.py311.nbi": index,
        "k.f-1.py311.1.nbc": index[: len(index) // 2],
        "k.g-1.py311.nbi": b"",
        "k.g-1.py311.1.nbc": bytes(100),
        "other.f-1.py311.nbi": b"",
    }
    for name, content in contents.items():
        (folder / name).write_bytes(content)
    cache.drop_damaged_kernels(tmp_path / "k.py")
    assert sorted(path.name for path in folder.iterdir()) == ["k.f-1.py311.nbi", "other.f-1.py311.nbi"]


SIMULATE = """
import sys
import numpy as np
import rateloom
result = rateloom.simulate("linear", connectome="synthetic:4", duration=5.0, backend=sys.argv[1])
np.save(sys.argv[2], np.asarray(result.to_dataarray()))
"""


def simulated(backend, file):
    subprocess.run([sys.executable, "-c", SIMULATE, backend, file], check=True)
    return np.load(file)


@pytest.mark.slow
@pytest.mark.parametrize("backend", ["numba", "emulated"])
def test_a_run_with_a_cache_that_was_damaged_gives_the_same_bits(backend, folder, tmp_path):
    first = simulated(backend, tmp_path / "first.npy")
    entries = [path for path in folder.rglob("*") if path.is_file()]
    assert entries
    for path in entries:
        path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    assert np.array_equal(simulated(backend, tmp_path / "second.npy"), first)
    # what was made again is whole: none of it is half as long as before
    sizes = {path: path.stat().st_size for path in folder.rglob("*") if path.suffix in (".py", ".so", ".nbc")}
    assert np.array_equal(simulated(backend, tmp_path / "third.npy"), first)
    assert {path: path.stat().st_size for path in sizes} == sizes
