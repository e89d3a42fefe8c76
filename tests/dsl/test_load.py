"""Files become models, and everything that is wrong with a file is said at once."""

import pytest
import sympy
from work import at_most

from rateloom.dsl.diagnostics import Location, ModelError
from rateloom.dsl.load import load_model
from rateloom.dsl.model import Case, Coupling, Exposure, Parameter, StateVariable
from rateloom.dsl.operations import COMPARISONS, call, symbol

# five times those for 3,000 definitions; one for each pair of these would be more
CALLS = 5_000_000

STATE = '<StateVariable name="x" initial="0"/>'
DYNAMICS = '<Dynamics><TimeDerivative variable="x" value="-x"/></Dynamics>'

EVERYTHING = """<Model name="all">
  <Exposure name="y"/>
  <Exposure name="rate" value="1000 * x" unit="Hz"/>
  <Exposure name="u"/>
  <Noise variable="x" sigma="sqrt(2 * D)"/>
  <Dynamics>
    <TimeDerivative variable="y" value="v + c + I + t"/>
    <DerivedVariable name="v" value="2 * u"/>
    <DerivedVariable name="u" value="x + a2" unit="mV"/>
    <ConditionalDerivedVariable name="w"><Case condition="x &lt; 0" value="F(x, 1)"/><Case value="0"/>
    </ConditionalDerivedVariable>
    <TimeDerivative variable="x" value="w + P[1]"/>
  </Dynamics>
  <Function name="F" arguments="v, k"><Return value="g * H(v) + k"/><DerivedVariable name="g" value="h"/>
    <DerivedVariable name="h" value="v * D"/></Function>
  <Function name="H" arguments="v"><Return value="v^2"/></Function>
  <Input name="I" default="0.5"/>
  <Coupling name="c" pre="x_j - x" delays="false"/>
  <StateVariable name="x" initial="-1, 2 * pi" lower="-inf" upper="10" unit="mV" description="potential"/>
  <StateVariable name="y" initial="0" unit="nA"/>
  <DerivedParameter name="a2" value="2 * a1"/>
  <DerivedParameter name="a1" value="D * dt"/>
  <Parameter name="P" size="2" value="1, 60 * 2 * pi / 1000"/>
  <Parameter name="D" value="1e-3" min="0" max="inf" unit="mV^2/ms"/>
  <Description> What
     it is. </Description>
  <Reference doi="10.1/x"/><Reference citation="someone"/>
</Model>"""


def errors_of(text, name="m.xml"):
    with pytest.raises(ModelError) as caught:
        load_model(name, text)
    return [str(error) for error in caught.value.diagnostics]


def codes_of(text):
    with pytest.raises(ModelError) as caught:
        load_model("m.xml", text)
    return [error.code for error in caught.value.diagnostics]


def test_everything_in_any_order():
    model = load_model("all.xml", EVERYTHING)
    x, x_j, D, k, v = (symbol(name) for name in ("x", "x_j", "D", "k", "v"))
    assert (model.name, model.path, model.description) == ("all", "all.xml", "What it is.")
    assert [(r.doi, r.citation) for r in model.references] == [("10.1/x", ""), ("", "someone")]
    assert model.parameters == (
        Parameter("P", (1.0, 0.37699111843077515), size=2),
        Parameter("D", (0.001,), minimum=0.0, unit="mV^2/ms"),
    )
    assert [d.name for d in model.derived_parameters] == ["a1", "a2"]
    assert model.state_variables[0] == StateVariable(
        "x", (-1.0, 2 * float(sympy.pi)), upper=10.0, unit="mV", description="potential"
    )
    assert model.couplings == (Coupling("c", x_j - x, symbol("gx"), delays=False),)
    assert [i.default for i in model.inputs] == [0.5]
    assert [f.name for f in model.functions] == ["H", "F"]
    assert [u.name for u in model.functions[1].variables] == ["h", "g"]
    assert model.functions[1].arguments == ("v", "k")
    assert model.functions[1].result == symbol("g") * call("H", (v,)) + k
    assert [d.name for d in model.derived_variables] == ["u", "v", "w"]
    assert model.derived_variables[2].cases == (
        Case(call("F", (x, sympy.Integer(1))), COMPARISONS["<"](x, sympy.Integer(0))),
        Case(sympy.Integer(0)),
    )
    assert [d.variable for d in model.time_derivatives] == ["x", "y"]
    assert float(model.noises[0].sigma.subs(D, 0.5)) == pytest.approx(1.0, abs=1e-15)
    assert model.exposures == (
        Exposure("y", symbol("y"), "nA"),
        Exposure("rate", 1000 * x, "Hz"),
        Exposure("u", symbol("u"), "mV"),
    )
    assert model.warnings == ()
    assert model.parameters[1].where == Location("all.xml", 24)


def test_a_model_without_exposures_exposes_its_states():
    model = load_model("m.xml", f'<Model name="m">{STATE}{DYNAMICS}</Model>')
    assert model.exposures == (Exposure("x", symbol("x")),)


def test_a_file(tmp_path):
    file = tmp_path / "m.xml"
    file.write_text(EVERYTHING, encoding="utf-16")
    model = load_model(file)
    assert model.path == str(file)
    assert model == load_model("all.xml", EVERYTHING)
    assert model.hash == load_model("all.xml", EVERYTHING.encode()).hash


def test_the_hash_follows_what_changes_results():
    reference = load_model("m.xml", EVERYTHING).hash
    assert load_model("m.xml", EVERYTHING.replace("What", "That")).hash == reference
    assert load_model("m.xml", EVERYTHING.replace("2 * a1", "3 * a1")).hash != reference
    assert load_model("m.xml", EVERYTHING.replace('delays="false"', 'delays="true"')).hash != reference


def test_all_errors_at_once_in_the_order_of_their_lines():
    messages = errors_of("""<Model name="m" verson="1">
  <Parameter name="tau" value="inf"/>
  <Paramter name="eta" value="1"/>
  <StateVariable name="r" initial="0" lower="1" upper="0"/>
  <StateVariable name="s" initial="0"/>
  <Coupling name="c" pre="r_j" post="tau"/>
  <Dynamics>
    <TimeDerivative variable="r" value="tua + eta + foo(1) + s_j"/>
    <TimeDerivative variable="q" value="1 +"/>
  </Dynamics>
</Model>""")
    assert messages == [
        "m.xml:1: error[E011]: unknown attribute 'verson' in Model 'm'; did you mean 'version'?",
        "m.xml:2: error[E112]: Parameter 'tau' is infinite; give a finite number",
        "m.xml:3: error[E010]: unknown element <Paramter> in Model 'm'; did you mean 'Parameter'?",
        "m.xml:4: error[E110]: lower of StateVariable 'r' is 1, but must lie below upper, which is 0",
        "m.xml:5: error[E107]: StateVariable 's' has no TimeDerivative; "
        'add <TimeDerivative variable="s" value="..."/> to Dynamics',
        "m.xml:6: error[E114]: post of Coupling 'c' has no gx, so the coupling couples nothing; "
        "multiply by gx",
        "m.xml:8: error[E101]: unknown name 'tua' in TimeDerivative 'r'; did you mean 'tau'?",
        "m.xml:8: error[E102]: unknown function 'foo' in TimeDerivative 'r'; did you mean 'floor'?",
        "m.xml:8: error[E115]: 's_j' in TimeDerivative 'r': "
        "names that end in _j are only known in the pre of a Coupling",
        "m.xml:9: error[E104]: a value is missing after '+' (column 4 of \"1 +\") in TimeDerivative 'q'",
        "m.xml:9: error[E108]: TimeDerivative 'q' is of no StateVariable: 'q' is not declared",
    ]


def model_with(inside="", derivative="-x"):
    dynamics = f'<Dynamics><TimeDerivative variable="x" value="{derivative}"/></Dynamics>'
    return (
        f'<Model name="m"><Parameter name="p" value="1"/>{STATE}<Input name="i"/>{inside}{dynamics}</Model>'
    )


@pytest.mark.parametrize(
    ("inside", "derivative", "code"),
    [
        ("", "gx", "E121"),
        ("", "nan", "E101"),
        ("", "q_j", "E101"),
        ("", "p[0]", "E118"),
        ("", "x[0]", "E118"),
        ("", "t[0]", "E118"),
        ("", "i(2)", "E102"),
        ('<Coupling name="c" pre="i"/>', "c", "E121"),
        ('<Coupling name="c" pre="gx"/>', "c", "E121"),
        ('<Coupling name="c" pre="c"/>', "c", "E121"),
        ('<Coupling name="c" pre="p_j"/>', "c", "E101"),
        ('<Coupling name="c" pre="x_j" post="gx * x_j"/>', "c", "E115"),
        ('<Coupling name="c" pre="x_j" post="gx - gx + i * gx"/>', "c", "E121"),
        ('<Noise variable="x" sigma="t"/>', "p", "E121"),
        ('<Noise variable="x" sigma="i"/>', "p", "E121"),
        ('<DerivedParameter name="d" value="t"/>', "d", "E121"),
        ('<DerivedParameter name="d" value="x"/>', "d", "E121"),
        ('<DerivedParameter name="d" value="d"/>', "d", "E109"),
        ('<Parameter name="d" value="p"/>', "d", "E121"),
        ('<Parameter name="d" value="dt"/>', "d", "E121"),
        ('<Parameter name="d" value="nan"/>', "d", "E112"),
        ('<Parameter name="d" value="-inf"/>', "d", "E112"),
        ('<Parameter name="d" value="1" max="-inf"/>', "d", "E112"),
        ('<Parameter name="d" value="1, 2"/>', "d", "E118"),
        ('<Parameter name="d" value="1" size="0"/>', "p", "E118"),
        ('<Parameter name="d" value="1" size="-1"/>', "p", "E118"),
        ('<Parameter name="d" value="1" size="1.5"/>', "p", "E118"),
        ('<Parameter name="d" value="1" size="10000000000"/>', "p", "E118"),
        ('<Parameter name="d" value="1,,2" size="3"/>', "d[0]", "E112"),
        (f'<Parameter name="d" value="{"1," * 1000}1" size="1001"/>', "d[0]", "E004"),
        ('<Input name="d" default="inf"/>', "d", "E112"),
        ('<StateVariable name="y" initial="0, 1, 2"/>', "p", "E111"),
        ('<StateVariable name="y" initial="inf"/>', "p", "E112"),
        ('<StateVariable name="y" initial="0" lower="inf"/>', "p", "E112"),
        ('<StateVariable name="y" initial="2" upper="1"/>', "p", "E111"),
        ('<StateVariable name="y" initial="0, 2" upper="1"/>', "p", "E111"),
        ('<Function name="F" arguments="a, a"><Return value="a"/></Function>', "F(1, 2)", "E105"),
        ('<Function name="F" arguments="a,"><Return value="a"/></Function>', "F(1, 2)", "E106"),
        ('<Function name="F" arguments="t"><Return value="t"/></Function>', "F(1)", "E106"),
        ('<Function name="F" arguments="a_j"><Return value="a_j"/></Function>', "F(1)", "E115"),
        ('<Function name="F" arguments="a"><Return value="a + x"/></Function>', "F(1)", "E121"),
        ('<Function name="F" arguments="a"><Return value="a + t"/></Function>', "F(1)", "E121"),
        ('<Function name="F" arguments="a"><Return value="F(a)"/></Function>', "F(1)", "E109"),
        ('<Function name="F" arguments="a"><Return value="b"/></Function>', "F(1)", "E101"),
        ('<Function name="F" arguments="a"><Return value="a[0]"/></Function>', "F(1)", "E118"),
        ('<Function name="F" arguments="a"><Return value="a"/></Function>', "diff(F(1), b)", "E122"),
        ('<Function name="F" arguments="a"><Return value="a"/></Function>', "diff(F(1), a, a, a)", "E103"),
        ('<Function name="F" arguments="a"><Return value="a"/></Function>', "diff(F(1, 2), a)", "E103"),
        ('<Function name="F" arguments="a" plug="1"><Return value="a"/></Function>', "F(1)", "E011"),
        ('<Function name="p" arguments="a"><Return value="a"/></Function>', "1", "E105"),
        ('<Exposure name="q"/>', "p", "E101"),
        ('<Exposure name="x"/><Exposure name="x" value="2 * x"/>', "p", "E105"),
        ('<Exposure name="time" value="x"/>', "p", "E106"),
        ('<Exposure name="y" value="x_j"/>', "p", "E115"),
        ('<Noise variable="x" sigma="1"/><Noise variable="x" sigma="2"/>', "p", "E105"),
    ],
)
def test_refused(inside, derivative, code):
    assert code in codes_of(model_with(inside, derivative))


def test_function_variables_may_shadow_the_models_names():
    variable = '<DerivedVariable name="p" value="2 * x"/>'
    function = f'<Function name="F" arguments="x">{variable}<Return value="p"/></Function>'
    assert load_model("m.xml", model_with(function, "F(p)")).functions[0].arguments == ("x",)


def test_functions_without_arguments():
    function = '<Function name="F" arguments=""><Return value="p"/></Function>'
    assert load_model("m.xml", model_with(function, "F()")).functions[0].arguments == ()


def test_cycles_are_printed_from_their_first_definition():
    dynamics = "".join(
        f'<DerivedVariable name="{name}" value="{value}"/>'
        for name, value in [("c", "a"), ("a", "b + 1"), ("b", "2 * c"), ("e", "e"), ("d", "a")]
    )
    text = model_with().replace("<Dynamics>", f"<Dynamics>{dynamics}")
    assert [message.split(": ", 2)[2] for message in errors_of(text)] == [
        "DerivedVariable 'c' depends on itself: c -> a -> b -> c",
        "DerivedVariable 'e' depends on itself: e -> e",
    ]


def test_warnings_come_with_the_model():
    text = model_with('<Parameter name="q" value="3" max="2"/>')
    assert [(w.code, w.severity) for w in load_model("m.xml", text).warnings] == [
        ("W201", "warning"), ("W201", "warning"), ("W204", "warning"), ("W206", "warning"),
    ]  # fmt: skip


def test_a_long_chain_of_definitions_is_no_recursion():
    chain = "".join(f'<DerivedVariable name="d{i}" value="d{i + 1} + x"/>' for i in range(3000))
    text = model_with(derivative="d0 + p + i").replace(
        "</Dynamics>", f'{chain}<DerivedVariable name="d3000" value="1"/></Dynamics>'
    )
    model = load_model("m.xml", text)
    assert model.derived_variables[0].name == "d3000"
    assert model.derived_variables[-1].name == "d0"


@pytest.mark.parametrize(
    "dynamics",
    [
        "".join(f'<DerivedVariable name="d{i}" value="q{i}"/>' for i in range(3000)),
        "".join(f'<DerivedVariable name="d{i}" value="d{(i + 1) % 3000}"/>' for i in range(3000)),
        f'<DerivedVariable name="d" value="{"+".join(f"a{i}" for i in range(1500))}"/>',
    ],
    ids=["unknown names", "a long cycle", "a long expression"],
)
def test_refusing_large_files_is_no_more_work_than_reading_them(dynamics):
    with at_most(calls=CALLS):
        messages = errors_of(model_with().replace("<Dynamics>", f"<Dynamics>{dynamics}"))
    assert all(len(message) < 500 for message in messages)


@pytest.mark.parametrize(
    ("attributes", "message"),
    [
        ('value="ten"', "unknown name 'ten' in Parameter 'tau', which takes a number"),
        ('value="10ms"', "in Parameter 'tau', which takes a number, or several with commas between them"),
        ('value="1" min="low"', "unknown name 'low' in min of Parameter 'tau', which takes a number"),
        ('value="x"', "'x' is a state variable and cannot be used in Parameter 'tau': only numbers"),
    ],
)
def test_what_is_no_number_is_said_to_be_none(attributes, message):
    (error,) = errors_of(f'<Model name="m"><Parameter name="tau" {attributes}/>{STATE}{DYNAMICS}</Model>')
    assert message in error


def test_an_initial_range_in_brackets_is_told_how_to_be_written():
    (error,) = errors_of(f'<Model name="m">{STATE.replace("0", "(0, 1)")}{DYNAMICS}</Model>')
    assert "which takes a number, or the two ends of a range with a comma between them" in error


def test_a_model_is_shown_in_one_line():
    assert repr(load_model("all.xml", EVERYTHING)) == (
        "<Model all: parameters P D, states x y, couplings c, inputs I, exposures y rate u>"
    )
