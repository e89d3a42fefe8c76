"""A report in headless Chromium: no errors on loading, selectors and sliders work, a click shows series."""

import numpy as np
import pytest
import xarray as xr
from browser import chromium, errors_of, programs

import rateloom

HOW = {"duration": 40.0, "dt": 0.1, "seed": 3, "dtype": "float64"}
AXES = {"G": [0.0, 0.5, 1.0], "gamma": [-10.0, -12.0], "speed": [2.0, 4.0]}
EVIL = "<img src=x onerror=document.body.dataset.hacked=1><b>"
SLIDE = "const s = document.querySelector('#sliders input'); s.value = 0; s.dispatchEvent(new Event('input'))"
MAP = "return document.getElementById('map').data[0].z"
# Where the middle of a cell of the map lies in the window; Plotly converts data to pixels.
CELL = """
    const box = document.getElementById('map');
    box.scrollIntoView({block: 'center'});
    const axes = box._fullLayout, place = box.getBoundingClientRect();
    return [Math.round(place.left + axes.xaxis._offset + axes.xaxis.d2p(arguments[0])),
            Math.round(place.top + axes.yaxis._offset + axes.yaxis.d2p(arguments[1]))];
"""


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    programs()
    folder = tmp_path_factory.mktemp("made")
    rng = np.random.default_rng(0)
    conn = rateloom.Connectome(
        rng.uniform(size=(5, 5)), np.full((5, 5), 20.0), [f"{EVIL}{k}" for k in range(5)]
    )
    rateloom.sweep("linear", AXES, connectome=conn, keep="measures", out=folder / "s", **HOW)
    rateloom.report(folder / "s", out=folder / "s.html", series=2, items=[3, 8])
    return folder


def choose(browser, name, value):
    from selenium.webdriver.support.ui import Select

    Select(browser.find_element("id", name)).select_by_value(value)


def click_cell(browser, x, y):
    from selenium.webdriver.common.action_chains import ActionChains
    from selenium.webdriver.common.actions.action_builder import ActionBuilder

    place = browser.execute_script(CELL, x, y)
    actions = ActionBuilder(browser)
    # Plotly takes a click for one on the point that the pointer was over before
    actions.pointer_action.move_to_location(place[0] - 3, place[1]).pause(0.1).move_to_location(*place).pause(
        0.2
    )
    actions.pointer_action.click()
    actions.perform()
    ActionChains(browser).pause(0.2).perform()


def test_a_report_in_a_browser(made):
    measured = xr.open_zarr(made / "s" / "measures.zarr").load()
    with chromium() as browser:
        browser.get((made / "s.html").as_uri())
        assert browser.execute_script("return document.body.dataset.ready") == "yes"
        assert errors_of(browser) == []
        assert browser.execute_script("return document.body.dataset.hacked || null") is None
        assert browser.execute_script("return performance.getEntriesByType('resource').length") == 0

        # the first two axes, speed held at its second value; rows are gamma by rising value
        choose(browser, "measure", "mean_FC_x")
        expected = measured["mean_FC_x"].values
        np.testing.assert_allclose(browser.execute_script(MAP), expected[:, ::-1, 1].T, rtol=1e-6)
        browser.execute_script(SLIDE)
        np.testing.assert_allclose(browser.execute_script(MAP), expected[:, ::-1, 0].T, rtol=1e-6)
        assert browser.find_element("css selector", "#sliders output").text == "speed = 2 mm/ms"

        # an axis that the other selector shows changes places with it, another one gets its slider
        choose(browser, "x", "gamma")
        np.testing.assert_allclose(browser.execute_script(MAP), expected[:, ::-1, 0], rtol=1e-6)
        choose(browser, "y", "speed")
        choose(browser, "measure", "std_x_all")
        np.testing.assert_allclose(
            browser.execute_script(MAP), measured["std_x_all"].values[1, ::-1].T, rtol=1e-6
        )

        # G = 0.5, gamma = -12, speed = 4 is work item 7, which is not in the file; work item 3 is
        click_cell(browser, -12.0, 4.0)
        assert (
            browser.find_element("id", "item").text
            == "Work item 7: G = 0.5 1/ms, gamma = -12 1/ms, speed = 4 mm/ms"
        )
        command = browser.find_element("id", "command").text
        assert command == f"rateloom plot {made / 's'} --kind series --item 7"
        assert not browser.find_element("id", "series").is_displayed()
        browser.execute_script(SLIDE)
        click_cell(browser, -12.0, 4.0)
        assert browser.find_element("id", "item").text.startswith("Work item 3: G = 0 1/ms")
        assert browser.find_element("id", "series").is_displayed()
        drawn = browser.execute_script("return document.getElementById('series').data[0].y")
        from rateloom.api.resimulation import simulate_items

        series = simulate_items(made / "s", [3])["x"].values[0]
        np.testing.assert_allclose(drawn, series.mean(axis=1), rtol=1e-6)
        connectivity = browser.execute_script("return document.getElementById('connectivity').data[1].z")
        np.testing.assert_allclose(connectivity, np.corrcoef(series.T), atol=1e-6)

        # the table is sorted by a click on a heading, its rows lead to work items
        browser.execute_script("document.querySelectorAll('#table-head button')[0].click()")
        first = browser.execute_script(
            "return document.querySelector('#table-body tr').innerText.split('\\t')"
        )
        assert first[1] == "1"
        browser.execute_script("document.querySelector('#table-body tr').click()")
        assert browser.find_element("id", "item").text.startswith(f"Work item {first[0]}: G = 1 ")

        # equations are set by the browser itself
        assert (
            browser.execute_script("return document.querySelector('math msub').getBoundingClientRect().width")
            > 0
        )
        assert errors_of(browser) == []
        assert browser.execute_script("return document.body.dataset.hacked || null") is None


@pytest.mark.slow
def test_a_report_names_subjects(tmp_path):
    programs()
    brains = [
        rateloom.Connectome(np.full((5, 5), weight), np.full((5, 5), 20.0), name=f"{EVIL}{weight}")
        for weight in (0.5, 1.0)
    ]
    axes = {"connectome": brains, "G": [0.0, 0.5]}
    rateloom.sweep("linear", axes, keep="measures", measures=["moments"], out=tmp_path / "s", **HOW)
    rateloom.report(tmp_path / "s", out=tmp_path / "s.html", series=1)
    names = [f"{EVIL.rpartition('/')[2]}{weight}" for weight in (0.5, 1.0)]
    with chromium() as browser:
        browser.get((tmp_path / "s.html").as_uri())
        assert browser.execute_script("return document.body.dataset.ready") == "yes"
        assert errors_of(browser) == []
        assert browser.execute_script("return document.body.dataset.hacked || null") is None
        ticks = "return document.getElementById('map').layout.xaxis.ticktext"
        assert browser.execute_script(ticks) == [n.replace("<", "&lt;").replace(">", "&gt;") for n in names]
        cells = browser.find_elements("css selector", "#table-body td:nth-child(2)")
        assert {cell.text for cell in cells} == set(names)
