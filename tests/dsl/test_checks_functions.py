"""How functions may be differentiated: steps of central differences, and functions of whole numbers."""

import pytest

from rateloom.dsl.diagnostics import ModelError
from rateloom.dsl.load import load_model
from rateloom.dsl.tree import read_tree
from rateloom.dsl.writer import write_tree

SIGMOID = '<Return value="1 / (1 + exp(-v))"/>'


def model_with(body, attributes="", value="diff(F(x, 1), v)", more=""):
    return f"""<Model name="m"><StateVariable name="x" initial="0"/>{more}
<Function name="F" arguments="v, w"{attributes}>{body}</Function>
<Dynamics><TimeDerivative variable="x" value="{value}"/></Dynamics></Model>"""


def messages_of(text):
    with pytest.raises(ModelError) as caught:
        load_model("m.xml", text)
    return [(error.code, error.message) for error in caught.value.diagnostics]


def test_exact_is_the_default():
    (function,) = load_model("m.xml", model_with(SIGMOID)).functions
    assert (function.differentiation, function.step) == ("exact", 0.0)
    assert load_model("m.xml", model_with(SIGMOID, ' differentiation="exact"')).functions == (function,)


def test_central_differences_have_a_step():
    text = model_with(SIGMOID, ' differentiation=" central " step="1e-3 / 4"')
    model = load_model("m.xml", text)
    assert (model.functions[0].differentiation, model.functions[0].step) == ("central", 0.00025)
    assert model.hash != load_model("m.xml", model_with(SIGMOID)).hash
    assert model.hash != load_model("m.xml", text.replace("1e-3", "2e-3")).hash


def test_the_writer_keeps_both():
    text = model_with(SIGMOID, ' differentiation="central" step="1e-3"')
    written = write_tree(read_tree("m.xml", text))
    assert 'differentiation="central" step="1e-3"' in written
    assert load_model("m.xml", written) == load_model("m.xml", text)


@pytest.mark.parametrize(
    ("attributes", "said"),
    [
        (' differentiation="central"', "lacks its step"),
        (' step="1e-7"', "exact derivatives need none"),
        (' differentiation="exact" step="1e-7"', "exact derivatives need none"),
        (' differentiation="central" step="0"', "is 0; it must be above zero"),
        (' differentiation="central" step="-1e-7"', "is -1e-07; it must be above zero"),
        (' differentiation="central" step="inf"', "is inf; it must be above zero and finite"),
    ],
)
def test_steps_that_are_refused(attributes, said):
    ((code, message),) = messages_of(model_with(SIGMOID, attributes))
    assert code == "E123"
    assert said in message


@pytest.mark.parametrize(
    ("step", "code"),
    [("", "E112"), ("nan", "E112"), ("1e400", "E117"), ("w", "E101"), ("tau", "E101"), ("1e-7,", "E104")],
)
def test_steps_that_are_no_numbers(step, code):
    ((found, message),) = messages_of(model_with(SIGMOID, f' differentiation="central" step="{step}"'))
    assert found == code
    assert "step of Function 'F'" in message


@pytest.mark.parametrize("name", ["floor", "ceil", "sign", "heaviside"])
def test_whole_numbers_have_no_derivative(name):
    body = f'<DerivedVariable name="u" value="2 * v"/><Return value="w + {name}(u - 1) * v"/>'
    ((code, message),) = messages_of(model_with(body))
    assert code == "E124"
    assert message.startswith(f"diff of 'F' in TimeDerivative 'x' meets {name} in Return of Function 'F'")
    assert "\n" not in message
    # by the other argument there is nothing to refuse
    assert load_model("m.xml", model_with(body, value="diff(F(x, 1), w)"))
    assert load_model("m.xml", model_with(body, value="F(x, 1)"))


def test_a_condition_is_not_differentiated():
    body = """<ConditionalDerivedVariable name="u"><Case condition="floor(v) &gt; 2" value="v"/>
    <Case value="w"/></ConditionalDerivedVariable><Return value="u + floor(w)"/>"""
    assert load_model("m.xml", model_with(body))


def test_whole_numbers_in_a_case_and_in_a_function_called():
    body = """<ConditionalDerivedVariable name="u"><Case condition="v &gt; 2" value="v"/>
    <Case value="sign(v)"/></ConditionalDerivedVariable><Return value="u"/>"""
    ((_, message),) = messages_of(model_with(body))
    assert "meets sign in Case of ConditionalDerivedVariable 'u' of Function 'F'" in message
    inner = '<Function name="H" arguments="a, b"><Return value="a * floor(b)"/></Function>'
    ((_, message),) = messages_of(model_with('<Return value="H(w, v^2)"/>', more=inner))
    assert "meets floor in Return of Function 'H'" in message
    assert load_model("m.xml", model_with('<Return value="H(v^2, w)"/>', more=inner))


def test_central_differences_take_any_function():
    body = '<Return value="floor(v) + w"/>'
    assert load_model("m.xml", model_with(body, ' differentiation="central" step="0.5"'))


def test_second_derivatives_are_checked_by_both_arguments():
    ((code, _),) = messages_of(model_with('<Return value="floor(v) * w"/>', value="diff(F(x, 1), w, v)"))
    assert code == "E124"


def test_functions_that_call_each_other_end():
    more = '<Function name="H" arguments="a"><Return value="F(a, a)"/></Function>'
    codes = [code for code, _ in messages_of(model_with('<Return value="H(v)"/>', more=more))]
    assert codes == ["E109"]
