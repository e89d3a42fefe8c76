"""Arrays from files: what is read, what is meant where a file holds several, and what is refused."""

import pickle
import zipfile

import numpy as np
import pytest
import scipy.io

from rateloom.drivers.support.errors import InputError
from rateloom.drivers.tables.sources import parse_source, read_array

MATRIX = np.corrcoef(np.random.default_rng(0).normal(size=(5, 40)))


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def read(text):
    return read_array(parse_source(text))


def write(name):
    if name.endswith(".npy"):
        np.save(name, MATRIX)
    elif name.endswith(".npz"):
        np.savez(name, fc=MATRIX)
    elif name.endswith(".mat"):
        scipy.io.savemat(name, {"fc": MATRIX})
    else:
        np.savetxt(name, MATRIX, delimiter="," if name.endswith(".csv") else "\t", fmt="%.18g")


@pytest.mark.parametrize("name", ["fc.npy", "fc.npz", "fc.csv", "fc.tsv", "fc.txt", "fc.mat", "a:b.npy"])
def test_every_form_is_read(name):
    write(name)
    np.testing.assert_array_equal(read(name), MATRIX)
    assert parse_source(f"rest={name}").name == "rest"


def test_sparse_and_old_matlab_files_are_read():
    scipy.io.savemat("v4.mat", {"fc": MATRIX}, format="4")
    np.testing.assert_array_equal(read("v4.mat"), MATRIX)
    scipy.io.savemat("sparse.mat", {"fc": scipy.sparse.csc_matrix(MATRIX)})
    np.testing.assert_array_equal(read("sparse.mat"), MATRIX)


def test_variables_and_slices_are_chosen():
    stack = np.stack([MATRIX, MATRIX**2], axis=2)
    np.savez("two.npz", a=stack, b=MATRIX)
    np.testing.assert_array_equal(read("two.npz:a:1"), MATRIX**2)
    np.testing.assert_array_equal(read("two.npz:b"), MATRIX)
    assert parse_source("two.npz:a:1").name == "two_a_1"
    np.save("one.npy", MATRIX[:, :, None])
    np.testing.assert_array_equal(read("one.npy"), MATRIX)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("absent.npy", "no such file"),
        ("two.npz", "it holds a, b; say which with two.npz:VARIABLE"),
        ("two.npz:c", "it has no variable c; there are a, b"),
        ("two.npz:a", "say which matrix with two.npz:a:0 to :1"),
        ("two.npz:a:2", "it has 2 slices, counted from 0"),
        ("two.npz:b:0", "have no slices; leave :0 out"),
        ("two.npz:a:b", "one variable and one slice at most"),
        ("fc.npy:a", "such a file has no variables"),
        ("empty.npz", "it is empty"),
        ("words.csv", "words.csv:1: 'a' is not a number"),
        ("ragged.csv", "1 numbers, but the lines before have 2"),
        ("broken.npy", "not an .npy file of numbers"),
        ("broken.npz", "not an .npz file of numbers"),
        ("broken.mat", "not a .mat file that SciPy reads"),
        ("new.mat", "a MATLAB 7.3 file (HDF5) is not read; in MATLAB, save('x.mat', 'x', '-v7') helps"),
        ("cell.mat", "a cell is no array of numbers"),
        ("text.npy", "no real numbers"),
        ("complex.npy", "no real numbers"),
        ("four.npy", "2 x 2 x 2 x 2 numbers"),
        ("fc.json", "files that end in .npy, .npz, .csv"),
    ],
)
def test_what_cannot_be_read_is_said_in_one_line(folder, text, says):
    write("fc.npy")
    np.savez("two.npz", a=np.zeros((2, 2, 2)), b=MATRIX)
    np.savez("empty.npz")
    for name, content in {
        "words.csv": "a,b", "ragged.csv": "1,2\n3", "broken.npy": "x", "broken.npz": "x", "broken.mat": "x",
        "new.mat": "MATLAB 7.3 MAT-file", "fc.json": "[]",
    }.items():  # fmt: skip
        (folder / name).write_text(content)
    scipy.io.savemat("cell.mat", {"a": np.array([1, "x"], dtype=object)})
    np.save("text.npy", np.array(["a", "b"]))
    np.save("complex.npy", MATRIX + 1j)
    np.save("four.npy", np.zeros((2, 2, 2, 2)))
    with pytest.raises(InputError) as error:
        read(text)
    assert says in str(error.value) and "\n" not in str(error.value)


class Trap:
    """Leaves a file where it is unpickled."""

    def __reduce__(self):
        return (open, ("sprung", "w"))


@pytest.mark.parametrize("name", ["trap.npy", "trap.npz"])
def test_nothing_is_unpickled(folder, name):
    np.save("trap.npy", np.array([Trap()]), allow_pickle=True)
    with zipfile.ZipFile("trap.npz", "w") as archive:
        archive.write("trap.npy", "fc.npy")
    with pytest.raises(InputError, match="Python objects"):
        read(name)
    (folder / "plain.npy").write_bytes(pickle.dumps(Trap()))
    with pytest.raises(InputError, match=r"not an \.npy file"):
        read("plain.npy")
    assert not (folder / "sprung").exists()
