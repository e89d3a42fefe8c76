import numpy as np
import pytest
import xarray as xr
from matplotlib.figure import Figure
from matplotlib.image import imread

from rateloom.drivers.pictures.panels import Panel, _right_hand, draw_series_grid
from rateloom.drivers.pictures.plot_style import cell_edges, is_logarithmic, number_text, thinned
from rateloom.drivers.pictures.plots import plot_grid, plot_run, plot_sweep
from rateloom.drivers.planning.grid import Axis, Grid
from rateloom.drivers.results import sweep_statistics
from rateloom.drivers.results.dataset import Frame, dataset_of
from rateloom.drivers.results.store import result_store
from rateloom.drivers.support.errors import InputError

TIMES = np.arange(40) + 0.5
EXPOSURES = (("r", "kHz", ""), ("V", "", ""))
ATTRIBUTES = {"model": "montbrio", "connectome": "tvb76"}


def data_of(grid, n_node=4):
    """Item i has mean i and standard deviation 2 in r, and their negatives in V."""
    wave = np.where(np.arange(TIMES.size) % 2, 2.0, -2.0)[:, None] + np.zeros(n_node)
    values = np.arange(grid.n_item)[:, None, None] + wave
    return {"r": values.astype(np.float32), "V": -values.astype(np.float32)}


def dataset(*axes, diverged=()):
    grid = Grid(tuple(Axis(name, values) for name, values in axes))
    data, steps = data_of(grid), np.full(grid.n_item, -1)
    for item in diverged:
        data["r"][item, 5:], steps[item] = np.nan, 50
    return dataset_of(Frame(grid, TIMES, None, EXPOSURES, ATTRIBUTES), data, steps)


@pytest.fixture
def figures(monkeypatch):
    """Figures that are saved, to look into."""
    kept = []
    original = Figure.savefig
    monkeypatch.setattr(Figure, "savefig", lambda self, *a, **k: (kept.append(self), original(self, *a, **k)))
    return kept


def texts_of(figure):
    return " ".join(text.get_text() for text in figure.findobj(lambda artist: hasattr(artist, "get_text")))


def test_run(tmp_path, figures):
    plot_run(dataset(), tmp_path / "run.png")
    picture = imread(tmp_path / "run.png")
    assert picture.shape[:2] == (int(150 * 5.1), 9 * 150)
    r, v = figures[0].axes
    assert r.get_ylabel() == "r (kHz)"
    assert v.get_ylabel() == "V"
    assert v.get_xlabel() == "time (ms)"
    assert len(r.lines) == 5
    assert np.array_equal(r.lines[-1].get_ydata(), data_of(Grid())["r"][0].mean(axis=1))
    assert r.get_xlim() == (0, 40)
    assert "montbrio on tvb76" in texts_of(figures[0])
    assert [path.name for path in tmp_path.iterdir()] == ["run.png"]


def test_run_of_many_nodes_draws_some(tmp_path, figures):
    grid = Grid()
    many = dataset_of(Frame(grid, TIMES, None, EXPOSURES, {}), data_of(grid, 250), np.array([17]))
    plot_run(many, tmp_path / "run.png")
    assert len(figures[0].axes[0].lines) == 101
    assert "100 of 250 nodes" in texts_of(figures[0])
    assert "diverged at step 17" in texts_of(figures[0])


def heat_map(figure, index):
    return figure.axes[index].collections[0]


def test_two_axes_make_heat_maps(tmp_path, figures):
    eta = [-4.0, -6.0, -5.0]
    plot_sweep(dataset(("G", [0.0, 1.0]), ("eta", eta), diverged=[5]), tmp_path / "sweep.png")
    assert imread(tmp_path / "sweep.png").shape[1] == int(9.5 * 150)
    figure = figures[0]
    # Rows are eta by rising value, columns G; item 5 is G = 1, eta = -5.
    assert np.allclose(
        heat_map(figure, 0).get_array().filled(np.nan), [[1, 4], [2, np.nan], [0, 3]], equal_nan=True
    )
    deviation = heat_map(figure, 1).get_array()
    assert np.allclose(deviation.compressed(), 2)
    assert deviation.count() == 5
    assert np.allclose(heat_map(figure, 2).get_array()[0], [-1, -4])
    assert heat_map(figure, 0).get_coordinates()[0, :, 0].tolist() == [-0.5, 0.5, 1.5]
    assert heat_map(figure, 0).get_coordinates()[:, 0, 1].tolist() == [-6.5, -5.5, -4.5, -3.5]
    assert "1 of 6 work items diverged (grey)" in texts_of(figure)
    assert "r (kHz)" in texts_of(figure)


def test_further_axes_are_held_and_log_axes_drawn_so(tmp_path, figures):
    swept = dataset(("nsig", np.geomspace(1e-6, 1e-2, 5)), ("G", [1.0]), ("speed", [2.0, 4.0, 8.0]))
    plot_sweep(swept, tmp_path / "sweep.png")
    figure = figures[0]
    assert figure.axes[0].get_xscale() == "log"
    assert figure.axes[0].get_yscale() == "linear"
    assert np.allclose(heat_map(figure, 0).get_array(), [[1, 4, 7, 10, 13]])
    assert "speed = 4 mm/ms" in texts_of(figure)


def test_one_axis_makes_lines(tmp_path, figures):
    plot_sweep(dataset(("G", [2.0, 0.0, 1.0]), diverged=[2]), tmp_path / "sweep.png")
    line = figures[0].axes[0].lines[0]
    assert line.get_xdata().tolist() == [0, 1, 2]
    assert np.allclose(line.get_ydata(), [1, np.nan, 0], equal_nan=True)
    band = figures[0].axes[0].collections[0].get_datalim(figures[0].axes[0].transData)
    assert band.y0 == pytest.approx(-2)
    assert band.y1 == pytest.approx(3)
    assert "1 of 3 work items diverged (missing)" in texts_of(figures[0])


@pytest.mark.parametrize("draw", [plot_sweep, plot_grid])
def test_no_axis_at_all_draws_the_run(tmp_path, figures, draw):
    draw(dataset(), tmp_path / "run.png")
    assert len(figures[0].axes) == 2
    assert len(figures[0].axes[0].lines) == 5


def test_all_diverged(tmp_path):
    swept = dataset(("G", [0.0, 1.0]), ("eta", [1.0, 2.0]), diverged=range(4))
    for draw in (plot_sweep, plot_grid):
        draw(swept, tmp_path / "x.png")
        assert imread(tmp_path / "x.png").std() > 0.02


def test_grid_of_time_series(tmp_path, figures):
    swept = dataset(("G", np.arange(8.0)), ("eta", [-6.0, -5.0, -4.0]), diverged=[1])
    plot_grid(swept, tmp_path / "grid.png")
    figure = figures[0]
    left = np.array(figure.axes[:18]).reshape(3, 6)
    assert [panel.get_title() for panel in left[0]] == [f"G = {k}" for k in (0, 1, 3, 4, 6, 7)]
    assert [panel.get_ylabel() for panel in left[:, 0]] == [f"eta = {MINUS}{k}" for k in (4, 5, 6)]
    # Column 2 is G = 3, the lowest row eta = -6: item 9.
    assert np.allclose(left[2, 2].lines[0].get_ydata().mean(), 9)
    assert "diverged at\nstep 50" in texts_of(figure)
    assert texts_of(figure).count("diverged at") == 1


MINUS = "\N{MINUS SIGN}"


def test_grid_of_one_axis(tmp_path, figures):
    plot_grid(dataset(("G", [0.0, 0.5])), tmp_path / "grid.png")
    assert [panel.get_title() for panel in figures[0].axes[:2]] == ["G = 0", "G = 0.5"]


@pytest.mark.parametrize(
    ("limits", "right"),
    [
        ([(0, 1)], set()),
        ([(0, 1), (-2, 0)], set()),
        ([(0, 1), (0, 100)], {1}),
        ([(0, 100), (0, 1)], {1}),
        ([(0, 5), (-65, -60)], {1}),
        ([(0, 1), (0, 100), (0.5, 2)], {1}),
        ([(0, 0), (0, 1)], set()),
        ([(3, 3), (3, 3)], set()),
    ],
)
def test_which_exposures_share_an_axis(limits, right):
    assert _right_hand(limits) == right


def test_right_hand_axes_share_their_limits():
    panels = [[Panel((np.zeros(3) + k, np.array([0.0, 1000.0, k])), -1) for k in range(2)]]
    figure = draw_series_grid(np.arange(3.0), panels, ["a", "b"], [""], ["x", "y"])
    assert [axes.get_ylim() for axes in figure.axes] == [(-0.06, 1.06)] * 2 + [(-60.0, 1060.0)] * 2
    assert "b, right axis" in texts_of(figure)


def test_statistics_from_a_store_a_few_items_at_a_time(tmp_path, monkeypatch):
    grid = Grid((Axis("G", [0.0, 1.0]), Axis("eta", np.arange(7.0))))
    random = np.random.default_rng(1)
    data = {name: random.normal(size=(14, 40, 4)).astype(np.float32) for name, _, _ in EXPOSURES}
    items = np.arange(14)
    with result_store(tmp_path / "r.zarr", Frame(grid, TIMES, None, EXPOSURES, {}), 4, "f4") as write:
        write(items, data, np.full(14, -1))
    monkeypatch.setattr(sweep_statistics, "_PART_BYTES", 3 * 40 * 4 * 4)
    with xr.open_zarr(tmp_path / "r.zarr", chunks=None) as opened:
        found = sweep_statistics.sweep_statistics(opened["r"])
    values = data["r"].astype(float).reshape(2, 7, 40, 4)
    assert np.allclose(found.mean, values.mean(axis=(2, 3)), rtol=1e-12)
    assert np.allclose(found.deviation, values.std(axis=2).mean(axis=2), rtol=1e-12)


def test_infinite_values_count_as_diverged():
    array = xr.DataArray(np.full((2, 3, 1), 1.0), dims=("G", "time", "node"))
    array[1, 1, 0] = np.inf
    found = sweep_statistics.sweep_statistics(array)
    assert found.mean[0] == 1.0
    assert np.isnan(found.mean[1])
    assert np.isnan(found.deviation[1])


def test_thinned_lines_keep_every_extreme():
    values = np.random.default_rng(0).normal(size=100_000)
    values[50_000] = 50.0
    times, thin = thinned(np.arange(100_000.0), values)
    assert times.size == thin.size == 2000
    assert thin.max() == 50.0
    assert thin.min() == values.min()
    assert times[np.argmax(thin)] == pytest.approx(50_000, abs=100)
    assert (np.diff(times) > 0).all()
    short = np.arange(500.0)
    assert thinned(short, short)[1] is short


@pytest.mark.parametrize(
    ("values", "logarithmic", "edges"),
    [
        ([0.0, 1.0, 2.0], False, [-0.5, 0.5, 1.5, 2.5]),
        ([1.0, 10.0, 100.0], True, [10**-0.5, 10**0.5, 10**1.5, 10**2.5]),
        ([-1.0, 1.0, 30.0], False, [-2.0, 0.0, 15.5, 44.5]),
        ([4.0], False, [2.0, 6.0]),
        ([0.0], False, [-0.5, 0.5]),
        ([1.0, 100.0], False, [-48.5, 50.5, 149.5]),
    ],
)
def test_cells(values, logarithmic, edges):
    assert is_logarithmic(np.array(values)) == logarithmic
    assert np.allclose(cell_edges(np.array(values)), edges)


def test_numbers():
    assert number_text(-4.6000000001) == f"{MINUS}4.6"
    assert number_text(1e-9) == f"1e{MINUS}09"


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("x.bmp2", "unknown ending; use .png"),
        ("x", "unknown ending"),
        ("/dev/null/x.png", "cannot be written .File exists"),
        ("y" * 300 + ".png", "cannot be written .File name too long"),
    ],
)
def test_pictures_that_cannot_be_written(tmp_path, name, message):
    with pytest.raises(InputError, match=message):
        plot_run(dataset(), tmp_path / name)
    assert list(tmp_path.iterdir()) == []
