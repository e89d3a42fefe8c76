"""A model's text, integrated by loops over nodes and steps, one number at a time.

It reads the XML and the expressions itself and shares nothing with the generator, the drivers and the oracle.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any
from xml.etree import ElementTree

import numpy as np
from numpy.typing import NDArray
from plain_expressions import Names, add_functions, arithmetic, conditional, numbers, plain, value_of
from plain_philox import normal, uniform

Array = NDArray[np.float64]
Point = dict[str, Any]


@dataclass(frozen=True, eq=False)
class Experiment:
    """A model and what it is simulated with; inputs are arrays (time, node) over the whole run."""

    text: str
    weights: Array
    lengths: Array
    speed: float
    dt: float
    steps: int
    integrator: str
    seed: int
    item: int
    parameters: Mapping[str, Array] = field(default_factory=dict)
    inputs: Mapping[str, Array] = field(default_factory=dict)


class _Run:
    """One run in one precision: `past` holds the states of every node at every step."""

    def __init__(self, experiment: Experiment, real: type[np.floating[Any]], error: float) -> None:
        self.experiment, self.real, self.error = experiment, real, error
        self.root = ElementTree.fromstring(experiment.text)
        self.nodes = range(len(experiment.weights))
        self.states = [e.attrib for e in self.root.iter("StateVariable")]
        self.definitions = _definitions(self.root.find("Dynamics"))
        self.bodies = {f.attrib["name"]: _body(f) for f in self.root.iter("Function")}
        self.derived = {
            e.attrib["name"]: plain(e.attrib["value"]) for e in self.root.iter("DerivedParameter")
        }
        self.constants = [self._constants(i, real) for i in self.nodes]
        self.past = [[self._initial(i) for i in self.nodes]]

    def _constants(self, node: int, real: type[np.floating[Any]] | None) -> Names:
        """What a node knows that does not change: parameters and functions; for None with many digits."""
        known = arithmetic(real)
        number = known["number_"]
        known |= {"dt": number(self.experiment.dt), "n_node": number(len(self.nodes))}
        for e in self.root.iter("Parameter"):
            name, values = e.attrib["name"], list(numbers(e.attrib["value"]))
            if name in self.experiment.parameters:
                values = [float(self.experiment.parameters[name][node])]
            known[name] = [*map(number, values)] if "size" in e.attrib else number(values[0])
        names = Names(known, self.derived)
        exact = functools.cache(lambda: self._constants(node, None))
        add_functions(names, self.bodies, exact if real else None)
        return names

    def _initial(self, node: int) -> Point:
        point = {}
        for k, state in enumerate(self.states):
            low, *high = numbers(state["initial"])
            share = uniform(self.experiment.seed, node, self.experiment.item, k)
            point[state["name"]] = self.real(low + (high[0] - low) * share if high else low)
        return point

    def couplings(self, past: list[list[Point]], node: int, time: float) -> Point:
        """Every coupling's value at a node; the last of `past` is now."""
        own, t, e = past[-1][node], self.real(time), self.experiment
        values = {}
        for coupling in self.root.iter("Coupling"):
            total = self.real(self.error)
            for j in self.nodes:
                if e.weights[node, j] == 0:
                    continue
                delay = round(e.lengths[node, j] / e.speed / e.dt)
                delay = 0 if coupling.attrib.get("delays") == "false" else delay
                source = past[max(len(past) - 1 - delay, 0)][j]
                seen = Names(
                    {**own, **{f"{n}_j": x for n, x in source.items()}, "t": t}, None, self.constants[j]
                )
                total += self.real(e.weights[node, j]) * value_of(coupling.attrib["pre"], seen)
            seen = Names({**own, "gx": total, "t": t}, None, self.constants[node])
            values[coupling.attrib["name"]] = value_of(coupling.attrib.get("post", "gx"), seen)
        return values

    def inputs(self, node: int, n: int) -> Point:
        """Every input's value at a node in a step."""
        values = {}
        for e in self.root.iter("Input"):
            rows = self.experiment.inputs.get(e.attrib["name"])
            default = next(numbers(e.attrib.get("default", "0")))
            value = default if rows is None else rows[n * len(rows) // self.experiment.steps, node]
            values[e.attrib["name"]] = self.real(value)
        return values

    def names(self, node: int, point: Point, fixed: Point, time: float) -> Names:
        """All that equations of a node see."""
        return Names({**fixed, **point, "t": self.real(time)}, self.definitions, self.constants[node])

    def slopes(self, node: int, point: Point, fixed: Point, time: float) -> Point:
        """The right-hand sides."""
        names = self.names(node, point, fixed, time)
        of = {e.attrib["variable"]: e.attrib["value"] for e in self.root.iter("TimeDerivative")}
        return {s["name"]: value_of(of[s["name"]], names) for s in self.states}

    def noise(self, node: int, n: int) -> Point:
        """What noise adds to each state in a step."""
        e, added = self.experiment, {s["name"]: self.real(0) for s in self.states}
        names = Names(self.past[-1][node], None, self.constants[node])
        for k, noise in enumerate(self.root.iter("Noise")):
            deviate = self.real(math.sqrt(e.dt) * normal(e.seed, n, node, e.item, k))
            added[noise.attrib["variable"]] = value_of(noise.attrib["sigma"], names) * deviate
        return added

    def moved(self, point: Point, *increments: tuple[float, Point]) -> Point:
        """A point moved by weighted increments, within its bounds."""
        after = {}
        for state in self.states:
            name = state["name"]
            value = point[name]
            for weight, increment in increments:
                value = value + self.real(weight) * increment[name]
            for bound, choose in (("lower", max), ("upper", min)):
                if bound in state:
                    value = choose(value, self.real(next(numbers(state[bound]))))
            after[name] = value
        return after

    def step(self, n: int) -> list[Point]:
        """Advance all nodes by a step; return what exposures see of each."""
        e, now = self.experiment, self.past[-1]
        dt, t = e.dt, n * e.dt
        fixed = [{**self.couplings(self.past, i, t), **self.inputs(i, n)} for i in self.nodes]
        noise = [self.noise(i, n) for i in self.nodes]
        first = [self.slopes(i, now[i], fixed[i], t) for i in self.nodes]
        last = fixed
        if e.integrator == "heun_renewed":
            predicted = [self.moved(now[i], (dt, first[i]), (1, noise[i])) for i in self.nodes]
            renewed = [self.couplings([*self.past, predicted], i, t + dt) for i in self.nodes]
            last = [{**fixed[i], **renewed[i]} for i in self.nodes]
        after = []
        for i in self.nodes:
            slope = first[i]
            if e.integrator == "euler":
                increments = [(dt, slope)]
            elif e.integrator == "rk4":
                half = self.slopes(i, self.moved(now[i], (dt / 2, slope)), fixed[i], t + dt / 2)
                again = self.slopes(i, self.moved(now[i], (dt / 2, half)), fixed[i], t + dt / 2)
                end = self.slopes(i, self.moved(now[i], (dt, again)), fixed[i], t + dt)
                increments = [(dt / 6, slope), (dt / 3, half), (dt / 3, again), (dt / 6, end)]
            else:
                predicted_here = self.moved(now[i], (dt, slope), (1, noise[i]))
                end = self.slopes(i, predicted_here, last[i], t + dt)
                increments = [(dt / 2, slope), (dt / 2, end)]
            after.append(self.moved(now[i], *increments, (1, noise[i])))
        for point in after:
            for state in self.states:
                if "period" in state:
                    point[state["name"]] %= self.real(next(numbers(state["period"])))
        self.past.append(after)
        return [self.exposures(i, after[i], last[i], t + dt) for i in self.nodes]

    def exposures(self, node: int, point: Point, fixed: Point, time: float) -> Point:
        """What is seen of a node."""
        names = self.names(node, point, fixed, time)
        texts = {
            e.attrib["name"]: e.attrib.get("value", e.attrib["name"]) for e in self.root.iter("Exposure")
        }
        texts = texts or {s["name"]: s["name"] for s in self.states}
        return {name: value_of(text, names) for name, text in texts.items()}


def _definitions(parent: ElementTree.Element | None) -> dict[str, Any]:
    """The derived variables of an element, conditional or not."""
    found = {}
    for e in () if parent is None else parent:
        if e.tag == "DerivedVariable":
            found[e.attrib["name"]] = plain(e.attrib["value"])
        if e.tag == "ConditionalDerivedVariable":
            cases = [(c.attrib.get("condition"), c.attrib["value"]) for c in e]
            found[e.attrib["name"]] = conditional(cases)
    return found


def _body(function: ElementTree.Element) -> SimpleNamespace:
    result = function.find("Return")
    assert result is not None
    return SimpleNamespace(
        arguments=[name.strip() for name in function.attrib["arguments"].split(",")],
        definitions=_definitions(function),
        result=result.attrib["value"],
    )


def integrate(
    experiment: Experiment, real: type[np.floating[Any]] = np.float64, error: float = 0.0
) -> dict[str, Array]:
    """Return each exposure after each step, shape (steps, node); sums over edges are wrong by `error`."""
    with np.errstate(all="ignore"):
        run = _Run(experiment, real, error)
        seen = [run.step(n) for n in range(experiment.steps)]
    return {name: np.array([[float(p[name]) for p in points] for points in seen]) for name in seen[0][0]}


def periods(text: str) -> dict[str, float]:
    """The periods of states that are angles."""
    states = [e.attrib for e in ElementTree.fromstring(text).iter("StateVariable")]
    return {s["name"]: next(numbers(s["period"])) for s in states if "period" in s}
