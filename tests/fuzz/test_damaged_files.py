"""Damaged files of every form that is read end in one line, soon, and fill no memory."""

from __future__ import annotations

import os
import resource
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import xarray as xr
from file_forms import FORMS, Form
from mutations import mutated_files, write_files

import rateloom
from rateloom.drivers.results.result_files import open_result
from rateloom.drivers.support.stores import open_store

# Of processor time, each; what is read whole is some kB.
SECONDS, BYTES = 4.0, 400_000_000
# Seeds that once ended in an exception, or in no end at all, of one form or another.
FIXED = (0, 9, 51, 57, 255, 317, 399, 587, 1001)

pytestmark = pytest.mark.filterwarnings("ignore")


def spoilt(form: Form, made: Path, folder: Path, seed: int) -> tuple[Path, set[str]]:
    """Write a mutation of a form's example; return what to read and which files differ."""
    example = form.files(made)
    changed = mutated_files(example, np.random.default_rng(seed))
    names = {name for name in example if changed.get(name) != example[name]}
    for name in names:
        if name in changed:
            write_files(folder, {name: changed[name]})
        else:
            (folder / name).unlink()
    return (folder / next(iter(example)) if form.single else folder), names


def reads_or_refuses(form: Form, target: Path) -> None:
    """Read, and hold whatever comes of it against what is promised."""
    begun = time.process_time()
    try:
        form.read(target)
    except rateloom.ModelError as error:
        lines = str(error).split("\n")
        assert len(lines) == len(error.diagnostics)
    except rateloom.InputError as error:
        assert "\n" not in str(error)
        str(error).encode()
        assert len(str(error)) < 700
    assert time.process_time() - begun < SECONDS


@pytest.fixture(params=FORMS)
def form(request: pytest.FixtureRequest, made: Path, tmp_path: Path) -> Iterator[Form]:
    """A form, whose example lies in the temporary folder; what reads it fills no memory."""
    chosen = FORMS[request.param]
    write_files(tmp_path, chosen.files(made))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    yield chosen
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert grown * 1024 < BYTES


def mutations_of(form: Form, made: Path, folder: Path, seeds: Iterator[int]) -> None:
    example = form.files(made)
    for seed in seeds:
        target, names = spoilt(form, made, folder, seed)
        try:
            reads_or_refuses(form, target)
        except Exception as problem:
            problem.add_note(f"of seed {seed}, in {', '.join(names)}")
            raise
        write_files(folder, {name: example[name] for name in names})


@pytest.mark.slow
def test_an_example_is_read(form: Form, made: Path, tmp_path: Path) -> None:
    form.read(tmp_path / next(iter(form.files(made))) if form.single else tmp_path)


@pytest.mark.slow
def test_a_few_mutations(form: Form, made: Path, tmp_path: Path) -> None:
    mutations_of(form, made, tmp_path, iter(FIXED))


@pytest.mark.slow
def test_many_mutations(form: Form, made: Path, tmp_path: Path) -> None:
    mutations_of(form, made, tmp_path, iter(range(form.many)))


@pytest.mark.slow
def test_a_pipe_and_a_device_are_no_files(form: Form, made: Path, tmp_path: Path) -> None:
    """A pipe that nobody writes to is not waited for, and a device without end is not read."""
    for name in form.files(made):
        for stand_in in ("pipe", "device"):
            path = tmp_path / name
            path.unlink(missing_ok=True)
            if stand_in == "pipe":
                os.mkfifo(path)
            else:
                path.symlink_to("/dev/zero")
            waiting = threading.Timer(SECONDS, _written_to, [path])
            waiting.start()
            try:
                reads_or_refuses(form, path if form.single else tmp_path)
                assert waiting.is_alive()
            finally:
                waiting.cancel()
                path.unlink()
        write_files(tmp_path, {name: form.files(made)[name]})


def _written_to(path: Path) -> None:
    """Let whoever waits for the other end of a pipe go on."""
    with path.open("wb"):
        pass


def test_a_header_that_promises_what_is_not_there(tmp_path: Path) -> None:
    """A size below zero once meant to read all that follows: here 6 GB of zeros, which take no disk."""
    path = tmp_path / "v.npy"
    header = b"{'descr': '<f8', 'fortran_order': False, 'shape': (-1,), }"
    path.write_bytes(b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header)
    os.truncate(path, 6 * 10**9)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(rateloom.InputError, match="its shape is \\(-1,\\); the file is damaged"):
        rateloom.targets(fc=path)
    # a header without end
    path.write_bytes(b"\x93NUMPY\x02\x00\xff\xff\xff\xff")
    os.truncate(path, 6 * 10**9)
    with pytest.raises(rateloom.InputError, match="its header has 4294967295 bytes; the file is damaged"):
        rateloom.targets(fc=path)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 50_000


def test_a_netcdf_file_that_promises_what_is_not_there(tmp_path: Path) -> None:
    path = tmp_path / "r.nc"
    xr.Dataset({"x": (("time", "node"), np.zeros((4, 3)))}).to_netcdf(path, engine="scipy")
    content, size = path.read_bytes(), (2**31 - 1).to_bytes(4, "big")
    path.write_bytes(content.replace(b"time\x00\x00\x00\x04", b"time" + size))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(rateloom.InputError, match="it cannot be opened"):
        open_result(path)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 50_000


@pytest.mark.parametrize(
    ("where", "value", "complaint"),
    [
        (12, (10**6).to_bytes(4, "little"), "not those of its header; the store is damaged"),
        (4, b"\xff" * 4, r"it would take 4\.29 GB; the store is damaged"),
    ],
)
@pytest.mark.parametrize("zarr_format", [2, 3])
def test_a_frame_that_promises_what_is_not_there(
    zarr_format: int,
    where: int,
    value: bytes,
    complaint: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Blosc read beyond the end of such a chunk, which ended the process."""
    import numcodecs
    import zarr

    monkeypatch.setattr("rateloom.drivers.support.stores.available_memory", lambda: 10**9)
    blosc = numcodecs.Blosc() if zarr_format == 2 else zarr.codecs.BloscCodec()
    store = tmp_path / "s.zarr"
    group = zarr.open_group(store, mode="w", zarr_format=zarr_format)
    group.create_array("x", data=np.arange(600.0).reshape(20, 30), chunks=(10, 30), compressors=blosc)
    chunk = store / ("x/0.0" if zarr_format == 2 else "x/c/0/0")
    content = bytearray(chunk.read_bytes())
    content[where : where + 4] = value
    chunk.write_bytes(content)
    with pytest.raises(rateloom.InputError, match=complaint):
        open_store(store)
