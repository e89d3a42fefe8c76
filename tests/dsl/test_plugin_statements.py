"""What a plug-in may not do, return or be given."""

import sys

import pytest
import sympy
from test_plugins import error_of, register, text_of

from rateloom import TransferFunction, functions
from rateloom.dsl import plugins
from rateloom.dsl.diagnostics import ModelError
from rateloom.dsl.load import load_model


@pytest.fixture(autouse=True)
def _empty(monkeypatch):
    monkeypatch.setattr(plugins, "_registered", {})


def fails(arguments, parameters):
    raise RuntimeError("two\nlines   of " + "x" * 1000)


def test_one_that_raises():
    register(fails)
    error = error_of(text_of())
    assert error.code == "E128"
    assert error.message.startswith(
        "Function 'F' (plug-in 'probe') of Model 'm': it fails with RuntimeError: two lines of xxx"
    )
    assert len(error.message) < 350


def test_one_that_ends_the_program():
    register(lambda arguments, parameters: sys.exit("no licence"))
    error = error_of(text_of())
    assert error.code == "E128"
    assert error.message.endswith("it fails with SystemExit: no licence")


def test_one_whose_variables_fail_while_they_are_read():
    def variables():
        yield "u", sympy.Integer(1)
        raise LookupError("no more")

    register(lambda arguments, parameters: TransferFunction(functions.symbol("u"), variables()))
    error = error_of(text_of())
    assert error.code == "E128"
    assert error.message.endswith("it fails with LookupError: no more")


def test_one_with_another_number_of_arguments():
    def three(arguments, parameters):
        _, _, c = arguments
        return TransferFunction(c)

    register(three)
    assert "not enough values to unpack (expected 3, got 2)" in error_of(text_of()).message


def test_a_parameter_that_is_not_given():
    register(lambda arguments, parameters: TransferFunction(parameters["E_L"]))
    error = error_of(text_of(' parameters="E_l=k"'))
    assert error.code == "E128"
    assert error.message.endswith("it asks for a parameter 'E_L'; add E_L=... to parameters")


@pytest.mark.parametrize(
    ("returned", "said"),
    [
        (None, "it returns NoneType; return rateloom.TransferFunction"),
        (lambda a: a[0], "it returns Symbol|it returns Dummy"),
        (lambda a: [("u", a[0])], "it returns list"),
        (TransferFunction(None), "the result is of type NoneType"),
        (TransferFunction("a + b"), "the result is of type str"),
        (TransferFunction(True), "the result is of type bool"),
        (TransferFunction(1, [("u", [1])]), "variable 'u' is of type list"),
        (TransferFunction(1, 7), "its variables are no list of names and values"),
        (TransferFunction(1, ["u"]), "its variables are no list of names and values"),
        (TransferFunction(1, [(1, 2)]), "it names a variable 'int': a name is text"),
        (TransferFunction(1, [("two words", 2)]), "it names a variable 'two words'"),
        (TransferFunction(1, [("exp", 2)]), "it names a variable 'exp': it is the function exp"),
        (TransferFunction(1, [("u", 2), ("u", 3)]), "it has two variables 'u'"),
        (TransferFunction(functions.symbol("k")), "the result uses 'k', which is neither"),
        (TransferFunction(functions.symbol("dt")), "the result uses 'dt', which is neither"),
        (TransferFunction(sympy.Dummy("a")), "the result uses 'a', which is neither"),
        (TransferFunction(lambda: 1), "the result is of type function"),
        (TransferFunction(sympy.exp(sympy.Symbol("u")), [("u", 1)]), "the result holds exp of SymPy"),
        (TransferFunction(sympy.Symbol("u") < 1, [("u", 1)]), "the result is of type StrictLessThan"),
        (TransferFunction(sympy.E), "the result holds Exp1 of SymPy"),
        (TransferFunction(sympy.I), "the result holds ImaginaryUnit of SymPy"),
        (TransferFunction(sympy.oo), "the result is not finite: it holds oo"),
        (TransferFunction(float("nan")), "the result is not finite: it holds nan"),
        (TransferFunction(sympy.zoo), "the result holds ComplexInfinity"),
        (TransferFunction(functions.less(1, 2)), "the result is of type less"),
    ],
)
def test_what_cannot_be_used(returned, said):
    register(lambda arguments, parameters: returned(arguments) if callable(returned) else returned)
    error = error_of(text_of())
    assert error.code == "E129"
    assert any(part in error.message for part in said.split("|")), error.message


def test_expressions_nested_too_deep():
    def deep(arguments, parameters):
        value = arguments[0]
        for _ in range(3000):
            value = functions.sin(value) + 1
        return TransferFunction(value)

    register(deep)
    assert error_of(text_of()).code in ("E129", "E004")


def test_what_the_language_refuses_in_statements_is_refused_in_a_plugins():
    register(lambda arguments, parameters: TransferFunction(sympy.Integer(10) ** 400 * arguments[0]))
    assert error_of(text_of()).code == "E117"
    cycle = [("u", functions.symbol("v")), ("v", functions.symbol("u"))]
    register(lambda arguments, parameters: TransferFunction(functions.symbol("u"), cycle), "round")
    assert error_of(text_of(plugin="round")).code == "E109"
    register(lambda arguments, parameters: TransferFunction(functions.floor(arguments[0])), "whole")
    error = error_of(text_of(plugin="whole", value="\ndiff(F(x, 1), a)").replace("\n<Function", "<Function"))
    assert error.code == "E124"
    assert "plug-in 'whole'" in error.message


@pytest.mark.parametrize(
    ("parameters", "code", "said"),
    [
        ("k", "E104", "'k' is not of the form NAME = VALUE"),
        ("k=", "E104", "parameters of Function 'F' (plug-in 'probe')"),
        ("2=k", "E104", "'2=k' is not of the form NAME = VALUE"),
        ("g=k,", "E104", "'' is not of the form NAME = VALUE"),
        ("g=k, g=2", "E105", "'g' is given twice"),
        ("g=tau", "E101", "unknown name 'tau'"),
        ("g=a", "E101", "unknown name 'a'"),
        ("g=x", "E121", "'x' is a state variable"),
        ("g=t", "E121", "'t' is the time"),
        ("g=k[0]", "E118", "'k' is no vector"),
        ("g=P[2]", "E118", "there is no P[2]"),
        ("g=2*P", "E118", "'P' is a vector"),
        ("g=F(1, 2)", "E121", "'F' cannot be called for a plug-in's parameter"),
        ("g=k k", "E104", "an operator is missing"),
        ("g=1e999", "E117", "column 3"),
    ],
)
def test_parameters_that_are_refused(parameters, code, said):
    register(lambda arguments, parameters: TransferFunction(arguments[0] * parameters["g"]))
    error = error_of(text_of(f' parameters="{parameters}"'))
    assert error.code == code
    assert said in error.message


def test_other_errors_of_the_file_are_reported_as_well():
    register(fails)
    with pytest.raises(ModelError) as caught:
        load_model("m.xml", text_of(value="F(x, 1) + unknown"))
    assert [d.code for d in caught.value.diagnostics] == ["E128", "E101"]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("/>\n<Dyn", "><Return value='a'/></Function>\n<Dyn", "has 'plugin' and statements of its own"),
        (' plugin="probe"', "", "has no value; add <Return"),
        ('"a, b"', '"a, b" cuda="f.cuh"', "has a plugin and cuda; keep one or the other"),
        (' plugin="probe"/', ' parameters="g=k"/', "has no value"),
    ],
)
def test_functions_that_are_no_plugin_alone(old, new, said):
    register(lambda arguments, parameters: TransferFunction(arguments[0]))
    text = text_of().replace(' plugin="probe" arguments="a, b"', ' arguments="a, b" plugin="probe"')
    with pytest.raises(ModelError) as caught:
        load_model("m.xml", text.replace(old, new))
    assert "E125" in [d.code for d in caught.value.diagnostics]
    assert said in str(caught.value)


def test_arguments_that_are_no_names_are_reported_once():
    register(lambda arguments, parameters: TransferFunction(arguments[0]))
    error = error_of(text_of().replace('"a, b"', '"a, b c"'))
    assert error.code == "E106"
