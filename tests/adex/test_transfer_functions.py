"""The AdEx transfer functions and their derivatives against 70 digits, and in the corners of float32."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from transfer_reference import (
    NAMES,
    as_floats,
    evaluate_kernel,
    evaluate_mpmath,
    evaluate_tvb,
    local_errors,
    random_points,
    range_errors,
    tiny_model,
)

from rateloom.drivers.backends.emulated.host_compiler import host_compiler
from rateloom.dsl.model import Model

Array = NDArray[np.float64]


# Numba takes five seconds to compile the functions in one precision
EMULATED = pytest.param(
    "emulated", marks=pytest.mark.skipif(host_compiler() is None, reason="no C++ compiler on this machine")
)
each_backend = pytest.mark.parametrize("backend", [EMULATED, pytest.param("numba", marks=pytest.mark.slow)])


@each_backend
def test_values_and_derivatives_are_exact(backend: str) -> None:
    check_values_and_derivatives(50, backend)


@pytest.mark.slow
def test_values_and_derivatives_are_exact_at_many_points() -> None:
    check_values_and_derivatives(10_000, "numba")


def check_values_and_derivatives(count: int, backend: str) -> None:
    # what float32 cannot hold is no error of the kernel
    points = random_points(count).astype(np.float32).astype(float)
    reference = as_floats(evaluate_mpmath(points))
    double = local_errors(evaluate_kernel(points, "float64", backend=backend), reference)
    single = range_errors(evaluate_kernel(points, "float32", backend=backend), reference)
    print(dict(zip(NAMES, double, strict=True)), dict(zip(NAMES, single, strict=True)))
    assert double.max() <= 1e-11
    assert single.max() <= 2e-5
    # by this measure finite differences, as other codes take them, are seen for what they are
    assert local_errors(evaluate_tvb(points), reference)[3:].min() > 1e-5


@pytest.mark.slow
def test_central_differences_when_asked_for() -> None:
    points = random_points(100)
    points[:2] += 0.01  # a difference at rate zero would reach below zero
    central = evaluate_kernel(points, "float64", tiny_model(step=1e-5))
    exact = evaluate_kernel(points, "float64")
    # what is computed once for a value and its derivatives is fused otherwise: the last places of a value
    # differ, more of them where the complementary error function is of a large number (2e-13 measured)
    np.testing.assert_allclose(central[:, 0], exact[:, 0], rtol=1e-12, atol=1e-300)
    first, second = range_errors(central, exact)[1:3].max(), range_errors(central, exact)[3:].max()
    assert 0 < first < 1e-4
    assert 0 < second < 1e-3


POINT = st.tuples(
    st.one_of(st.just(0.0), st.floats(0, 0.25, width=32)),
    st.one_of(st.just(0.0), st.floats(0, 0.25, width=32)),
    st.one_of(st.just(0.0), st.floats(0, 0.25, width=32)),
    st.one_of(st.just(0.0), st.floats(0, 0.25, width=32)),
    st.one_of(st.just(0.0), st.floats(-150, 500, width=32)),
)


@pytest.mark.slow
@settings(max_examples=25, deadline=None)
@given(points=st.lists(POINT, min_size=50, max_size=50), outward=st.sampled_from([0.0, 100.0]))
def test_float32_stays_finite_and_keeps_its_sign(points: list[tuple[float, ...]], outward: float) -> None:
    """Anywhere in the range, zeros included, with and without inhibitory input from outside."""
    model = with_outside_inhibition(tiny_model(), outward)
    values = evaluate_kernel(np.array(points).T, "float32", model)
    assert np.isfinite(values).all()
    assert (values[:, 0] >= 0).all()
    # no faster than one spike in two synaptic decay times
    assert (values[:, 0] <= 0.2).all()


def with_outside_inhibition(model: Model, connections: float) -> Model:
    changed = tuple(
        dataclasses.replace(p, values=(connections,)) if p.name == "K_ext_i" else p for p in model.parameters
    )
    return dataclasses.replace(model, parameters=changed)


@each_backend
def test_slopes_keep_their_signs_at_low_rates(backend: str) -> None:
    """Excitation raises the output; inhibition does either, as it shunts or only adds fluctuations."""
    random = np.random.default_rng(3)
    points = np.array([
        random.uniform(0.002, 0.02, 500), random.uniform(0.002, 0.02, 500),
        np.full(500, 0.0003), np.zeros(500), random.uniform(0, 100, 500),
    ])  # fmt: skip
    single, double = (evaluate_kernel(points, dtype, backend=backend) for dtype in ("float32", "float64"))
    seen = np.abs(double) > 1e-30
    assert seen[:, :3].all()
    assert (np.sign(single) == np.sign(double))[:, :3].all()
    assert (single[:, 1] > 0).all()
