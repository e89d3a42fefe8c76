"""Pictures of measures: what is drawn where, against values that are known."""

import numpy as np
import pytest
import xarray as xr
from matplotlib.image import imread

from rateloom.drivers.pictures.choice import goodness, handful, is_distance
from rateloom.drivers.pictures.connectivity_plot import functional_connectivity, pair_correlation
from rateloom.drivers.pictures.maps import draw_maps
from rateloom.drivers.pictures.measured import Measured, open_dataset
from rateloom.drivers.pictures.parallel import draw_parallel, ranked
from rateloom.drivers.pictures.plot_style import save
from rateloom.drivers.pictures.regions import draw_regions, region_counts
from rateloom.drivers.pictures.series_plot import draw_series, series_items
from rateloom.drivers.pictures.view import indices_at, nearest_index, node_of, view_of
from rateloom.drivers.support.errors import InputError

MINUS = "\N{MINUS SIGN}"
G, ETA, SPEED = [0.0, 1.0, 2.0], [-4.0, -6.0, -5.0], [2.0, 4.0]
ITEMS = np.arange(18.0).reshape(3, 3, 2)


@pytest.fixture
def results(tmp_path):
    """Measure "m" is the work item's number, "r" is that plus a hundredth of the node's."""
    axes = ("G", "eta", "speed")
    regional = ITEMS[..., None] + 0.01 * np.arange(4)
    visits = np.where(ITEMS[..., None] >= [0, 9, 17, 99], 2.0, 0.0)
    dataset = xr.Dataset(
        {
            "diverged_step": (axes, np.full((3, 3, 2), -1)),
            "m": (axes, ITEMS, {"unit": "Hz", "description": "number"}),
            "r": ((*axes, "node"), regional, {"unit": "Hz"}),
            "high_rate_visits_E": ((*axes, "node"), visits),
        },
        {"G": G, "eta": ETA, "speed": ("speed", SPEED, {"unit": "mm/ms"}), "node": ["a", "b", "c", "d"]},
        {"model": "montbrio", "connectome": "tvb68"},
    )
    return open_dataset(dataset, tmp_path / "s")


def meshes(figure):
    """Values, and edges along x and y, of the first mesh of each panel."""
    panels = [panel for panel in figure.axes if panel.get_label() != "<colorbar>"]
    found = [panel.collections[0] for panel in panels if panel.get_visible()]
    return [
        (m.get_array().filled(np.nan), m.get_coordinates()[0, :, 0], m.get_coordinates()[:, 0, 1])
        for m in found
    ]


def texts_of(figure):
    return " ".join(text.get_text() for text in figure.findobj(lambda artist: hasattr(artist, "get_text")))


def test_a_map_shows_the_first_two_axes_and_holds_the_third_in_the_middle(results, tmp_path):
    figure = draw_maps(results, ["m"], view_of(results))
    ((values, x, y),) = meshes(figure)
    # Rows are eta by rising value: -6 is its second, -5 its third; speed is held at its second.
    np.testing.assert_array_equal(values, ITEMS[:, [1, 2, 0], 1].T)
    np.testing.assert_allclose(x, [-0.5, 0.5, 1.5, 2.5])
    np.testing.assert_allclose(y, [-6.5, -5.5, -4.5, -3.5])
    said = texts_of(figure)
    assert "montbrio on tvb68" in said and "speed = 4 mm/ms" in said and "Hz" in said
    save(figure, tmp_path / "m.png")
    assert imread(tmp_path / "m.png").std() > 0.05


def test_any_two_axes_with_facets_and_the_nearest_value(results):
    view = view_of(results, x="speed", y="G", facet="eta")
    figure = draw_maps(results, ["m"], view)
    drawn = meshes(figure)
    for k in range(3):
        np.testing.assert_array_equal(drawn[k][0], ITEMS[:, k, :])
    # facets share their colours
    assert len({m.get_clim() for panel in figure.axes[:3] for m in panel.collections[:1]}) == 1
    assert f"eta = {MINUS}4" in texts_of(figure)
    held = view_of(results, x="eta", at={"G": 1.4, "speed": 100})
    assert (held.y, held.fixed_axes) == (None, {"G": 1, "speed": 1})
    near = draw_maps(results, ["m"], view_of(results, x="eta", y="G", at={"speed": "2.4"}))
    np.testing.assert_array_equal(meshes(near)[0][0], ITEMS[:, [1, 2, 0], 0])


def test_nodes_are_one_more_axis_of_a_regional_measure(results):
    by_node = draw_maps(results, ["r"], view_of(results, x="node", y="G", regional=True))
    values, x, _ = meshes(by_node)[0]
    np.testing.assert_allclose(values, ITEMS[:, 1, 1, None] + 0.01 * np.arange(4))
    np.testing.assert_allclose(x, np.arange(5) - 0.5)
    mean = draw_maps(results, ["r"], view_of(results, regional=True))
    np.testing.assert_allclose(meshes(mean)[0][0], ITEMS[:, [1, 2, 0], 1].T + 0.015)
    assert "mean over nodes" in texts_of(mean)
    one = draw_maps(results, ["r"], view_of(results, at={"node": "c"}, regional=True))
    np.testing.assert_allclose(meshes(one)[0][0], ITEMS[:, [1, 2, 0], 1].T + 0.02)
    assert "node c" in texts_of(one)


def test_one_axis_makes_lines_and_facets_make_several(results):
    view = view_of(results, x="eta", facet="G", at={"speed": 2.0})
    figure = draw_maps(results, ["m"], view_of(results, x="eta", at={"G": 2, "speed": 2}))
    line = figure.axes[0].lines[0]
    np.testing.assert_array_equal(line.get_xdata(), [-6, -5, -4])
    np.testing.assert_array_equal(line.get_ydata(), ITEMS[2, [1, 2, 0], 0])
    assert view.y is None
    assert len(draw_maps(results, ["m"], view).axes[0].lines) == 3


def test_what_is_not_done_is_white_and_what_is_undefined_grey(results):
    from dataclasses import replace

    done = np.ones(18, bool)
    done[1] = False
    values = ITEMS.copy()
    values[0, 0, 1] = values[2, 2, 1] = np.nan

    def read(name, held):
        array = xr.DataArray(values, {"G": G, "eta": ETA, "speed": SPEED}, ("G", "eta", "speed"))
        return array.isel(held)

    partly = replace(results, simulated=done, read=read)
    figure = draw_maps(partly, ["m"], view_of(partly))
    values_drawn, white = figure.axes[0].collections[:2]
    assert np.isnan(values_drawn.get_array().filled(np.nan)).sum() == 2
    # work item 1 is G = 0, eta = -4: the first column, the uppermost row
    assert np.argwhere(~np.isnan(white.get_array().filled(np.nan))).tolist() == [[2, 0]]
    assert white.to_rgba(white.get_array())[2, 0].tolist() == [1, 1, 1, 1]
    assert figure.axes[0].get_facecolor()[:3] == (0.8, 0.8, 0.8)
    assert "17 of 18 work items are done" in texts_of(figure)


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"x": "Eta"}, "s has no axis 'Eta'; did you mean 'eta'"),
        ({"y": "delay"}, "has no axis 'delay'"),
        ({"x": "G", "y": "G"}, "G is wanted twice"),
        ({"x": "G", "at": {"G": 1}}, "G is wanted twice"),
        ({"x": "node"}, "has no axis 'node'"),
        ({"at": {"G": 1, "eta": 1, "speed": 1}}, "no axis is left for x"),
        ({"at": {"G": "high"}}, "G='high': it must be a number, as in G=0"),
        ({"at": {"G": float("nan")}}, "G=nan: it must be a number"),
        ({"at": {"G": None}}, "G=None: it must be a number"),
    ],
)
def test_axes_that_cannot_be_shown(results, given, says):
    with pytest.raises(InputError, match=says):
        view_of(results, **given)


def test_places(results):
    assert indices_at(results, {"eta": -5.4}) == {"G": 1, "eta": 2, "speed": 1}
    assert nearest_index(results, "speed", -1e9) == 0
    assert node_of(results, "3") == 3
    with pytest.raises(InputError, match="has no node 'bb'; did you mean 'b'"):
        node_of(results, "bb")


def test_regions_are_counted_or_averaged(results):
    found = region_counts(results, "high_rate_visits_E", {})
    # in 18, 9, 1 and none of the work items
    assert found.visited.tolist() == [18, 9, 1, 0]
    means = region_counts(results, "r", {"G": 2})
    np.testing.assert_allclose(means.mean, ITEMS[2].mean() + 0.01 * np.arange(4))
    np.testing.assert_allclose(means.deviation, ITEMS[2].std(), rtol=1e-9)
    assert means.n_item == 6
    bars = draw_regions(results, "high_rate_visits_E", {}).axes[0].patches
    assert [bar.get_height() for bar in bars] == [18, 9, 1, 0]
    with pytest.raises(
        InputError, match="measure m has one value a work item; measures of each region: r, h"
    ):
        region_counts(results, "m", {})


def test_the_best_work_items(results):
    best = ranked(results, "m", [], 3, lowest=False)
    assert best.items.tolist() == [17, 16, 15]
    assert best.columns["eta"].tolist() == [-5.0, -5.0, -6.0]
    assert ranked(results, "m", [], 2, lowest=True).items.tolist() == [0, 1]
    figure = draw_parallel(results, "m", [], 5, lowest=False)
    (lines,) = figure.axes[0].collections
    # G of the five best is 2 throughout, in the middle of its axis; m rises from 13 to 17 on the last one
    np.testing.assert_allclose([line[0, 1] for line in lines.get_segments()], 0.5)
    np.testing.assert_allclose([line[-1, 1] for line in lines.get_segments()], np.linspace(0, 1, 5))
    for wrong in (0, -1, 2.5, True):
        with pytest.raises(InputError, match="whole number, at least 1"):
            ranked(results, "m", [], wrong, lowest=False)
    with pytest.raises(InputError, match="has a value a region"):
        ranked(results, "r", [], 3, lowest=False)


def test_connectivity_is_pearsons(results):
    values = np.random.default_rng(0).normal(size=(200, 6)) + 50
    np.testing.assert_allclose(functional_connectivity(values), np.corrcoef(values.T), atol=1e-12)
    values[:, 2] = 7.3
    values[5, 3] = np.nan
    found = functional_connectivity(values)
    assert np.isnan(found[2]).all() and np.isnan(found[:, 3]).all()
    assert np.isfinite(found[np.ix_([0, 1, 4, 5], [0, 1, 4, 5])]).all()
    upper = np.triu_indices(6, 1)
    a, b = np.corrcoef(np.random.default_rng(1).normal(size=(6, 40))), np.arange(36.0).reshape(6, 6)
    assert pair_correlation(a, b) == pytest.approx(np.corrcoef(a[upper], b[upper])[0, 1])
    assert np.isnan(pair_correlation(a, np.ones((6, 6))))


def test_a_grid_of_series_has_each_work_item_in_its_place(results):
    view = view_of(results, at={"speed": 2.0})
    items = series_items(results, view)
    # rows are eta from the largest value, columns G
    assert items.tolist() == [[0, 6, 12], [4, 10, 16], [2, 8, 14]]
    asked = []

    def series_of(numbers):
        asked.extend(numbers)
        values = np.array(numbers)[:, None, None] + np.zeros((len(numbers), 5, 2))
        return xr.Dataset(
            {"x": (("item", "time", "node"), values), "diverged_step": ("item", np.full(len(numbers), -1))},
            {"time": np.arange(5.0)},
        )

    figure = draw_series(results, view, series_of)
    assert asked == items.ravel().tolist()
    drawn = [panel.lines[0].get_ydata()[0] for panel in figure.axes[:9]]
    assert drawn == items.ravel().tolist()
    assert figure.axes[0].get_title() == "G = 0"
    assert figure.axes[0].get_ylabel() == f"eta = {MINUS}4"
    assert series_items(results, view_of(results, x="eta", at={"G": 0, "speed": 2})).tolist() == [[2, 4, 0]]


def test_fits_come_first_and_distances_are_best_when_low(results):
    from dataclasses import replace

    names = ["mean_FR_E_all", "mean_FC_E", "corr_FC_SC_E", "other", "fit_FC_a_E", "fit_FCD_a_E", "fit_FC_b_E"]
    more = replace(results, measures={name: Measured(name) for name in names})
    assert handful(more)[:2] == ["fit_FC_a_E", "fit_FCD_a_E"]
    assert len(handful(more)) == 6
    assert goodness(more) == "fit_FC_a_E"
    assert [name for name in names if is_distance(name)] == ["fit_FCD_a_E"]
    assert handful(results) == ["m"]
    assert goodness(results) == "m"
