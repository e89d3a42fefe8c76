"""Operations counted by the generator, against counts by hand on the equations."""

import pytest

import rateloom
from rateloom.api.loading import shipped_models
from rateloom.generator.analysis.cost import count_cost
from rateloom.generator.analysis.instructions import Instructions, function_instructions, instructions_of
from rateloom.generator.analysis.operations import Operations, combine, operations_of
from rateloom.generator.ir.nodes import Depends, Graph
from rateloom.generator.stages import build_program

MODEL = """<Model name="counted" version="1">
  <Parameter name="a" value="1"/>
  <Parameter name="G" value="1"/>
  <DerivedParameter name="rate" value="1 / (a * a)"/>
  <StateVariable name="x" initial="1"/>
  <Coupling name="c" pre="x_j" post="G * gx"/>
  <Function name="H" arguments="u"><Return value="u^3 + exp(u)"/></Function>
  <Dynamics>
    <TimeDerivative variable="x" value="c - rate * x^3 + max(x, 0) * sin(t) / (2 + x) + diff(H(x), u)"/>
  </Dynamics>
  <Noise variable="x" sigma="a"/>
  <Exposure name="x"/>
</Model>
"""


@pytest.fixture
def cost(tmp_path):
    path = tmp_path / "counted.xml"
    path.write_text(MODEL, encoding="utf-8")
    return count_cost(build_program(rateloom.load(path)))


def test_operations_of_a_step_are_those_of_its_equations(cost):
    euler = cost.schemes["euler"]
    # G gx, x x, (x x) x, rate x^3, max sin(t), 2 x and (2 x) x, dt f, and the noise's strength by its deviate
    assert euler.node.multiplies == 9
    # three between the four terms, 2 + x, (2 x) x + x x + exp(x); what was lost before + dt f, + noise, x and
    # that; two to see what is lost now
    assert euler.node.adds == 6 + 3 + 2
    assert (euler.node.divisions, euler.node.roots, euler.node.selects) == (1, 0, 2)
    assert euler.node.functions == {"exp": 1}
    assert euler.step.functions == {"sin": 1}
    assert euler.node.arithmetic == 23


def test_a_stage_more_costs_what_depends_on_the_state_again(cost):
    euler, heun = cost.schemes["euler"].node, cost.schemes["heun"].node
    assert heun.functions["exp"] == 2
    assert heun.divisions == 2
    # dt f for the predictor besides half dt times the sum of slopes; the noise's product and G gx once
    assert heun.multiplies == 2 * euler.multiplies - 2
    # besides both slopes: x + dt f + noise for the predictor, the sum of slopes, and t + dt
    assert heun.adds == 2 * 6 + 5 + 2 + 1 + 1


def test_what_parameters_alone_decide_is_counted_apart(cost):
    # a a, its inverse; sqrt(dt), its product with a
    assert (cost.item.multiplies, cost.item.divisions, cost.item.roots) == (2, 1, 1)


def test_edges_noise_and_averages_have_their_own_counts(cost):
    assert cost.edge == Operations(adds=1, multiplies=1, fused=1)
    assert cost.reads == cost.factors == cost.states == cost.exposures == 1
    assert cost.monitor == Operations(adds=1)
    # Philox: 10 rounds of two products, each counted twice, two shifts, two exclusive ors of three words
    assert cost.noise.integers == 80
    assert cost.noise.functions == {"log": 1, "cos": 1}


def test_a_call_of_a_function_is_counted_with_its_derivatives(cost):
    function = cost.functions["H"]
    assert function.derivatives == (("u",),)
    # u (u u) + exp(u) and (2 u) u + u u + exp(u), with u u and exp(u) once
    assert function.operations.multiplies == 4
    assert function.operations.adds == 3
    assert function.operations.functions == {"exp": 1}


def test_an_unsplit_coupling_counts_its_terms_on_the_edge(tmp_path):
    path = tmp_path / "counted.xml"
    path.write_text(MODEL.replace('pre="x_j"', 'pre="tanh(x_j - x)"'), encoding="utf-8")
    cost = count_cost(build_program(rateloom.load(path)))
    assert cost.edge == Operations(adds=2, multiplies=1, functions={"tanh": 1}, fused=1)
    assert cost.reads == 1


def test_the_transfer_function_of_the_second_order_model_stays_within_its_budget():
    cost = count_cost(build_program(rateloom.load("zerlaut_second_order")))
    for name in ("F_e", "F_i"):
        function = cost.functions[name]
        assert len(function.derivatives) == 5
        assert function.operations.functions == {"erfc": 1, "exp": 1}
        assert 500 < function.operations.arithmetic <= 700
    # both populations and the rest of the equations: no function is evaluated twice
    assert cost.schemes["euler"].node.functions == {"erfc": 2, "exp": 2}


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(name, marks=pytest.mark.slow if name.startswith(("adex", "zerlaut")) else ())
        for name in sorted(shipped_models())
    ],
)
def test_every_shipped_model_can_be_counted(name):
    cost = count_cost(build_program(rateloom.load(name)))
    euler, heun = cost.schemes["euler"].node, cost.schemes["heun"].node
    assert 0 < euler.arithmetic < heun.arithmetic < 2.2 * euler.arithmetic
    assert 0 < euler.fused < euler.arithmetic


def test_combining_adds_everything_up():
    one = Operations(1, 2, 3, 4, 5, {"exp": 1}, 1, 6)
    other = Operations(10, 20, 30, 40, 50, {"exp": 2, "sin": 1}, 2, 7)
    assert combine([one, other]) == Operations(11, 22, 33, 44, 55, {"exp": 3, "sin": 1}, 3, 13)


def test_an_elementary_function_counts_as_the_instructions_of_its_text():
    # two clamps, 3 of the reduction and 1 to round, 6 of the series and r r, 4 on bits, 1 + e, 2 scalings
    assert function_instructions("exp", "float32") == Instructions(19)
    # five coefficients more
    assert function_instructions("exp", "float64") == Instructions(24)
    # |x|, e^x / 2 with one more on bits, a quotient, a sum
    assert function_instructions("cosh", "float32") == Instructions(22, divisions=1)


def test_instructions_fuse_products_and_sums_and_count_wide_integers():
    operations = Operations(5, 4, 3, 2, 1, {"exp": 2, "lookup": 1}, fused=3, integers=10)
    assert instructions_of(operations, "float32") == Instructions(5 + 4 + 1 - 3 + 10 + 2 * 19, 3, 2)
    assert instructions_of(operations, "float64") == Instructions(5 + 4 + 1 - 3 + 5 + 2 * 24, 3, 2)


def test_a_coupling_of_no_strength_costs_nothing():
    program = build_program(rateloom.load("montbrio"))
    off, on = count_cost(program), count_cost(program, {"cv": 1.0})
    # montbrio's coupling through V is off unless asked for
    assert (off.reads, off.factors, off.edge.multiplies) == (1, 1, 1)
    assert (on.reads, on.factors, on.edge.multiplies) == (2, 2, 2)
    assert count_cost(program, {"cr": 0.0}).reads == 0
    assert count_cost(program, {"G": 0.0, "cv": 1.0}).reads == 0


# the balloon's nodes are not coupled; the transfer functions' models take seconds
@pytest.mark.parametrize(
    "name",
    [
        pytest.param(name, marks=pytest.mark.slow if name.startswith(("adex", "zerlaut")) else ())
        for name in sorted(set(shipped_models()) - {"balloon"})
    ],
)
def test_without_global_coupling_no_edge_is_read(name):
    program = build_program(rateloom.load(name))
    # its three couplings have no strength by default
    own = {"Ks": -2.0} if name == "epileptor" else {}
    assert count_cost(program, {**own, "G": 0.0}).reads == 0
    assert count_cost(program, {**own, "G": 0.1}).reads > 0


def test_an_exponential_with_a_sum_is_both_and_functions_of_others_keep_their_names():
    graph = Graph()
    x, y = (graph.leaf(name, Depends.NODE) for name in "xy")
    joined = operations_of([graph.make("exp_plus", x, y)], frozenset())
    assert (joined.functions, joined.adds, joined.fused) == ({"exp": 1}, 1, 1)
    assert operations_of([graph.make("external:gain_plus", x)], frozenset()).functions == {"gain_plus": 1}
