import resource
import signal
import warnings

import numpy as np
import pytest
import xarray as xr

from rateloom.drivers.planning.grid import Axis, Grid
from rateloom.drivers.results import store
from rateloom.drivers.results.dataset import Frame, dataset_of
from rateloom.drivers.results.store import result_store
from rateloom.drivers.support.errors import InputError

TIMES = np.arange(5) + 0.5
EXPOSURES = (("r", "kHz", "firing rate"), ("duration", "seconds", ""))
ATTRIBUTES = {"seed": 3, "model": "montbrio", "speed": np.inf, "parameters": {"G": 0.1}, "nothing": None}
GRIDS = {
    "one axis": Grid((Axis("G", [0.0, 0.5, 1.0]),)),
    "two axes": Grid((Axis("G", [0.0, 0.5]), Axis("eta", [-6.0, -5.0, -4.0]))),
    "three axes": Grid((Axis("a", [1, 2]), Axis("speed", [1.0, 2.0]), Axis("c", [1, 2, 3]))),
    "no axis": Grid(),
}
LABELS = {"unique": ("Ä", "long label", "c"), "double": ("a", "b", "a"), "none": None}


def results_of(grid, dtype=np.float32):
    random = np.random.default_rng(0)
    data = {name: random.normal(size=(grid.n_item, 5, 3)).astype(dtype) for name, _, _ in EXPOSURES}
    diverged = np.where(np.arange(grid.n_item) % 2, np.arange(grid.n_item), -1)
    data["r"][diverged >= 0, 2:] = np.nan
    return data, diverged


def frame_of(grid, labels=None, **attributes):
    return Frame(grid, TIMES, labels, EXPOSURES, attributes)


def open_quietly(path):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        return xr.open_zarr(path)


def names_in(folder):
    return sorted(path.name for path in folder.iterdir())


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("labels", LABELS.values(), ids=LABELS)
@pytest.mark.parametrize("grid", GRIDS.values(), ids=GRIDS)
def test_a_store_opens_as_the_dataset(tmp_path, grid, labels, dtype):
    data, diverged = results_of(grid, dtype)
    target = tmp_path / "r.zarr"
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with result_store(target, frame_of(grid, labels, **ATTRIBUTES), 3, dtype) as write:
            # Items come in the order of their delays, here every third of them at once.
            for start in range(3):
                items = np.arange(start, grid.n_item, 3)
                if items.size:
                    write(items, {name: array[items] for name, array in data.items()}, diverged[items])
            assert not target.exists()
    expected = dataset_of(frame_of(grid, labels, **ATTRIBUTES), data, diverged)
    opened = open_quietly(target)
    assert opened.load().identical(expected)
    assert opened.r.dtype == dtype
    assert names_in(tmp_path) == ["r.zarr"]


def test_items_in_any_order_and_some_never(tmp_path):
    grid = GRIDS["two axes"]
    data, diverged = results_of(grid)
    items = np.array([5, 3, 4, 0])
    with result_store(tmp_path / "r.zarr", frame_of(grid), 3, np.float32) as write:
        write(items, {name: array[items] for name, array in data.items()}, diverged[items])
    opened = open_quietly(tmp_path / "r.zarr")
    flat = opened.r.values.reshape(6, 5, 3)
    assert np.array_equal(flat[items], data["r"][items], equal_nan=True)
    assert np.isnan(flat[[1, 2]]).all()
    assert opened.diverged_step.values.ravel().tolist() == [-1, -1, -1, 3, -1, 5]


@pytest.mark.parametrize(
    ("grid_shape", "item_shape", "chunks"),
    [
        ((32, 32), (2000, 76), (1, 1, 2000, 76)),
        ((32, 32), (20, 76), (1, 32, 20, 76)),
        ((4, 2000), (1000, 2), (1, 125, 1000, 2)),
        ((), (2000, 76), (2000, 76)),
        ((3,), (1_000_000, 998), (1, 16032, 998)),
        ((3,), (0, 5), (3, 1, 5)),
    ],
)
def test_chunks_have_a_sensible_size(grid_shape, item_shape, chunks):
    assert store._chunks(grid_shape, item_shape, 4) == chunks


def test_what_is_there_is_not_replaced_unasked(tmp_path):
    target, grid = tmp_path / "r.zarr", GRIDS["no axis"]
    for value in (1.0, 2.0):
        with result_store(target, frame_of(grid), 3, np.float32, overwrite=value == 2.0) as write:
            write(
                np.array([0]), {name: np.full((1, 5, 3), value) for name, _, _ in EXPOSURES}, np.array([-1])
            )
        with (
            pytest.raises(InputError, match=r"r\.zarr: already there"),
            result_store(target, frame_of(grid), 3, np.float32),
        ):
            pass
        assert (open_quietly(target).r == value).all()
    assert names_in(tmp_path) == ["r.zarr"]


def test_a_failure_leaves_the_old_store_and_no_rest(tmp_path):
    target, grid = tmp_path / "r.zarr", GRIDS["no axis"]
    with result_store(target, frame_of(grid, seed=1), 3, np.float32):
        pass
    for error in (RuntimeError, KeyboardInterrupt):
        with (
            pytest.raises(error),
            result_store(target, frame_of(grid, seed=2), 3, np.float32, overwrite=True),
        ):
            raise error
        assert open_quietly(target).attrs["seed"] == 1
        assert names_in(tmp_path) == ["r.zarr"]


def make_file(path):
    path.write_text("precious")


def make_folder(path):
    path.mkdir()
    (path / "thesis.tex").write_text("precious")


@pytest.mark.parametrize(
    ("make", "message"), [(make_file, "a file of that name"), (make_folder, "not a Zarr store")]
)
def test_other_peoples_files_are_never_overwritten(tmp_path, make, message):
    make(tmp_path / "r.zarr")
    with (
        pytest.raises(InputError, match=message),
        result_store(tmp_path / "r.zarr", frame_of(Grid()), 3, np.float32, overwrite=True),
    ):
        pass
    assert names_in(tmp_path) == ["r.zarr"]


@pytest.mark.parametrize(
    ("target", "message"),
    [
        ("/dev/null/r.zarr", "/dev/null is not a folder"),
        ("/", "not a name for a store"),
        ("/proc/r.zarr", "cannot be written"),
        ("x" * 300, "cannot be written .File name too long"),
    ],
)
def test_targets_that_cannot_be(tmp_path, monkeypatch, target, message):
    monkeypatch.chdir(tmp_path)
    with (
        pytest.raises(InputError, match=message) as caught,
        result_store(target, frame_of(Grid()), 3, np.float32),
    ):
        pass
    assert "\n" not in str(caught.value)


def test_a_full_disk_is_one_line(tmp_path):
    # A limit on the size of files fails a write as a full disk does.
    grid, n_node = Grid(), 20_000
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    noise = np.random.default_rng(0).normal(size=(1, 5, n_node))
    try:
        resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, limits[1]))
        with (
            pytest.raises(InputError, match=r"r\.zarr: cannot be written \(File too large\)"),
            result_store(tmp_path / "r.zarr", frame_of(grid), n_node, "f8") as write,
        ):
            write(np.array([0]), {name: noise for name, _, _ in EXPOSURES}, np.array([-1]))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        signal.signal(signal.SIGXFSZ, handler)
    assert names_in(tmp_path) == []
