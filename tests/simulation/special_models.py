"""Small models that between them use every part of the language, mixed as no shipped model mixes them."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from rateloom import TransferFunction, functions, transfer_function
from rateloom.dsl.load import load_model
from rateloom.dsl.model import Model

# `pre` that cannot be split, next to one that can; on the second variable; time and parameters inside `pre`.
EDGE_TERMS = """
<Model name="edge_terms">
  <Parameter name="G" value="0.3"/> <Parameter name="k" value="0.8"/> <Parameter name="s" value="0.1"/>
  <DerivedParameter name="k_dt" value="k^2 + dt"/>
  <StateVariable name="y" initial="-1, 1"/> <StateVariable name="x" initial="-1.5, 1.5"/>
  <Coupling name="near" pre="exp(-abs(x_j - x) * k_dt) * (1 + 0.3 * sin(3 * t))" post="G * gx"/>
  <Coupling name="product" pre="k * tanh(x_j * y + 0.2)" post="G * gx / (1 + gx^2) + 0.1 * y"/>
  <Coupling name="plain" pre="k * y_j" post="0.2 * gx"/>
  <Dynamics>
    <TimeDerivative variable="x" value="y + near - x^3 / 3"/>
    <TimeDerivative variable="y" value="product + plain - x - 0.3 * y"/>
  </Dynamics>
  <Noise variable="x" sigma="s * sqrt(1 + x^2)"/>
  <Exposure name="x"/> <Exposure name="y"/> <Exposure name="near"/>
  <Exposure name="mixed" value="product * plain + t * k"/>
</Model>"""

# Undelayed couplings beside delayed ones on the same variable, each split and not split.
INSTANT = """
<Model name="instant">
  <Parameter name="G" value="0.4"/> <Parameter name="s" value="0.05"/>
  <StateVariable name="x" initial="-1, 1"/> <StateVariable name="y" initial="-1, 1"/>
  <Coupling name="now" pre="x_j" post="G * gx / n_node" delays="false"/>
  <Coupling name="then" pre="x_j - x" post="G * gx"/>
  <Coupling name="near_now" pre="exp(-abs(y_j - y))" post="G * gx" delays="false"/>
  <Coupling name="near_then" pre="atan(y_j - x)" post="G * gx"/>
  <Dynamics>
    <TimeDerivative variable="x" value="now + then - x + 0.5 * cos(y)"/>
    <TimeDerivative variable="y" value="near_now + near_then - 2 * y"/>
  </Dynamics>
  <Noise variable="y" sigma="s"/>
  <Exposure name="x"/> <Exposure name="y"/> <Exposure name="now"/> <Exposure name="then"/>
  <Exposure name="near_now"/> <Exposure name="near_then"/>
</Model>"""

# Sines and cosines that are split, products of source and target, and noise on two variables.
PHASES = """
<Model name="phases">
  <Parameter name="G" value="0.4"/> <Parameter name="omega" value="0.9"/> <Parameter name="lag" value="0.3"/>
  <Parameter name="s" value="0.1"/>
  <StateVariable name="amplitude" initial="0.5, 1.3" lower="0.3" upper="1.4"/>
  <StateVariable name="theta" initial="0, 2 * pi"/>
  <Coupling name="turn" pre="amplitude_j * sin(theta_j - theta - lag)" post="G * gx / amplitude"/>
  <Coupling name="pull" pre="amplitude_j * cos(theta_j - theta) - amplitude" post="G * gx"/>
  <Dynamics>
    <TimeDerivative variable="theta" value="omega + turn"/>
    <TimeDerivative variable="amplitude" value="amplitude * (1 - amplitude^2) + pull"/>
  </Dynamics>
  <Noise variable="theta" sigma="s"/> <Noise variable="amplitude" sigma="s * amplitude"/>
  <Exposure name="signal" value="amplitude * cos(theta)"/> <Exposure name="amplitude"/>
  <Exposure name="turn"/>
</Model>"""

# `pre` without a source state: numbers, parameters, time, the target's state.
CONSTANT_PRE = """
<Model name="constant_pre">
  <Parameter name="k" value="0.7"/> <Parameter name="s" value="0.1"/>
  <StateVariable name="x" initial="-1, 1"/>
  <Coupling name="one" pre="1"/> <Coupling name="number" pre="2.5" post="0.2 * gx"/>
  <Coupling name="parameter" pre="k" post="0.2 * gx"/> <Coupling name="clock" pre="k * t" post="0.2 * gx"/>
  <Coupling name="own" pre="3 - x" post="0.1 * gx"/> <Coupling name="faded" pre="t * x_j" post="0.1 * gx"/>
  <Coupling name="shifted" pre="x_j^2 + k" post="0.1 * gx"/> <Coupling name="zero" pre="0"/>
  <Dynamics>
    <TimeDerivative variable="x"
      value="0.1 * sin(one + number - parameter + clock) + own + 0.1 * faded - shifted * x + zero"/>
  </Dynamics>
  <Noise variable="x" sigma="s"/>
  <Exposure name="x"/> <Exposure name="one"/> <Exposure name="number"/> <Exposure name="parameter"/>
  <Exposure name="clock"/> <Exposure name="own"/> <Exposure name="faded"/> <Exposure name="shifted"/>
  <Exposure name="zero"/>
</Model>"""

# No coupling at all; more noises than one block of random numbers holds; time; functions and derivatives.
UNCOUPLED = """
<Model name="uncoupled">
  <Parameter name="G" value="1.2"/> <Parameter name="s" value="0.2"/>
  <Function name="S" arguments="v, w">
    <DerivedVariable name="u" value="exp(-G * v) + w^2"/>
    <Return value="1 / (1 + u)"/>
  </Function>
  <StateVariable name="a" initial="0, 1"/> <StateVariable name="b" initial="0, 1"/>
  <StateVariable name="c" initial="0, 1"/> <StateVariable name="d" initial="0, 1"/>
  <StateVariable name="e" initial="0, 1"/>
  <Dynamics>
    <DerivedVariable name="wave" value="sin(2 * t) + log1p(t)"/>
    <ConditionalDerivedVariable name="branch">
      <Case condition="a .lt. 0.5 .and. b .lt. 0.5" value="(0.5 - a) * (0.5 - b)"/>
      <Case condition="not (a &gt; 0.5) or t &lt; 0" value="0"/>
      <Case value="erf(a - 0.5)"/>
    </ConditionalDerivedVariable>
    <TimeDerivative variable="a" value="wave - a + branch"/>
    <TimeDerivative variable="b" value="S(a, c) - b"/>
    <TimeDerivative variable="c" value="diff(S(a, c), v) + diff(S(a, c), v, w) - c"/>
    <TimeDerivative variable="d" value="expm1(-d) + max(a, b, 0.1) - min(c, 0.3)"/>
    <TimeDerivative variable="e" value="0.3 * cosh(a) / (1 + tan(0.3 * b)^2) - abs(e)^1.5"/>
  </Dynamics>
  <Noise variable="c" sigma="s"/> <Noise variable="a" sigma="s"/> <Noise variable="e" sigma="s * 0.5"/>
  <Noise variable="d" sigma="s * abs(d)"/> <Noise variable="b" sigma="s"/>
  <Exposure name="a"/> <Exposure name="b"/> <Exposure name="c"/> <Exposure name="d"/> <Exposure name="e"/>
  <Exposure name="branch"/>
</Model>"""

# Vector and regional parameters, inputs, clamps that bind, two couplings on variables that are not the first.
DRIVEN = """
<Model name="driven">
  <Parameter name="P" size="3" value="-1, 0.5, -0.2"/> <Parameter name="G" value="0.3"/>
  <Parameter name="s" value="0.3"/>
  <DerivedParameter name="mean_P" value="(P[0] + P[1] + P[2]) / 3"/>
  <Input name="stimulus" default="0.1"/> <Input name="gain" default="1"/>
  <StateVariable name="x" initial="-0.8, 1" lower="-0.8"/>
  <StateVariable name="z" initial="0, 0.9" upper="0.9"/>
  <StateVariable name="y" initial="0, 1" lower="0" upper="1"/>
  <Coupling name="from_z" pre="P[1] * z_j^2" post="G * gx"/>
  <Coupling name="from_y" pre="max(y_j, 0.3) * P[2]" post="G * sqrt(1 + gx^2)"/>
  <Dynamics>
    <TimeDerivative variable="x" value="P[0] * x + P[1] * x^2 + P[2] * x^3 + gain * stimulus + from_z"/>
    <TimeDerivative variable="z" value="mean_P * z + from_y + 3 * stimulus"/>
    <TimeDerivative variable="y" value="floor(2 + 0.1 * cos(x)) * x - y * gain"/>
  </Dynamics>
  <Noise variable="x" sigma="s"/> <Noise variable="z" sigma="s * z"/>
  <Exposure name="x"/> <Exposure name="z"/> <Exposure name="y"/> <Exposure name="from_z"/>
  <Exposure name="heard" value="from_y + gain * stimulus"/>
</Model>"""

# Functions from a plug-in, for two populations; as code; with central differences; and of one another.
TRANSFERS = """
<Model name="transfers">
  <Parameter name="G" value="0.5"/> <Parameter name="s" value="0.05"/> <Parameter name="u" value="0.4"/>
  <Parameter name="P" size="3" value="0.1, 1.2, -0.7"/> <Parameter name="Q" size="3" value="-0.2, 0.8, -1.1"/>
  <StateVariable name="E" initial="0, 1"/> <StateVariable name="I" initial="0, 1"/>
  <Coupling name="c" pre="F_e(E_j, I_j) + bump(E_j, 1)" post="G * gx"/>
  <Function name="F_e" plugin="special_sigmoid" arguments="e, i" parameters="P=P, slope=1 / u, floor=0.1"/>
  <Function name="F_i" plugin="special_sigmoid" arguments="e, i" parameters="P=Q, slope=2 * G, floor=0"/>
  <Function name="bump" arguments="v, w" cuda="code/bumps.cuh" numba="code/bumps.py"
            differentiation="central" step="0.25"/>
  <Function name="ramp" arguments="v" cuda="code/bumps.cuh" numba="code/bumps.py" symbol="hinge"
            differentiation="central" step="0.25"/>
  <Function name="cube" arguments="v, w" differentiation="central" step="0.5">
    <Return value="v^3 * w"/>
  </Function>
  <Function name="outer" arguments="v"><Return value="v * bump(v, 2) + ramp(v)"/></Function>
  <Dynamics>
    <DerivedVariable name="bent" value="diff(bump(I, E + 2), v) + diff(bump(I, 2), v, w)"/>
    <DerivedVariable name="cubic" value="ramp(E) * diff(cube(E, I), v, w) + diff(cube(I, 1), v, v)"/>
    <TimeDerivative variable="E" value="F_e(E + c, I) - E + 0.1 * tanh(cubic)"/>
    <TimeDerivative variable="I" value="F_i(E, I) - I + bent"/>
  </Dynamics>
  <Noise variable="E" sigma="s * bump(E, 1)"/>
  <Exposure name="E"/> <Exposure name="I"/> <Exposure name="curved" value="outer(E) + diff(ramp(I), v, v)"/>
  <Exposure name="slope" value="diff(F_i(E, I), e)"/>
</Model>"""


@transfer_function("special_sigmoid")
def _sigmoid(arguments: tuple[Any, ...], parameters: Mapping[str, Any]) -> TransferFunction:
    """A sigmoid of a polynomial, with a floor below which it is constant; its names are also the models'."""
    e, i = arguments
    u, G = functions.symbol("u"), functions.symbol("G")
    drive = sum((c * e**k for k, c in enumerate(parameters["P"])), -i)
    rate = functions.select(functions.less(G, parameters["floor"]), parameters["floor"], G)
    return TransferFunction(
        result=rate * (2 - functions.erfc(drive) / 2),
        variables=[("G", 1 / (1 + functions.exp(-u))), ("u", drive * parameters["slope"])],
    )


TEXTS = {
    "edge_terms": EDGE_TERMS,
    "instant": INSTANT,
    "phases": PHASES,
    "constant_pre": CONSTANT_PRE,
    "uncoupled": UNCOUPLED,
    "driven": DRIVEN,
    "transfers": TRANSFERS,
}
# Those that differentiate functions take the oracle about a hundred times as long as others.
SHIPPED = {
    path.stem: path
    for path in sorted((Path(__file__).parents[2] / "models").glob("*.xml"))
    if "diff(" not in path.read_text(encoding="utf-8")
}

# Linear decay with noise: its stationary variance is known for each scheme.
DECAY = """
<Model name="decay">
  <Parameter name="k" value="1"/> <Parameter name="s" value="1"/>
  <StateVariable name="x" initial="0"/>
  <Dynamics> <TimeDerivative variable="x" value="-k * x"/> </Dynamics>
  <Noise variable="x" sigma="s"/>
  <Exposure name="x"/>
</Model>"""

# x' = a x^2 has the solution x0 / (1 - a x0 t): it bursts at t = 1 / (a x0).
BURSTING = """
<Model name="bursting">
  <Parameter name="a" value="1" min="-1" max="3"/>
  <StateVariable name="x" initial="1"/>
  <Coupling name="c" pre="x_j"/>
  <Dynamics> <TimeDerivative variable="x" value="a * x^2 + 0 * c"/> </Dynamics>
  <Exposure name="x"/>
</Model>"""

# Models that lack what others have: parameters, noise and exposures; couplings as well; all but a clock.
BARE = """
<Model name="bare">
  <StateVariable name="x" initial="-1, 1"/> <StateVariable name="y" initial="0.3"/>
  <Coupling name="c" pre="x_j" post="gx / n_node"/>
  <Dynamics>
    <TimeDerivative variable="x" value="y + 0.1 * c"/> <TimeDerivative variable="y" value="-x"/>
  </Dynamics>
</Model>"""
LONELY = """
<Model name="lonely">
  <StateVariable name="x" initial="-1, 1"/>
  <Dynamics> <TimeDerivative variable="x" value="-x"/> </Dynamics>
</Model>"""
CLOCK = """
<Model name="clock">
  <StateVariable name="x" initial="-1, 1"/>
  <Dynamics> <TimeDerivative variable="x" value="sin(t) * dt + 0.01 * n_node * x"/> </Dynamics>
  <Exposure name="x"/> <Exposure name="late" value="t * n_node + dt"/>
</Model>"""
# Time, dt and n_node on each edge and after it, without delays; a condition on time; an input there alone.
TIMED_EDGES = """
<Model name="timed_edges">
  <Parameter name="G" value="0.1"/> <Input name="u" default="0.2"/>
  <StateVariable name="x" initial="-1, 1"/>
  <Coupling name="c" pre="tanh(x_j - x) * t + dt" post="G * gx * n_node * dt" delays="false"/>
  <Dynamics>
    <ConditionalDerivedVariable name="b">
      <Case condition="x &gt; 0.1 .and. t .lt. 0.5" value="u"/> <Case value="c * u"/>
    </ConditionalDerivedVariable>
    <TimeDerivative variable="x" value="b - x"/>
  </Dynamics>
  <Noise variable="x" sigma="0.1"/>
  <Exposure name="b"/>
</Model>"""
# What couplings read turns out to be numbers that bounds are, too; and one of them is not read.
NUMBERS = """
<Model name="numbers">
  <DerivedParameter name="one" value="3 - 2"/> <DerivedParameter name="two" value="min(2, 3) * one"/>
  <StateVariable name="x" initial="0, 0.5" upper="1"/> <StateVariable name="y" initial="0" lower="-2"/>
  <Coupling name="unread" pre="ceil(one / 2)"/> <Coupling name="d" pre="two" post="two * gx"/>
  <Coupling name="near" pre="floor(two) + ceil(one / 2) * x_j"/>
  <Dynamics>
    <TimeDerivative variable="x" value="1 - x + one * near"/>
    <TimeDerivative variable="y" value="heaviside(0.9) * t - y - 2 * d"/>
  </Dynamics>
  <Exposure name="x"/> <Exposure name="y"/> <Exposure name="d"/> <Exposure name="number" value="two"/>
</Model>"""
# A term on each edge that reads no state of the source: there is no history.
NO_SOURCE = """
<Model name="no_source">
  <Parameter name="k" value="0.4"/> <StateVariable name="x" initial="-1, 1"/>
  <Coupling name="c" pre="tanh(k - x)" delays="false"/>
  <Dynamics> <TimeDerivative variable="x" value="0.1 * c - x"/> </Dynamics>
</Model>"""
LACKING = {"bare": BARE, "lonely": LONELY, "clock": CLOCK, "timed_edges": TIMED_EDGES, "numbers": NUMBERS}
LACKING |= {"no_source": NO_SOURCE}


@cache
def model_of(name: str) -> Model:
    """A special model, or a shipped one."""
    if name in SHIPPED:
        return load_model(SHIPPED[name])
    texts = {**TEXTS, **LACKING, "decay": DECAY, "bursting": BURSTING}
    return load_model(Path(__file__).with_name(f"{name}.xml"), texts[name])


@cache
def model_from(text: str) -> Model:
    return load_model("model.xml", text)
