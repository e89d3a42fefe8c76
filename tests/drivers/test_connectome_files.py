"""Connectomes in zip files, folders and .npz files, sound ones and damaged ones."""

import bz2
import re
import zipfile
from pathlib import Path

import numpy as np
import pytest

from rateloom.drivers.connectome.connectome_sources import load_connectome
from rateloom.drivers.support.errors import InputError

WEIGHTS = np.array([[0.0, 1.5, -2.0], [1e-3, 0.0, 4.0], [0.0, 0.5, 0.0]])
LENGTHS = np.array([[0.0, 10.0, 20.25], [10.0, 0.0, 33.0], [20.25, 33.0, 0.0]])
CENTRES = b"left 1 2 3\nmiddle 4 5 6 None\nright -7 8.5 9\n"


def text(array, delimiter=" "):
    return "\n".join(delimiter.join(repr(float(x)) for x in row) for row in array).encode()


def write_zip(path, parts, **options):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, **options) as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    return path


GOOD = {"weights.txt": text(WEIGHTS), "tract_lengths.txt": text(LENGTHS), "centres.txt": CENTRES}


@pytest.mark.parametrize(
    "parts",
    [
        GOOD,
        {f"some/folder/{name}": data for name, data in GOOD.items()},
        {f"{name}.bz2": bz2.compress(data) for name, data in GOOD.items()},
        GOOD | {"__MACOSX/._weights.txt": b"\0\1\2", "info.txt": b"weights_unit"},
        {
            "weights.csv": b"# w\n" + text(WEIGHTS, ","),
            "tract_lengths.csv": text(LENGTHS, ";"),
            "centres.csv": b'left,1,2,3\r\nmiddle,4,5,6\r\n"right",-7,8.5,9\r\n',
        },
        GOOD | {"weights.txt": b"\xef\xbb\xbf" + text(WEIGHTS, "\t") + b"\n\n"},
    ],
    ids=["flat", "folder", "bz2", "mac", "csv", "bom"],
)
def test_zips_and_directories(tmp_path, parts):
    zipped = load_connectome(write_zip(tmp_path / "c.zip", parts), normalize="none")
    assert zipped.weights.tolist() == WEIGHTS.tolist()
    assert zipped.tract_lengths.tolist() == LENGTHS.tolist()
    assert zipped.labels == ("left", "middle", "right")
    assert zipped.centres.tolist() == [[1, 2, 3], [4, 5, 6], [-7, 8.5, 9]]
    folder = tmp_path / "folder"
    folder.mkdir()
    for name, data in parts.items():
        if not name.startswith("__"):
            (folder / Path(name).name).write_bytes(data)
    assert load_connectome(folder, normalize="none").weights.tolist() == WEIGHTS.tolist()


def test_npz_and_npy(tmp_path):
    np.savez(tmp_path / "c.npz", weights=WEIGHTS, tract_lengths=LENGTHS.T.copy(order="F"), labels=list("abc"))
    loaded = load_connectome(str(tmp_path / "c.npz"), normalize="none")
    assert loaded.weights.tolist() == WEIGHTS.tolist()
    assert loaded.tract_lengths.tolist() == LENGTHS.tolist()
    assert loaded.labels == ("a", "b", "c")
    np.save(tmp_path / "weights.npy", WEIGHTS.astype(np.float32))
    np.save(tmp_path / "tract_lengths.npy", LENGTHS.astype(int))
    np.save(tmp_path / "centres.npy", np.ones((3, 3)))
    loaded = load_connectome(tmp_path, normalize="none")
    assert loaded.weights[0, 1] == 1.5
    assert loaded.labels is None
    assert loaded.centres.shape == (3, 3)


def npy_bytes(path, array):
    np.save(path, array, allow_pickle=True)
    return path.read_bytes()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"weights.txt": None}, "no weights file"),
        ({"tract_lengths.txt": None}, "no tract_lengths file"),
        ({"weights.csv": b"1"}, "both weights.txt and weights.csv hold weights"),
        ({"weights.txt": b""}, "weights.txt: the file holds no numbers"),
        ({"weights.txt": b"# only\n\n"}, "weights.txt: the file holds no numbers"),
        ({"weights.txt": b"1 2\n3 x4\n"}, r"weights.txt:2: 'x4' is not a number"),
        ({"weights.txt": b"1 2\n3\n"}, "weights.txt:2: 1 numbers, but the lines before have 2"),
        ({"weights.txt": b"1 2\n3 4\n5 6\n"}, "weights.txt:3: more rows than the 2 columns"),
        ({"weights.txt": b"1 2 3\n3 4 5\n"}, "square matrix.*not 2 x 3"),
        ({"weights.txt": b"1 2\n3 4"}, "weights are 2 x 2 but tract_lengths are 3 x 3"),
        ({"weights.txt": b"nan 2\n3 4"}, r"weights\[0, 0\] is nan"),
        ({"weights.txt": bytes(range(256))}, "is not a number"),
        ({"tract_lengths.txt": text(-LENGTHS)}, "cannot be negative"),
        ({"centres.txt": b"a 1 2 3\nb 1 2 3\n"}, "2 labels for 3 nodes"),
        ({"centres.txt": b"a 1 2\n"}, "centres.txt:1: expected a label and three coordinates"),
        ({"centres.txt": b"a 1\n"}, "centres.txt:1: expected a label and three coordinates"),
        ({"centres.txt": b"a 1 2 3\n4 5 6\n"}, "some lines have a label and some have none"),
        ({"labels.txt": b"one\ntwo\n"}, "2 labels for 3 nodes"),
    ],
)
def test_bad_files_are_refused(tmp_path, change, message):
    parts = {name: data for name, data in (GOOD | change).items() if data is not None}
    for name, data in parts.items():
        (tmp_path / name).write_bytes(data)
    with pytest.raises(InputError, match=message) as caught:
        load_connectome(tmp_path)
    assert "\n" not in str(caught.value)
    path = write_zip(tmp_path / "c.zip", parts)
    with pytest.raises(InputError, match=message):
        load_connectome(path)


def test_what_is_no_archive(tmp_path):
    path = tmp_path / "c.zip"
    path.write_bytes(b"not a zip at all")
    with pytest.raises(InputError, match="not a zip, an npz, a mat, a table or a directory"):
        load_connectome(path)
    path.write_bytes(b"")
    with pytest.raises(InputError, match="not a zip, an npz, a mat, a table or a directory"):
        load_connectome(path)
    empty = tmp_path / "empty"
    empty.mkdir()
    with pytest.raises(InputError, match="no weights file"):
        load_connectome(empty)


def test_damaged_archives(tmp_path):
    path = write_zip(tmp_path / "c.zip", GOOD)
    data = bytearray(path.read_bytes())
    data[45:60] = b"\xff" * 15
    path.write_bytes(bytes(data))
    with pytest.raises(InputError, match="cannot be read"):
        load_connectome(path)
    for wrong in (b"no bz2", bz2.compress(GOOD["weights.txt"])[:-9]):
        parts = GOOD | {"weights.txt.bz2": wrong}
        del parts["weights.txt"]
        with pytest.raises(InputError, match="cannot be read"):
            load_connectome(write_zip(path, parts))


def test_pickles_are_refused(tmp_path):
    np.savez(tmp_path / "c.npz", weights=np.array([[{}]]), tract_lengths=np.ones((1, 1)))
    with pytest.raises(InputError, match=r"weights.npy: holds Python objects"):
        load_connectome(tmp_path / "c.npz")


def test_npy_whose_header_lies(tmp_path):
    good = npy_bytes(tmp_path / "w.npy", np.ones((3, 3)))
    for data, message in [
        (good.replace(b"(3, 3)", b"(9, 9)"), "file is damaged"),
        (good + b"more", "file is damaged"),
        (b"\x93NUMPY\x09\x09", "not an .npy file"),
        (b"", "not an .npy file"),
        (good[:20], "not an .npy file"),
    ]:
        parts = GOOD | {"weights.npy": data}
        del parts["weights.txt"]
        with pytest.raises(InputError, match=message):
            load_connectome(write_zip(tmp_path / "c.zip", parts))


@pytest.mark.parametrize("ending", [".txt", pytest.param(".txt.bz2", marks=pytest.mark.slow)])
def test_bombs_stop_early(tmp_path, ending):
    wide = b"0 " * 3_000_000
    bombs = {"one long line": wide, "many rows": b"0\n" * 300_000, "no rows": b"\n" * 60_000}
    for data in bombs.values():
        packed = bz2.compress(data) if ending.endswith("bz2") else data
        parts = {f"weights{ending}": packed, "tract_lengths.txt": b"1"}
        path = write_zip(tmp_path / "bomb.zip", parts)
        assert path.stat().st_size < len(data) / 100
        with pytest.raises(InputError, match=r"is not read|more rows than|holds no numbers"):
            load_connectome(path)


def test_total_size_is_limited(tmp_path, monkeypatch):
    monkeypatch.setattr("rateloom.drivers.tables.text_lines.MAX_BYTES", 1000)
    rows = b"\n".join([b"0 " * 40] * 40)
    path = write_zip(tmp_path / "c.zip", {"weights.txt": rows, "tract_lengths.txt": rows})
    with pytest.raises(InputError, match="more than 1000 bytes of text is not read"):
        load_connectome(path)
    np.savez(tmp_path / "c.npz", weights=np.ones((40, 40)), tract_lengths=np.ones((40, 40)))
    with pytest.raises(InputError, match="at most 1000 are read"):
        load_connectome(tmp_path / "c.npz")


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        ({}, "no array named weights; it holds nothing"),
        ({"W": np.ones((2, 2)), "L": np.ones((2, 2))}, "no array named weights; it holds W, L"),
        (
            {"weights": np.ones((2, 2)), "distances": np.ones((2, 2))},
            "no array named tract_lengths; it holds weig",
        ),
    ],
)
def test_an_npz_without_the_right_arrays_is_told_what_it_holds(tmp_path, arrays, message):
    np.savez(tmp_path / "c.npz", **arrays)
    with pytest.raises(InputError, match=re.escape(message)) as caught:
        load_connectome(tmp_path / "c.npz")
    assert "Write np.savez(path, weights=..., tract_lengths=...)" in str(caught.value)


def test_weights_alone_are_told_what_they_lack(tmp_path):
    np.save(tmp_path / "c.npy", np.ones((2, 2)))
    with pytest.raises(InputError, match=r"weights alone; give lengths as well, .*c\.npy,LENGTHS; or take"):
        load_connectome(tmp_path / "c.npy")
