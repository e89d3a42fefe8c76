import numpy as np
import pytest

from rateloom import oracle
from rateloom.dsl.load import load_model
from rateloom.oracle.philox import INITIAL, key_of, philox

ALONE = np.zeros((1, 1))
X = '<StateVariable name="x" initial="1"/>'
SEEN = '<Exposure name="x"/>'


def model(dynamics, other="", states=X, exposures=SEEN):
    """A model whose elements are given as XML."""
    text = f'<Model name="m" version="1">{states}{other}<Dynamics>{dynamics}</Dynamics>{exposures}</Model>'
    return load_model("m.xml", text)


def derivative(value, variable="x"):
    return f'<TimeDerivative variable="{variable}" value="{value}"/>'


@pytest.mark.parametrize(
    ("integrator", "factor"),
    [
        ("euler", 1 - 0.05),
        ("heun", 1 - 0.05 + 0.05**2 / 2),
        ("rk4", 1 - 0.05 + 0.05**2 / 2 - 0.05**3 / 6 + 0.05**4 / 24),
    ],
)
def test_linear_decay_is_the_schemes_own_power(integrator, factor):
    decay = model(derivative("-0.5 * x"))
    run = oracle.simulate(decay, ALONE, ALONE, steps=50, dt=0.1, integrator=integrator)
    assert run["states"].shape == (51, 1, 1)
    np.testing.assert_allclose(run["states"][:, 0, 0], factor ** np.arange(51), rtol=1e-13)
    np.testing.assert_array_equal(run["raw"]["x"], run["states"][1:, 0])


@pytest.mark.parametrize(
    ("integrator", "order", "steps"), [("euler", 1, 100), ("heun", 2, 100), ("rk4", 4, 20)]
)
def test_order_on_a_driven_decay(integrator, order, steps):
    driven = model(derivative("sin(t) - x"))

    def error(n):
        run = oracle.simulate(driven, ALONE, ALONE, steps=n, dt=2.0 / n, integrator=integrator)
        exact = (np.sin(2) - np.cos(2)) / 2 + 1.5 * np.exp(-2)
        return abs(run["states"][-1, 0, 0] - exact)

    assert np.log2(error(steps) / error(2 * steps)) == pytest.approx(order, abs=0.05)


CHAIN = model(
    derivative("c - k * x"),
    other='<Parameter name="k" value="1"/><Coupling name="c" pre="x_j" post="gx"/>',
)
# Only node 1 hears node 0, over 20 mm.
INTO_1 = np.array([[0.0, 0.0], [2.0, 0.0]])
LENGTHS = np.array([[0.0, 7.0], [20.0, 0.0]])


def test_delayed_chain_follows_the_method_of_steps():
    dt, delay, n = 0.01, 200, 500
    settings = {"dt": dt, "speed": 10.0, "parameters": {"k": [1.0, 0.0]}, "integrator": "euler"}
    target = oracle.simulate(CHAIN, INTO_1, LENGTHS, steps=n, **settings)["states"][:, 0, 1]
    source = np.concatenate([np.ones(delay), (1 - dt) ** np.arange(n - delay)])
    np.testing.assert_allclose(target, 1 + np.cumsum([0, *(2 * dt * source)]), rtol=1e-13)
    t = np.arange(n + 1) * dt
    exact = np.where(t < 2, 1 + 2 * t, 5 + 2 * (1 - np.exp(-(t - 2))))
    np.testing.assert_allclose(target, exact, atol=2 * dt)


def test_delay_divides_by_speed_first_and_then_by_dt():
    length, speed = next(
        (length, speed)
        for speed in (3.0, 4.5, 7.0)
        for length in np.arange(0.05, 200, 0.05)
        if np.rint((length / speed) / 0.1) != np.rint(length / (speed * 0.1))
    )
    experiment = oracle.prepare(CHAIN, INTO_1, np.full((2, 2), length), speed=speed, dt=0.1)
    assert experiment.delay.tolist() == [int(np.rint((length / speed) / 0.1))]


@pytest.mark.parametrize("integrator", ["euler", "heun"])
def test_coupling_without_delays_reads_the_state_before_the_update(integrator):
    now = model(derivative("c"), other='<Coupling name="c" pre="x_j - x" post="gx" delays="false"/>')
    run = oracle.simulate(
        now, INTO_1, LENGTHS, steps=2, dt=0.1, speed=1.0, integrator=integrator, initial={"x": [3.0, 1.0]}
    )
    # The same c in both of Heun's stages makes it Euler's here.
    np.testing.assert_allclose(run["states"][:, 0, 1], [1.0, 1.4, 1.72], rtol=1e-15)


def test_history_given_reaches_back_and_is_held_before_it_begins():
    history = np.zeros((3, 1, 2))
    history[:, 0, 0] = [10.0, 20.0, 30.0]
    settings = {"dt": 1.0, "speed": 1.0, "integrator": "euler", "parameters": {"k": 0.0}}
    run = oracle.simulate(CHAIN, INTO_1, np.full((2, 2), 4.0), steps=6, history=history, **settings)
    np.testing.assert_array_equal(run["states"][:, 0, 0], 30.0)
    np.testing.assert_array_equal(np.diff(run["states"][:, 0, 1]), [20, 20, 20, 40, 60, 60])


@pytest.mark.parametrize("integrator", ["euler", "heun"])
def test_ornstein_uhlenbeck_variance_is_the_schemes(integrator):
    noisy = model(
        derivative("-x"),
        other='<Parameter name="sigma" value="0.5"/><Noise variable="x" sigma="sigma"/>',
        states='<StateVariable name="x" initial="0"/>',
    )
    none, dt = np.zeros((1000, 1000)), 0.2
    run = oracle.simulate(noisy, none, none, steps=300, dt=dt, integrator=integrator, noise=True, seed=8)
    late = run["states"][50:, 0]
    factor, gain = (1 - dt, 1.0) if integrator == "euler" else (1 - dt + dt**2 / 2, 1 - dt / 2)
    assert late.var() == pytest.approx(0.25 * dt * gain**2 / (1 - factor**2), rel=0.03)
    assert late.mean() == pytest.approx(0, abs=0.02)
    lagged = np.corrcoef(late[:-1].ravel(), late[1:].ravel())[0, 1]
    assert lagged == pytest.approx(factor, abs=0.01)


def test_noise_is_the_deviate_times_sigma_of_the_state_before():
    noisy = model(derivative("0 * x"), other='<Noise variable="x" sigma="2 * x"/>')
    settings = {"steps": 3, "dt": 0.25, "noise": True, "seed": 5, "item": 9}
    states = oracle.simulate(noisy, ALONE, ALONE, **settings)["states"][:, 0, 0]
    for n in range(3):
        w0, w1, _, _ = (float(w) for w in philox((n, 0, 9, 0), key_of(5, 1)))
        z = np.sqrt(-2 * np.log((w0 + 0.5) / 2**32)) * np.cos(2 * np.pi * w1 / 2**32)
        assert states[n + 1] == pytest.approx(states[n] * (1 + 2 * 0.5 * z), rel=1e-14)
    quiet = oracle.simulate(noisy, ALONE, ALONE, **{**settings, "noise": False})["states"]
    np.testing.assert_array_equal(quiet, 1.0)


def test_predictor_is_clamped_too():
    bounded = model(
        derivative("4 - 80 * x"), states='<StateVariable name="x" initial="0.1" lower="0" upper="0.2"/>'
    )

    def after(x, dt):
        run = oracle.simulate(bounded, ALONE, ALONE, steps=1, dt=dt, integrator="heun", initial={"x": x})
        return run["states"][1, 0, 0]

    # y = 0.06 - 0.08 is put at 0; 0.06 + 0.05 * (-0.8 + 4) = 0.22 is put at 0.2
    assert after(0.06, 0.1) == 0.2
    # y = 0.15 - 0.4 is put at 0; 0.15 + 0.025 * (-8 + 4)
    assert after(0.15, 0.05) == pytest.approx(0.05, rel=1e-14)


def test_an_input_holds_its_latest_sample_in_both_stages():
    driven = model(derivative("s"), other='<Input name="s" default="0.5"/>')
    samples = np.array([[1.0], [2.0], [4.0]])
    settings = {"steps": 9, "dt": 0.1, "integrator": "heun"}
    run = oracle.simulate(driven, ALONE, ALONE, inputs={"s": (samples, 0.3)}, **settings)
    steps = np.diff(run["states"][:, 0, 0]) / 0.1
    np.testing.assert_allclose(steps, [1, 1, 1, 2, 2, 2, 4, 4, 4], rtol=1e-13)
    run = oracle.simulate(driven, ALONE, ALONE, **settings)
    np.testing.assert_allclose(np.diff(run["states"][:, 0, 0]), 0.05, rtol=1e-13)


def test_parameters_of_every_kind_functions_and_conditions():
    rich = load_model(
        "rich.xml",
        """<Model name="rich" version="1">
        <Parameter name="P" size="2" value="1, 2"/><Parameter name="k" value="3"/>
        <DerivedParameter name="kk" value="k * P[0]"/><StateVariable name="x" initial="1"/>
        <Function name="rate" arguments="u, v">
          <DerivedVariable name="w" value="u * kk"/><Return value="w + v"/>
        </Function>
        <Dynamics>
          <ConditionalDerivedVariable name="side">
            <Case condition="x &lt; 1 or k == 5" value="100"/><Case value="n_node"/>
          </ConditionalDerivedVariable>
          <TimeDerivative variable="x" value="rate(x, P[1]) + side"/>
        </Dynamics><Exposure name="x"/></Model>""",
    )
    none = np.zeros((2, 2))
    settings = {"steps": 1, "dt": 1.0, "integrator": "euler"}
    run = oracle.simulate(rich, none, none, parameters={"P": [10, [7, 8]], "k": [3, 5]}, **settings)
    np.testing.assert_array_equal(run["states"][1, 0] - 1, [30 + 7 + 2, 50 + 8 + 100])
    run = oracle.simulate(rich, none, none, **settings)
    np.testing.assert_array_equal(run["states"][1, 0] - 1, 3 + 2 + 2)


def test_exposures_see_the_state_after_and_the_coupling_of_the_step():
    exposed = model(
        derivative("1 + 0 * c"),
        other='<Coupling name="c" pre="x_j" post="gx"/>',
        exposures='<Exposure name="both" value="1000 * x + c"/><Exposure name="clock" value="t"/>',
    )
    settings = {"steps": 3, "dt": 0.5, "integrator": "heun", "initial": {"x": [0.0, 0.0]}}
    run = oracle.simulate(exposed, INTO_1, LENGTHS, **settings)
    np.testing.assert_array_equal(run["raw"]["both"][:, 1], [500 + 0, 1000 + 1, 1500 + 2])
    np.testing.assert_array_equal(run["raw"]["clock"][:, 0], [0.5, 1.0, 1.5])


def test_pre_reads_the_sources_parameters_and_the_targets_states():
    coupled = model(
        derivative("c"),
        other='<Parameter name="k" value="1"/><Coupling name="c" pre="k * x * x_j" post="gx + x"/>',
    )
    weights = np.array([[0.0, 3.0], [5.0, 0.0]])
    run = oracle.simulate(
        coupled, weights, np.zeros((2, 2)), steps=1, dt=1.0, integrator="euler",
        parameters={"k": [10.0, 100.0]}, initial={"x": [2.0, 7.0]},
    )  # fmt: skip
    np.testing.assert_array_equal(run["states"][1, 0], [2 + 3 * 1400 + 2, 7 + 5 * 140 + 7])


def test_initial_range_is_uniform_and_seeded():
    ranged = model(derivative("-x"), states='<StateVariable name="x" initial="-2, 6"/>')
    experiment = oracle.prepare(ranged, np.zeros((50, 50)), np.zeros((50, 50)), seed=3, item=4)
    first = oracle.initial_state(experiment)
    word = float(philox((0, 17, 4, 0), key_of(3, INITIAL))[0])
    assert first[0, 17] == pytest.approx(-2 + 8 * (word + 0.5) / 2**32, rel=1e-15)
    assert first.min() > -2 and first.max() < 6 and 0.5 < first.mean() < 3.5
    np.testing.assert_array_equal(oracle.initial_state(experiment, {"x": 1.5}), 1.5)


def test_a_node_that_overflows_leaves_uncoupled_nodes_alone():
    explosive = model(derivative("x^3"))
    settings = {"steps": 30, "dt": 1.0, "initial": {"x": [2.0, 0.0]}}
    run = oracle.simulate(explosive, np.zeros((2, 2)), np.zeros((2, 2)), **settings)
    assert not np.isfinite(run["states"][-1, 0, 0])
    np.testing.assert_array_equal(run["states"][:, 0, 1], 0.0)


def test_temporal_average_drops_what_is_left_over():
    raw = np.arange(22.0).reshape(11, 2)
    np.testing.assert_array_equal(oracle.tavg(raw, 4), [[3, 4], [11, 12]])
    assert oracle.tavg(raw, 12).shape == (0, 2)


def test_a_step_continues_a_trajectory_exactly():
    settings = {"dt": 0.1, "speed": 10.0, "integrator": "heun"}
    run = oracle.simulate(CHAIN, INTO_1, LENGTHS, steps=40, **settings)
    experiment = oracle.prepare(CHAIN, INTO_1, LENGTHS, **settings)
    after, exposures = oracle.step(experiment, run["states"][:31], 30)
    np.testing.assert_array_equal(after, run["states"][31])
    np.testing.assert_array_equal(exposures["x"], run["raw"]["x"][30])


def test_unknown_parameters_are_refused():
    with pytest.raises(AssertionError, match="no parameter"):
        oracle.prepare(CHAIN, INTO_1, LENGTHS, parameters={"kk": 1.0})
