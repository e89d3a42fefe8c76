"""`rateloom report`: what the file carries, that it is safe, and what is refused."""

import base64
import json
import re
import sqlite3
from html.parser import HTMLParser

import numpy as np
import pytest
import xarray as xr

import rateloom
from rateloom import cli
from rateloom.api import report_data
from rateloom.api.opening import opened
from rateloom.api.report_data import chosen_items, stretches
from rateloom.api.reports import plotly_script, script_safe
from rateloom.drivers.support.errors import InputError

HOW = {"duration": 40.0, "dt": 0.1, "seed": 3, "dtype": "float64"}
AXES = {"G": [0.0, 0.05, 0.1], "speed": [2.0, 4.0]}
EVIL = "</script><script>hacked=1</script><img src=x onerror=hacked=1>'\"&{{${}"


class Page(HTMLParser):
    """Elements of a page, their attributes, and the texts of its scripts."""

    def __init__(self, text):
        super().__init__()
        self.elements, self.scripts, self.inside = [], [], None
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        if tag == "script":
            self.scripts.append("")
            self.inside = dict(attrs)

    def handle_endtag(self, tag):
        if tag == "script":
            self.inside = None

    def handle_data(self, data):
        if self.inside is not None:
            self.scripts[-1] += data

    @property
    def data(self):
        return json.loads(self.scripts[0])


def array(text, dtype="<f4"):
    return np.frombuffer(base64.b64decode(text), dtype)


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A study of a model and a connectome that are called what no page should run, and its report."""
    folder = tmp_path_factory.mktemp("made & 'quoted'")
    xml = rateloom.api.loading.shipped_models()["linear"].read_text("utf-8")
    evil = EVIL.replace("&", "&amp;").replace("<", "&lt;").replace('"', "&quot;")
    (folder / "linear.xml").write_text(re.sub("<Description>.*?<", f"<Description>{evil}<", xml, flags=re.S))
    rng = np.random.default_rng(0)
    weights = rng.uniform(size=(5, 5))
    conn = rateloom.Connectome(weights, 20 * weights.T, [f"{EVIL}{k}" for k in range(5)])
    rateloom.sweep(folder / "linear.xml", AXES, connectome=conn, keep="measures", out=folder / "s", **HOW)
    rateloom.report(folder / "s", out=folder / "s.html", series=4)
    return folder


@pytest.fixture(scope="module")
def page(made):
    return Page((made / "s.html").read_text("utf-8"))


def test_the_file_carries_the_measures_and_series_of_the_study(made, page):
    data = page.data
    measured = xr.open_zarr(made / "s" / "measures.zarr")
    assert [(a["name"], a["values"]) for a in data["axes"]] == [(n, AXES[n]) for n in AXES]
    assert len(data["measures"]) == len([n for n in measured if "node" not in measured[n].dims]) - 1
    for one in data["measures"]:
        expected = measured[one["name"]].values.ravel().astype(np.float32)
        np.testing.assert_array_equal(array(one["values"]), expected)
    assert data["done"] is None and data["labels"] == [f"{EVIL}{k}" for k in range(5)]
    np.testing.assert_array_equal(
        array(data["regions"][0]["heights"]),
        measured["mean_x"].values.reshape(6, 5).mean(axis=0).astype("f4"),
    )
    assert len(data["series"]["items"]) == 4
    item, packed = next(iter(data["series"]["items"].items()))
    from rateloom.api.resimulation import simulate_items

    series = simulate_items(made / "s", [int(item)])["x"].values[0]
    np.testing.assert_allclose(array(packed["means"][0]), series.mean(axis=1), rtol=1e-6)
    np.testing.assert_allclose(array(packed["nodes"][0]).reshape(5, 40), series.T, rtol=1e-6)
    found = array(packed["connectivity"][0]).reshape(5, 5)
    np.testing.assert_allclose(found, np.corrcoef(series.T), atol=1e-6)
    assert len(data["series"]["times"]) == 40
    assert data["command"].startswith("rateloom plot '/") and "'\"'\"'quoted'\"'\"'" in data["command"]


def test_nothing_that_a_user_named_becomes_part_of_the_page(made, page):
    text = (made / "s.html").read_text("utf-8")
    assert "<img" not in text.replace(plotly_script(), "")
    tags = [tag for tag, _ in page.elements]
    assert tags.count("script") == 3 and "img" not in tags and "iframe" not in tags
    # nothing is fetched: no element has an address but the empty icon and namespaces
    for _, attributes in page.elements:
        assert not {"src", "onerror", "onclick", "action"} & set(attributes)
        assert attributes.get("href", "data:,") == "data:,"
    policy = next(
        a["content"] for tag, a in page.elements if a.get("http-equiv") == "Content-Security-Policy"
    )
    assert "default-src 'none'" in policy and "connect-src" not in policy
    assert EVIL.split("<")[0] in page.data["labels"][0]


def test_the_page_shows_plan_equations_and_tables(made):
    text = (made / "s.html").read_text("utf-8")
    assert text.count("<math ") == len(rateloom.load(made / "linear.xml").exposures) * 0 + 2
    assert "<td>settings.seed</td><td>3</td>" in text
    assert "&lt;/script&gt;&lt;script&gt;hacked=1" in text  # the description
    assert "model.text" not in text
    assert "6 work items: G (3) × speed (2)" in text
    assert "20 of" not in text and "time series of 4 work items" in text


def test_json_in_a_script_ends_nothing():
    text = script_safe({"a": EVIL, "b": "<!--", "c": "\u2028"})
    assert "<" not in text and ">" not in text and "&" not in text
    assert json.loads(text) == {"a": EVIL, "b": "<!--", "c": "\u2028"}
    with pytest.raises(ValueError, match="not JSON compliant"):
        script_safe({"a": float("nan")})


def test_which_work_items_are_carried(made):
    results = opened(made / "s").results
    assert chosen_items(results, 0, []) == []
    assert chosen_items(results, 1, [5]) == [5]
    assert chosen_items(results, 3, [2])[0] == 2 and len(chosen_items(results, 3, [2])) == 3
    assert sorted(chosen_items(results, 1000, [])) == list(range(6))


def test_a_study_that_runs_and_a_store_have_reports_too(made, tmp_path, monkeypatch):
    import shutil

    shutil.copytree(made / "s", tmp_path / "s")
    shutil.rmtree(tmp_path / "s" / "measures.zarr")
    connection = sqlite3.connect(tmp_path / "s" / "measures.sqlite")
    connection.execute("DELETE FROM work_items WHERE item IN (1, 2)")
    connection.commit()
    connection.close()
    rateloom.report(tmp_path / "s", out=tmp_path / "s.html", series=0, measures="mean_FC_x")
    page = Page((tmp_path / "s.html").read_text("utf-8"))
    assert array(page.data["done"], np.uint8).tolist() == [1, 0, 0, 1, 1, 1]
    (one,) = page.data["measures"]
    assert np.isnan(array(one["values"])).tolist() == [False, True, True, False, False, False]
    assert "4 of 6 work items done" in (tmp_path / "s.html").read_text("utf-8")
    monkeypatch.chdir(tmp_path)
    rateloom.sweep("linear", AXES, connectome="synthetic:5", out="averages.zarr", **HOW)
    assert cli.main(["report", "averages.zarr", "--series", "2", "--item", "4"]) == 0
    page = Page((tmp_path / "averages_report.html").read_text("utf-8"))
    assert "4" in page.data["series"]["items"] and len(page.data["series"]["items"]) == 2
    rateloom.simulate("linear", connectome="synthetic:5", out="run.zarr", **HOW)
    rateloom.report("run.zarr", out="run.html")
    assert Page((tmp_path / "run.html").read_text("utf-8")).data["first"] == 0


def test_stretches_are_means():
    values = np.arange(20.0).reshape(10, 2)
    np.testing.assert_allclose(stretches(values, 3), values[:8].reshape(2, 4, 2).mean(axis=1))
    np.testing.assert_array_equal(stretches(values, 10), values)


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"out": "x.txt"}, "the name of a report ends in .html"),
        ({"out": "there.html"}, "there.html exists already"),
        ({"series": -1}, "series=-1: it must be a whole number from 0 to 1000"),
        ({"series": 10**9}, "whole number from 0 to 1000"),
        ({"series": 2.5}, "whole number from 0 to 1000"),
        ({"items": [6]}, "item=6: .* has the work items 0 to 5"),
        ({"items": [0, 1], "series": 1}, "2 work items are wanted and series=1"),
        ({"items": "all"}, "items='all': give a list"),
        ({"measures": ["mean_FC"]}, "no measure 'mean_FC'; did you mean 'mean_FC_x'"),
        ({"measures": ["mean_x"]}, "mean_x has a value a node"),
    ],
)
def test_what_cannot_be_reported_is_refused(made, given, says, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "there.html").write_text("")
    with pytest.raises(InputError, match=says):
        rateloom.report(made / "s", **{"out": "new.html", **given})
    assert [path.name for path in tmp_path.iterdir()] == ["there.html"]


def test_too_much_for_a_file_is_refused_with_how_much_fits(made, monkeypatch):
    results = opened(made / "s").results
    monkeypatch.setattr(report_data, "MOST_BYTES", 4 * 6 * 8)
    # all do not fit, a handful does
    assert len(report_data.chosen_measures(results, [])) <= 6
    with pytest.raises(InputError, match=r"9 measures of 6 work items take more than .* name 8 at most"):
        report_data.chosen_measures(results, results.whole_brain[:9])
    monkeypatch.setattr(report_data, "MOST_BYTES", 20)
    with pytest.raises(InputError, match="6 work items are too many for a report; it holds 5 numbers"):
        report_data.chosen_measures(results, [])


def test_without_plotly_the_remedy_is_said(made, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr("importlib.util.find_spec", lambda _name: None)
    assert cli.main(["report", str(made / "s"), "--out", str(tmp_path / "r.html")]) == 1
    assert 'pip install "rateloom[report]"' in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []
