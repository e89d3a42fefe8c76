"""Transfer functions written in Python: how they are found, what they see, and what is refused."""

import sys

import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st

import rateloom
from rateloom import TransferFunction, functions
from rateloom.dsl import plugins
from rateloom.dsl.diagnostics import ModelError
from rateloom.dsl.load import load_model
from rateloom.dsl.model import Case
from rateloom.dsl.parser import parse_expression

u, v = functions.symbol("u"), functions.symbol("v")


@pytest.fixture(autouse=True)
def _empty(monkeypatch):
    monkeypatch.setattr(plugins, "_registered", {})


def register(build, name="probe"):
    return rateloom.transfer_function(name)(build)


def text_of(attributes="", plugin="probe", value="F(x, 1)", more=""):
    return f"""<Model name="m"><Parameter name="k" value="2"/><Parameter name="P" size="2" value="3, 4"/>
<DerivedParameter name="kk" value="k^2"/><StateVariable name="x" initial="0"/>{more}
<Function name="F" plugin="{plugin}" arguments="a, b"{attributes}/>
<Dynamics><TimeDerivative variable="x" value="{value}"/></Dynamics></Model>"""


def function_of(build, attributes="", **more):
    register(build)
    (function,) = load_model("m.xml", text_of(attributes, **more)).functions
    return function


def error_of(text):
    with pytest.raises(ModelError) as caught:
        load_model("m.xml", text)
    (error,) = caught.value.diagnostics
    assert "\n" not in error.message
    assert error.where.line == 3
    return error


def written(text):
    return parse_expression(text)


def test_statements_become_those_of_an_ordinary_function():
    def build(arguments, parameters):
        a, b = arguments
        return TransferFunction(functions.exp(-u) / v, [("u", a * parameters["gain"]), ("v", 1 + b**2)])

    function = function_of(build, ' parameters="gain=kk"')
    plain = text_of().replace(
        ' plugin="probe" arguments="a, b"/>',
        ' arguments="a, b"><DerivedVariable name="u" value="a * kk"/>'
        '<DerivedVariable name="v" value="1 + b^2"/>'
        '<Return value="exp(-u) / v"/></Function>',
    )
    assert function == load_model("m.xml", plain).functions[0]
    assert load_model("m.xml", text_of(' parameters="gain=kk"')).hash == load_model("m.xml", plain).hash


def test_a_plugin_is_called_with_its_arguments_and_what_the_model_gives():
    seen = {}

    def build(arguments, parameters):
        seen.update(parameters, arguments=arguments)
        return TransferFunction(arguments[0] + parameters["e"])

    function = function_of(build, ' parameters="P=P, e = k * P[1] + dt, n=2^10, third = 1 / 3, one=P[0]"')
    assert len(seen["arguments"]) == 2
    assert all(isinstance(a, sympy.Symbol) for a in seen["arguments"])
    assert len(seen["P"]) == 2
    assert (seen["n"], seen["third"]) == (1024, sympy.Rational(1, 3))
    assert function.result == written("a + k * P[1] + dt")


def test_one_plugin_serves_two_populations():
    @rateloom.transfer_function("sigmoid")
    def sigmoid(arguments, parameters):
        return TransferFunction(1 / (1 + functions.exp(-u)), [("u", parameters["s"] * (arguments[0] - 1))])

    model = load_model(
        "m.xml",
        """<Model name="m"><Parameter name="s_e" value="2"/><Parameter name="s_i" value="3"/>
        <StateVariable name="x" initial="0"/>
        <Function name="F_e" plugin="sigmoid" arguments="a" parameters="s=s_e"/>
        <Function name="F_i" plugin="sigmoid" arguments="q" parameters="s=s_i"/>
        <Dynamics><TimeDerivative variable="x" value="F_e(x) - F_i(x) + diff(F_e(x), a)"/></Dynamics>
        </Model>""",
    )
    assert [f.variables[0].value for f in model.functions] == [
        written("s_e * (a - 1)"), written("s_i * (q - 1)")
    ]  # fmt: skip
    assert sigmoid((u,), {"s": 1}).result == 1 / (1 + functions.exp(-u))


def test_names_of_the_plugin_never_mean_those_of_the_model():
    def build(arguments, parameters):
        # `k` and `a` are the plug-in's own here
        k, a = functions.symbol("k"), functions.symbol("a")
        return TransferFunction(k + a + parameters["x"], [("k", 5 * arguments[0]), ("a", 7 * arguments[1])])

    function = function_of(build, ' parameters="x=k"')
    assert [w.name for w in function.variables] == ["k_2", "a_2"]
    assert [w.value for w in function.variables] == [written("5 * a"), written("7 * b")]
    assert function.result == written("k_2 + a_2 + k")


def test_symbols_with_assumptions_are_variables_by_name():
    def build(arguments, parameters):
        return TransferFunction(sympy.Symbol("u", positive=True) * 2, [("u", arguments[0] + arguments[1])])

    assert function_of(build).result == written("2 * u")


def test_conditionals_become_cases_wherever_they_stand():
    less, select = functions.less, functions.select

    def build(arguments, parameters):
        a, b = arguments
        cases = select(less(a, 0), 0, select(functions.any_of(less(a, 1), less(1, b)), a, b))
        return TransferFunction(select(less(u, b), u, b) + 1, [("u", cases), ("v", 2 * u)])

    function = function_of(build)
    first, second, result = function.variables
    assert first.name == "u"
    assert first.cases == (
        Case(sympy.Integer(0), functions.less(written("a"), 0)),
        Case(written("a"), functions.any_of(less(written("a"), 1), less(1, written("b")))),
        Case(written("b")),
    )
    assert (second.name, result.name, function.result) == ("v", "result_case", written("result_case + 1"))
    assert len(result.cases) == 2


def test_a_result_may_be_a_conditional():
    function = function_of(lambda a, p: TransferFunction(functions.select(functions.less(a[0], 0), 1, a[1])))
    assert function.result == written("result")
    assert [case.value for case in function.variables[0].cases] == [1, written("b")]


def test_numbers_are_expressions():
    assert function_of(lambda arguments, parameters: TransferFunction(0.5)).result == written("0.5")
    assert function_of(lambda a, p: TransferFunction(a[0] ** 0.5 * sympy.pi)).result == written(
        "pi * sqrt(a)"
    )


@given(st.integers(-3, 3), st.floats(-2, 2), st.sampled_from(["exp", "erfc", "tanh", "log1p", "abs_"]))
@settings(max_examples=30, deadline=None)
def test_expressions_arrive_as_they_were_built(n, c, name):
    def build(arguments, parameters):
        a, b = arguments
        f = getattr(functions, name)
        return TransferFunction(f(a * c + b**2) / (1 + b) ** 2 + functions.min_(a, n) - c * f(-a))

    register(build)
    (function,) = load_model("m.xml", text_of()).functions
    assert function.result == build((functions.symbol("a"), functions.symbol("b")), {}).result


def test_differentiation_and_description_stay_the_elements():
    function = function_of(
        lambda a, p: TransferFunction(a[0]), ' differentiation="central" step="1e-3" description="d"'
    )
    assert (function.differentiation, function.step, function.description) == ("central", 1e-3, "d")


def test_an_unused_parameter_of_the_model_is_used_if_a_plugin_is_given_it():
    register(lambda arguments, parameters: TransferFunction(arguments[0] + arguments[1]))
    warnings = load_model("m.xml", text_of(' parameters="P=P, x=kk"')).warnings
    assert warnings == ()


# Finding


def announce(folder, package, name, target, source=""):
    """Write what an installed package leaves: its module and its announcement."""
    info = folder / f"{package}-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {package}\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(f"[{plugins.GROUP}]\n{name} = {target}\n")
    (folder / f"{package}.py").write_text(source)


BUILD = """
from rateloom import TransferFunction, transfer_function
@transfer_function("probe")
def build(arguments, parameters):
    return TransferFunction(arguments[0] * 3)
"""


def test_announced_by_a_package(tmp_path, monkeypatch):
    announce(tmp_path, "announced", "probe", "announced:build", BUILD)
    monkeypatch.syspath_prepend(tmp_path)
    (function,) = load_model("m.xml", text_of()).functions
    assert function.result == written("3 * a")
    # once it is imported, it is registered as well, and still the only one
    assert load_model("m.xml", text_of()).functions == (function,)


def test_a_package_is_imported_only_where_its_plugin_is_named(tmp_path, monkeypatch):
    announce(tmp_path, "never_imported", "other", "never_imported:build", "raise RuntimeError('imported')")
    monkeypatch.syspath_prepend(tmp_path)
    register(lambda arguments, parameters: TransferFunction(arguments[0]))
    load_model("m.xml", text_of())
    assert "no plug-in 'othr'; did you mean 'other'?" in error_of(text_of(plugin="othr")).message
    assert "never_imported" not in sys.modules


def test_unknown():
    assert error_of(text_of()).message.endswith(
        "of Model 'm': there is no plug-in 'probe'; none is installed"
    )
    register(lambda a, p: TransferFunction(1), "zerlaut")
    error = error_of(text_of(plugin="zerlauth"))
    assert error.code == "E126"
    assert error.message.endswith("there is no plug-in 'zerlauth'; did you mean 'zerlaut'?")
    assert error_of(text_of()).message.endswith("there is no plug-in 'probe'; known are zerlaut")
    assert error_of(text_of(plugin="")).code == "E126"


def test_two_packages_announce_one_name(tmp_path, monkeypatch):
    announce(tmp_path, "one_lab", "probe", "one_lab:build", BUILD)
    announce(tmp_path, "other_lab", "probe", "other_lab:build", BUILD)
    monkeypatch.syspath_prepend(tmp_path)
    error = error_of(text_of())
    assert error.code == "E127"
    assert error.message.endswith(
        "plug-in 'probe' is announced by package one_lab and package other_lab; uninstall or rename one"
    )
    assert not {"one_lab", "other_lab"} & set(sys.modules)


def test_one_is_announced_and_one_registered(tmp_path, monkeypatch):
    announce(tmp_path, "third_lab", "probe", "third_lab:build", BUILD)
    monkeypatch.syspath_prepend(tmp_path)
    register(lambda arguments, parameters: TransferFunction(1))
    assert error_of(text_of()).code == "E127"


def test_a_cell_that_runs_again_replaces_its_function():
    for factor in (2, 3):

        def build(arguments, parameters, factor=factor):
            return TransferFunction(arguments[0] * factor)

        register(build)
    (function,) = load_model("m.xml", text_of()).functions
    assert function.result == written("3 * a")


@pytest.mark.parametrize(
    ("target", "source", "said"),
    [
        ("broken_lab:build", "import nowhere_to_be_found", "No module named 'nowhere_to_be_found'"),
        ("broken_lab:build", "x = 1", "AttributeError"),
        ("broken_lab:x", "x = 1", "is no function but int"),
        ("broken_lab:build", "def build(:", "SyntaxError"),
        ("broken_lab:build", "import sys; sys.exit(3)", "SystemExit: 3"),
        ("missing_lab:build", "", "No module named 'missing_lab'"),
    ],
)
def test_a_package_that_cannot_be_imported(tmp_path, monkeypatch, target, source, said):
    announce(tmp_path, "broken_lab", "probe", target, source)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "broken_lab", raising=False)
    error = error_of(text_of())
    assert error.code == "E128"
    assert "plug-in 'probe' of package broken_lab" in error.message
    assert said in error.message
    sys.modules.pop("broken_lab", None)


@pytest.mark.parametrize("name", ["", "a b", "2x", None, 3])
def test_names_that_cannot_be_registered(name):
    with pytest.raises(ValueError, match="transfer_function cannot register"):
        rateloom.transfer_function(name)


def test_the_decorator_without_a_name_says_so():
    with pytest.raises(ValueError, match="give it a name"):
        rateloom.transfer_function(lambda arguments, parameters: None)
