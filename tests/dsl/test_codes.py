"""Functions that exist only as code: files beside the model, read and never run when it is loaded."""

import pytest

from rateloom.dsl import limits
from rateloom.dsl.diagnostics import ModelError
from rateloom.dsl.equations import equations_latex, equations_text
from rateloom.dsl.load import load_model
from rateloom.dsl.model import Code, CodeFile
from rateloom.dsl.operations import external, symbol

CUDA = "__device__ real ramp(real v)\n{\n    return v > real(0) ? v : real(0);\n}\n"
PYTHON = "def ramp(v):\n    return v if v > 0 else 0.0\n"
PAIR = 'cuda="ramp.cuh" numba="ramp.py" symbol="ramp" differentiation="central" step="1e-3"'


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "ramp.cuh").write_text(CUDA)
    (tmp_path / "ramp.py").write_text(PYTHON)
    return tmp_path


def text_of(attributes=PAIR, body="/>", arguments="v", value="F(x)"):
    return f"""<Model name="m"><StateVariable name="x" initial="0"/>
<Function name="F" arguments="{arguments}" {attributes}{body}
<Dynamics><TimeDerivative variable="x" value="{value}"/></Dynamics></Model>"""


def load(folder, text):
    return load_model(folder / "m.xml", text)


def errors_of(folder, text):
    with pytest.raises(ModelError) as caught:
        load(folder, text)
    assert all("\n" not in error.message for error in caught.value.diagnostics)
    return [(error.code, error.message) for error in caught.value.diagnostics]


def test_code_is_read(folder):
    model = load(folder, text_of())
    (function,) = model.functions
    assert function.code == Code("ramp", (CodeFile("cuda", CUDA), CodeFile("numba", PYTHON)))
    assert [file.name for file in function.code.files] == ["ramp.cuh", "ramp.py"]
    assert (function.result, function.variables) == (external("F", (symbol("v"),)), ())
    assert (function.differentiation, function.step) == ("central", 1e-3)
    assert model.warnings == ()
    assert "F(v) = ramp in ramp.cuh and ramp.py  [differences of step 0.001]" in equations_text(model)
    assert "F" in equations_latex(model)


def test_files_lie_beside_the_model_not_where_python_runs(folder, tmp_path_factory, monkeypatch):
    monkeypatch.chdir(tmp_path_factory.mktemp("elsewhere"))
    path = folder / "m.xml"
    path.write_text(text_of())
    assert load_model(path).functions[0].code["cuda"].text == CUDA
    (folder / "below").mkdir()
    (folder / "below" / "ramp.cuh").write_text("// below\n" + CUDA)
    path.write_text(text_of().replace('"ramp.cuh"', '"below/ramp.cuh"'))
    assert load_model(path).functions[0].code["cuda"].text.startswith("// below")


def test_the_symbol_is_the_functions_name_unless_given(folder):
    text = text_of(PAIR.replace('symbol="ramp"', "")).replace('name="F"', 'name="ramp"')
    assert load(folder, text.replace("F(x)", "ramp(x)")).functions[0].code.symbol == "ramp"


@pytest.mark.parametrize("name", ["ramp.cuh", "ramp.py"])
def test_the_hash_follows_the_files(folder, name):
    before = load(folder, text_of()).hash
    assert load(folder, text_of()).hash == before
    path = folder / name
    path.write_text(path.read_text().replace("v > ", "v >= "))
    assert load(folder, text_of()).hash != before


def test_the_hash_does_not_follow_the_files_names(folder):
    before = load(folder, text_of()).hash
    (folder / "ramp.cuh").rename(folder / "other.cuh")
    assert load(folder, text_of().replace("ramp.cuh", "other.cuh")).hash == before


def test_code_is_not_run_when_a_model_is_loaded(folder):
    (folder / "ramp.py").write_text("raise RuntimeError('run')\n" + PYTHON)
    assert load(folder, text_of())


def test_only_files_that_are_named_are_read(folder):
    text = text_of("", "><Return value='v'/></Function>")
    for name in ("ramp.py", "ramp.cuh"):
        (folder / name).unlink()
    assert load(folder, text)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('cuda="ramp.cuh"', "", 'lacks cuda="..."'),
        ('numba="ramp.py"', "", 'lacks numba="..."'),
        ('numba="ramp.py"', 'numba=" "', 'lacks numba="..."'),
        ('differentiation="central" step="1e-3"', "", "has no exact derivatives"),
        ('differentiation="central" step="1e-3"', 'differentiation="exact"', "has no exact derivatives"),
        ('symbol="ramp"', 'symbol="ra mp"', "'ra mp' is no name of a function"),
    ],
)
def test_incomplete_pairs(folder, old, new, said):
    ((code, message),) = errors_of(folder, text_of(PAIR.replace(old, new)))
    assert code == "E130"
    assert said in message


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("missing.cuh", "cannot read 'missing.cuh' beside the model: No such file"),
        ("sub/ramp.cuh", "cannot read"),
        ("sub", "cannot read 'sub' beside the model: Is a directory"),
        ("../ramp.cuh", "is not in the model's folder"),
        ("sub/../ramp.cuh", "is not in the model's folder"),
        ("/etc/passwd", "is not in the model's folder"),
        ("link.cuh", "is not in the model's folder"),
        ("up/ramp.cuh", "is not in the model's folder"),
        ("a&#10;b.cuh", "is no plain name"),
        ("a*/b.cuh", "is no plain name"),
        ("huge.cuh", "has more than 1,048,576 bytes"),
        ("binary.cuh", "is no text in UTF-8"),
    ],
)
def test_files_that_cannot_be_read(folder, tmp_path_factory, name, said):
    outside = tmp_path_factory.mktemp("outside")
    (outside / "ramp.cuh").write_text(CUDA)
    (folder / "link.cuh").symlink_to(outside / "ramp.cuh")
    (folder / "up").symlink_to(outside)
    (folder / "sub").mkdir()
    (folder / "huge.cuh").write_bytes(b"x" * (limits.FILE_BYTES + 1))
    (folder / "binary.cuh").write_bytes(b"\xff\xfe\xff")
    ((code, message),) = errors_of(folder, text_of(PAIR.replace("ramp.cuh", name)))
    assert code == "E131"
    assert said in message


@pytest.mark.parametrize(
    ("python", "said"),
    [
        ("def other(v):\n    return v\n", "'ramp.py' defines no function 'ramp'"),
        ("ramp = lambda v: v\n", "'ramp.py' defines no function 'ramp'"),
        ("", "'ramp.py' defines no function 'ramp'"),
        ("def ramp(v, w):\n    return v\n", "differ in their arguments: 2 and 1"),
        ("def ramp(*v):\n    return v\n", "differ in their arguments"),
        ("def ramp(v, *, w):\n    return v\n", "differ in their arguments"),
        ("def ramp(v:\n", "'ramp.py' is no Python in line 1"),
        ("x = 1\n\ndef ramp(v)\n    return 1\n", "is no Python in line 3"),
        ("\0", "is no Python"),
        ("@njit\n" + PYTHON, "'ramp' of 'ramp.py' has a decorator"),
    ],
)
def test_python_that_does_not_define_the_function(folder, python, said):
    (folder / "ramp.py").write_text(python)
    ((code, message),) = errors_of(folder, text_of())
    assert code == "E132"
    assert said in message


def test_cuda_that_does_not_define_the_function(folder):
    (folder / "ramp.cuh").write_text(CUDA.replace("ramp", "slope"))
    ((code, message),) = errors_of(folder, text_of())
    assert code == "E132"
    assert "'ramp.cuh' defines no function 'ramp'" in message


def test_a_body_or_a_plugin_beside_code(folder):
    ((code, message),) = errors_of(folder, text_of(PAIR, "><Return value='v'/></Function>"))
    assert code == "E125"
    assert "has 'cuda', 'numba', 'symbol' and statements of its own" in message
    ((code, _),) = errors_of(folder, text_of(PAIR + ' plugin="p"'))
    assert code == "E125"


def test_code_has_no_whole_numbers_to_refuse_and_a_step_to_check(folder):
    assert load(folder, text_of(value="diff(F(x), v, v)"))
    ((code, _),) = errors_of(folder, text_of(PAIR.replace("1e-3", "-1")))
    assert code == "E123"
