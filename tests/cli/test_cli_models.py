"""The commands about model files, on real files."""

from pathlib import Path

import pytest

from rateloom import cli
from rateloom.api.loading import shipped_models
from rateloom.dsl.load import load_model

RATEML = Path(__file__).resolve().parents[3] / "shared" / "rateml"
rateml_files = pytest.mark.skipif(not RATEML.is_dir(), reason="RateML's files are not here: ../shared/rateml")

GOOD = """<Model name="decay" version="1">
  <Parameter name="a" value="1"/>
  <StateVariable name="x" initial="1"/>
  <Dynamics><TimeDerivative variable="x" value="-a * x"/></Dynamics>
  <Exposure name="x"/>
</Model>
"""
UNUSED = GOOD.replace(
    '<Parameter name="a" value="1"/>', '<Parameter name="a" value="1"/><Parameter name="b" value="1"/>'
)
BAD = GOOD.replace("-a * x", "-tua * x").replace('initial="1"', 'initial="one"')


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name, text in (("good", GOOD), ("unused", UNUSED), ("bad", BAD)):
        (tmp_path / f"{name}.xml").write_text(text)
    return tmp_path


def test_models_lists_every_shipped_model_with_its_source(capsys):
    assert cli.main(["models"]) == 0
    out = capsys.readouterr().out
    for name in shipped_models():
        assert f"\n{name} " in out
    assert "doi:10.1103/PhysRevX.5.021028" in out


def test_check_says_ok(folder, capsys):
    assert cli.main(["check", "good.xml", "montbrio"]) == 0
    printed = capsys.readouterr()
    assert printed.out == "good.xml: ok\nmontbrio: ok\n"
    assert printed.err == ""


def test_check_goes_on_after_a_bad_file_and_prints_every_error(folder, capsys):
    assert cli.main(["check", "bad.xml", "none.xml", "good.xml"]) == 1
    printed = capsys.readouterr()
    assert printed.out == "good.xml: ok\n"
    lines = printed.err.splitlines()
    assert any(line.startswith("bad.xml:3: error[E") for line in lines)
    assert any(line.startswith("bad.xml:4: error[E") and "'tua'" in line for line in lines)
    assert "rateloom: error: no such model file: none.xml" in lines
    assert "Traceback" not in printed.err


@pytest.mark.parametrize(("options", "status"), [([], 0), (["--strict"], 1)])
def test_warnings_fail_only_when_asked(options, status, folder, capsys):
    assert cli.main(["check", "unused.xml", *options]) == status
    printed = capsys.readouterr()
    assert printed.out == "unused.xml: ok, 1 warning\n"
    assert printed.err.startswith("unused.xml:2: warning[W")


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("montbro", "no model named 'montbro'; did you mean 'montbrio'? Shipped models: "),
        ("xyzzy", "no model named 'xyzzy'; Shipped models: "),
        ("none.xml", "no such model file: none.xml"),
        (".", ". is a folder"),
        ("", "no model named ''"),
    ],
)
def test_an_unknown_model_is_one_line(name, says, folder, capsys):
    assert cli.main(["show", name]) == 1
    err = capsys.readouterr().err
    assert err.startswith(f"rateloom: error: {says}")
    assert err.count("\n") == 1


def test_a_shipped_name_wins_over_a_folder_of_that_name(folder, capsys):
    (folder / "montbrio").mkdir()
    assert cli.main(["check", "montbrio"]) == 0


@pytest.mark.parametrize("name", ["montbrio", "epileptor"])
def test_show_prints_equations_states_and_parameters(name, capsys):
    assert cli.main(["show", name]) == 0
    lines = capsys.readouterr().out.splitlines()
    model = load_model(shipped_models()[name])
    for state in model.state_variables:
        assert any(line.startswith(f"  d{state.name}/dt = ") for line in lines), state.name
    for part in (*model.state_variables, *model.parameters):
        assert any(line.startswith(f"{part.name} ") and part.description in line for line in lines), part.name
    for coupling in model.couplings:
        assert any(line.startswith(f"  {coupling.name} = ") for line in lines), coupling.name


def test_show_prints_latex(capsys):
    assert cli.main(["show", "montbrio", "--latex"]) == 0
    out = capsys.readouterr().out
    assert out.startswith("\\begin{align}\n")
    assert out.endswith("\\end{align}\n")
    assert r"\frac{d r}{dt} &= \frac{\frac{\Delta}{\pi_{\tau}} + 2 V r}{\tau}" in out


def test_new_writes_a_model_that_checks_and_is_not_overwritten(folder, capsys):
    assert cli.main(["new", "mine"]) == 0
    assert capsys.readouterr().out == "wrote mine.xml\n"
    assert load_model(folder / "mine.xml").name == "mine"
    assert load_model(folder / "mine.xml").warnings == ()
    (folder / "mine.xml").write_text("precious")
    assert cli.main(["new", "mine"]) == 1
    assert "mine.xml exists already" in capsys.readouterr().err
    assert (folder / "mine.xml").read_text() == "precious"
    assert cli.main(["new", "mine", "--force", "--out", "sub/mine.xml"]) == 0
    assert cli.main(["new", "mine", "--force"]) == 0
    assert (folder / "mine.xml").read_text() == (folder / "sub" / "mine.xml").read_text()
    assert sorted(path.name for path in folder.glob("*.part")) == []


@pytest.mark.parametrize("name", ["2fast", "with space", "../up", "", "a" * 5000])
def test_new_refuses_names_that_no_model_can_have(name, folder, capsys):
    assert cli.main(["new", name]) == 1
    err = capsys.readouterr().err
    assert err.count("\n") == 1
    assert "Traceback" not in err


@rateml_files
@pytest.mark.parametrize("name", ["kuramoto", "montbrio"])
def test_convert_writes_what_loads_as_the_same_model(name, folder, capsys):
    assert cli.main(["convert", str(RATEML / f"{name}.xml"), "--out", "converted.xml"]) == 0
    printed = capsys.readouterr()
    assert printed.out == "wrote converted.xml\n"
    assert all(": warning[W" in line for line in printed.err.splitlines())
    assert load_model(folder / "converted.xml") == load_model(RATEML / f"{name}.xml")
    assert cli.main(["convert", str(RATEML / f"{name}.xml")]) == 0
    assert capsys.readouterr().out == (folder / "converted.xml").read_text()


@rateml_files
@pytest.mark.parametrize(("name", "code"), [("zerlaut", "E002"), ("model_template", "E4")])
def test_converting_a_broken_file_says_why(name, code, folder, capsys):
    assert cli.main(["convert", str(RATEML / f"{name}.xml"), "--out", "converted.xml"]) == 1
    assert f"error[{code}" in capsys.readouterr().err
    assert not (folder / "converted.xml").exists()


def test_converting_a_file_of_our_own_says_so(folder, capsys):
    assert cli.main(["convert", "good.xml"]) == 1
    assert "nothing to convert" in capsys.readouterr().err


def test_a_name_that_no_model_can_have_is_one_line_that_points_to_no_file(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert cli.main(["new", "9lives"]) == 1
    assert capsys.readouterr().err == (
        "rateloom: error: a Model cannot be named '9lives': "
        "a name is a letter, then letters, digits and underscores\n"
    )
    assert list(tmp_path.iterdir()) == []
