"""Both forms of generated code: with the package's support, and standing alone, without the package."""

import subprocess
import sys

import numba
import numpy as np
import pytest

import rateloom
from rateloom.api.loading import shipped_models
from rateloom.drivers.backends.cuda.nvrtc import compile_cuda
from rateloom.drivers.backends.emulated.host_compiler import host_compiler, load_library
from rateloom.drivers.backends.numba.kernels import module_from_path
from rateloom.drivers.model.artifact import read_code
from rateloom.kernels.stack_arrays import stack_zeros

# loads a generated module where the package cannot be imported, and runs it over one lane block
ALONE = """
import importlib.util, json, sys
import numpy as np

class Blocked:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] == "rateloom":
            raise ImportError("rateloom is not there")

if sys.argv[3] == "alone":
    sys.meta_path.insert(0, Blocked())
spec = importlib.util.spec_from_file_location("generated", sys.argv[1])
module = importlib.util.module_from_spec(spec)
spec.loader.exec_module(module)
real, lanes, block, n_node, horizon, steps = np.float32, 4, 4, 3, 20, 40
about = json.load(open(sys.argv[1].replace("_numba.py", ".json")))
counts, model = about["counts"], about["model"]
kernels = module.build(real, lanes, 1, block, True, "heun", False)
several = [p["value"] for p in model["parameters"]]
values = [v for one in several for v in (one if isinstance(one, list) else [one])]
parameters = np.tile(np.array(values, real)[:, None, None], (1, 1, lanes))
hoisted = np.zeros((counts["hoisted"], 1, lanes), real)
kernels["prepare"](parameters, 0.1, n_node, hoisted)
random = np.random.default_rng(1)
state = np.zeros((counts["state_rows"], n_node * lanes), real)
state[: len(model["states"])] = random.uniform(0.1, 0.2, (len(model["states"]), n_node * lanes))
history = np.zeros(counts["factors"] * n_node * (horizon + block) * lanes, real)
kernels["fill_history"](state, hoisted, 0, horizon + block, history, horizon)
whole = np.int64
source, delay = np.array([1, 2, 0], whole), np.array([5, 7, 9], whole)
weight, parts = np.array([0.5, 1.0, 0.7], real), np.array([[0, 1, 2, 3], [3, 3, 3, 3]], whole)
visits = np.array([[node, 0, block, 0] for node in range(n_node)], whole)
exposures, coupled = len(model["exposures"]), np.zeros((max(1, counts["sums"]), block, lanes), real)
output = np.zeros((steps // 10, exposures, n_node * lanes), real)
kernels["advance"](
    0, steps, 0.1, parts, visits, source, delay, weight, np.zeros(n_node, real), np.ones(n_node, real),
    hoisted, np.arange(lanes, dtype=np.uint32), np.uint32(3), np.uint32(4), np.zeros(steps + 1, whole),
    np.zeros((1, max(1, len(model["inputs"])), n_node), real), state, history, horizon, 10,
    np.zeros((counts["sum_rows"], n_node * lanes), real), output, np.full(lanes, 2**62, whole),
    coupled, coupled.reshape(-1),
)
assert np.isfinite(output).all() and np.ptp(output) > 0
np.save(sys.argv[2], output)
"""


def run(module, result, form):
    subprocess.run([sys.executable, "-c", ALONE, str(module), str(result), form], check=True, timeout=300)
    return np.load(result)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["linear", "montbrio", "kuramoto"])
def test_a_module_that_stands_alone_gives_the_same_bits_without_the_package(name, tmp_path):
    forms = {
        "package": rateloom.generate(name, ("numba",), tmp_path / "package"),
        "alone": rateloom.generate(name, ("numba",), tmp_path / "alone", standalone=True),
    }
    one, other = (run(paths[0], tmp_path / f"{form}.npy", form) for form, paths in forms.items())
    np.testing.assert_array_equal(one, other)
    # the description is the same, and drivers read either
    assert forms["package"][1].read_bytes() == forms["alone"][1].read_bytes()


@pytest.mark.parametrize("name", sorted(shipped_models()))
def test_a_module_that_stands_alone_has_all_that_it_needs_and_no_more(name, tmp_path):
    path, description = rateloom.generate(name, ("numba",), tmp_path, standalone=True)
    text = path.read_text("utf-8")
    assert "rateloom." not in text.split("\n\n", 2)[2]
    module = module_from_path(path)
    assert set(module.build(cache=False)) == {"prepare", "fill_history", "advance"}
    checked = subprocess.run(
        [sys.executable, "-m", "ruff", "check", "--isolated", "--select", "F401,F811,F821", str(path)],
        capture_output=True, text=True,
    )  # fmt: skip
    assert checked.returncode == 0, checked.stdout
    assert read_code(description).texts["numba"].support == ""


@pytest.mark.skipif(host_compiler() is None, reason="no C++ compiler on this machine")
def test_source_that_stands_alone_compiles_with_a_host_compiler(tmp_path):
    (path, _) = rateloom.generate("montbrio", ("cuda",), tmp_path, standalone=True)
    text = path.read_text("utf-8")
    assert "#include" not in text
    assert load_library(text) is not None


def test_source_that_stands_alone_compiles_without_an_include_path(tmp_path):
    pytest.importorskip("cuda.bindings.nvrtc")
    (path, _) = rateloom.generate("montbrio", ("cuda",), tmp_path, standalone=True)
    report = compile_cuda(path.read_text("utf-8"), "sm_90", {})
    assert {kernel.name for kernel in report.kernels} == {
        f"montbrio_{kernel}" for kernel in ("prepare", "fill_history", "advance")
    }


def test_a_kernel_has_thousands_of_rows_on_its_stack():
    # filled value by value they would be compiled for minutes
    def last(rows):
        array = stack_zeros(3000, 32, np.float64)
        array[rows, 31] += 1.0
        return array.sum()

    assert numba.njit(last)(2999) == 1.0
