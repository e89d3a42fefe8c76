"""Bounds of throughput: traffic and time by hand, on made-up machines."""

import json

import numpy as np
import pytest

import rateloom
from rateloom.api.machines import Level, Machine, Rates, load_machine, machine_text
from rateloom.api.roofline import (
    MemoryLayout,
    Traffic,
    Workload,
    bound,
    cost_of,
    memory_layout,
    node_instructions,
    roofline,
    traffic_of,
)
from rateloom.generator.analysis.cost import Cost, StepCost
from rateloom.generator.analysis.instructions import Instructions
from rateloom.generator.analysis.operations import Operations

NONE = Operations()


def machine():
    rates = {
        dtype: {"one": Rates(100.0, 10.0, 5.0), "all": Rates(200.0, 20.0, 10.0)}
        for dtype in ("float32", "float64")
    }
    levels = (
        Level("L1", 100, False, {"one": 1000.0, "all": 2000.0}),
        Level("L2", 400, True, {"one": 100.0, "all": 200.0}),
        Level("memory", 0, True, {"one": 10.0, "all": 10.0}),
    )
    return Machine("P", "C", "today", 2, rates, levels)


def traffic(total=8.0, working_set=1000):
    return Traffic(total, 0.0, 0.0, 0.0, 0.0, 0.0, working_set)


def test_each_unit_takes_its_time_and_the_slowest_bounds():
    found = bound(Instructions(50, 2, 1), traffic(working_set=50), machine(), "float32", "one")
    assert found.arithmetic == pytest.approx(0.5)
    assert found.divider == pytest.approx(2 / 10 + 1 / 5)
    assert found.memory == pytest.approx(8 / 1000)
    assert (found.limit, found.node_steps) == ("arithmetic", pytest.approx(2.0))


def test_each_level_serves_what_it_holds_of_the_working_set():
    # a tenth in the first level, up to four tenths in the second, the rest in the memory
    found = bound(Instructions(), traffic(), machine(), "float32", "one")
    assert found.memory == pytest.approx(8 * (0.1 / 1000 + 0.3 / 100 + 0.6 / 10))
    assert found.limit == "memory"
    # two threads have two working sets in a level that they share
    found = bound(Instructions(), traffic(), machine(), "float32", "all")
    assert found.memory == pytest.approx(8 * (0.1 / 2000 + 0.1 / 200 + 0.8 / 10))


def test_traffic_counts_what_a_step_reads_and_writes():
    step = {"euler": StepCost(NONE, NONE)}
    cost = Cost(NONE, step, NONE, NONE, NONE, {}, states=3, exposures=2, factors=1, hoisted=8, reads=2)
    layout = MemoryLayout(
        n_node=10, edges_per_node=5.0, longest_delay=99, block=4, lanes=8, window=10, bytes=4
    )
    found = traffic_of(cost, layout)
    assert found.history_read == 2 * 5 * 4
    assert found.history_written == 4
    assert found.edges == 5 * (8 + 8 + 4) / (4 * 8)
    assert found.states == 2 * (3 + 2) * 4 / 4
    assert found.computed_before == 8 * 4 / 4
    assert found.output == 2 * 4 / 10
    assert found.working_set == 4 * 8 * (10 * (100 + 3 + 2) + 8)
    assert found.total == pytest.approx(40 + 4 + 3.125 + 10 + 8 + 0.8)


def test_edges_and_the_block_come_from_the_connectome():
    weights = np.array([[1.0, 2.0, 0.0], [0.0, 0.0, 1.0], [1.0, 0.0, 0.0]])
    lengths = np.array([[0.0, 3.0, 9.9], [9.9, 9.9, 6.0], [1.5, 9.9, 9.9]])
    brain = rateloom.Connectome(weights, lengths)
    found = memory_layout(rateloom.load("linear"), brain, "float64", speed=3.0, dt=0.1)
    assert found.edges_per_node == pytest.approx(4 / 3)
    # the node's own edge has no delay and counts for nothing; 1.5 mm are 5 steps, so 6 are possible, 4 taken
    assert (found.longest_delay, found.block, found.bytes) == (20, 4, 8)


def test_the_bound_of_a_model_is_put_together_from_its_parts():
    weights = np.ones((4, 4)) - np.eye(4)
    brain = rateloom.Connectome(weights, 10.0 * weights)
    cost = cost_of(rateloom.load("kuramoto"))
    node = cost.schemes["heun"].node
    found = roofline("kuramoto", machine(), brain)
    own = node.adds + node.multiplies - node.fused + node.selects + cost.monitor.adds
    # sine and cosine as the instructions of their texts; on three edges, one multiply-add for each of the two
    assert found.arithmetic == pytest.approx((own + 26 + 25 + 3 * 2) / 100.0)
    noisy = roofline("kuramoto", machine(), brain, Workload(noise=True))
    # Philox: ten rounds of two products, each in the time of two others, two shifts and two exclusive ors
    assert noisy.arithmetic > found.arithmetic + 80 / 100.0
    assert noisy.memory == found.memory
    both = roofline("kuramoto", machine(), brain, Workload(threads="all"))
    assert both.arithmetic == pytest.approx(found.arithmetic / 2)


def test_wrong_settings_are_told():
    cost = cost_of(rateloom.load("linear"))
    with pytest.raises(
        rateloom.InputError, match="integrator='leapfrog' is unknown; use one of euler, heun, rk4"
    ):
        node_instructions(cost, "leapfrog", "float32", False, 1.0)
    with pytest.raises(rateloom.InputError, match="dtype='half' is unknown; use one of float32, float64"):
        roofline("linear", machine(), "synthetic:4", Workload(dtype="half"))
    with pytest.raises(rateloom.InputError, match="threads='two' is unknown; use one of one, all"):
        roofline("linear", machine(), "synthetic:4", Workload(threads="two"))


def test_a_machine_survives_its_file(tmp_path):
    path = tmp_path / "machine.json"
    path.write_text(machine_text(machine()), encoding="utf-8")
    assert load_machine(path) == machine()


def without(*keys):
    data = json.loads(machine_text(machine()))
    inner = data
    for key in keys[:-1]:
        inner = inner[key]
    del inner[keys[-1]]
    return json.dumps(data)


def changed(value, *keys):
    data = json.loads(machine_text(machine()))
    inner = data
    for key in keys[:-1]:
        inner = inner[key]
    inner[keys[-1]] = value
    return json.dumps(data)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "is not JSON"),
        ("[1, 2]", "is not in the form that is read"),
        ("null", "is not in the form that is read"),
        (without("cores"), "lacks 'cores'"),
        (without("rates", "float64", "all", "root"), "lacks 'root'"),
        (changed([], "levels"), "no levels of the memory"),
        (changed(0, "cores"), "cores is 0"),
        (changed(-1.0, "rates", "float32", "one", "division"), "division is -1"),
        (changed(float("nan"), "levels", 0, "bandwidth", "one"), "one is nan"),
        (changed("fast", "rates", "float32", "one", "division"), "could not convert string to float"),
        (changed(-5, "levels", 1, "size"), "size is -5"),
        (changed(1e300, "levels", 1, "bandwidth", "one").replace("1e+300", "1e999"), "one is inf"),
    ],
)
def test_a_broken_machine_file_is_one_line(text, says, tmp_path):
    path = tmp_path / "machine.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(rateloom.InputError, match=r"machine file .*machine\.json") as error:
        load_machine(path)
    assert says in str(error.value)
    assert "benchmarks/machine.py --out FILE" in str(error.value)
    assert "\n" not in str(error.value)


def test_a_missing_machine_file_is_one_line(tmp_path):
    with pytest.raises(rateloom.InputError, match=r"none\.json: No such file or directory"):
        load_machine(tmp_path / "none.json")
