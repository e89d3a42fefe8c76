"""Simulate many single neurons: a lane for each repetition at each point of a grid of input rates.

A step of length dt solves the equations of `neuron` in their exact exponential form, with constant
coefficients. Events arrive evenly within a step, so that the mean conductance, and to second order in
dt / tau its variance, are those of continuous time. The conductance's mean over the step drives V; only the
exponential current and the adaptation are frozen at the step's beginning.

The number of events in a step comes from inversion: it is the number of thresholds, the cumulative Poisson
probabilities times 2**32, that a random word reaches. Words come from Philox (`random`) with the counter
(step // 2, repetition, grid point, 0): two words, excitatory first, for each of two steps. No lane depends on
another, so results are the same bit for bit with any number of threads.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import wait
from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray
from scipy.stats import poisson

from rateloom.drivers.measures.jit_options import EXACT, kernel
from rateloom.drivers.model.random import INPUT_EVENTS, key_of
from rateloom.drivers.planning.settings import MAX_STEPS, Settings
from rateloom.drivers.support.errors import InputError
from rateloom.drivers.support.threads import DaemonThreads

from .neuron import Neuron

# With more events, the input would be like a current; a smaller step is needed.
_MOST_EVENTS = 30.0
# lane-steps between two checks of the stop event: a fraction of a second
_PORTION = 10_000_000

_Floats = NDArray[np.float64]
_LOW, _HALF = np.uint64(0xFFFFFFFF), np.uint64(32)


@dataclass(frozen=True)
class Protocol:
    """The protocol of a recording of neurons.

    Parameters
    ----------
    duration, transient, dt : float
        Time measured, time simulated before it, and integration step, ms.
    repetitions : int
        Independent neurons at each point.
    adaptation : float, optional
        Constant value of w (pA); without it, the neuron adapts.
    seed : int
        Seed of the input events.
    threads : int, optional
        CPU threads; all cores by default. Results do not depend on it.
    """

    duration: float = 5000.0
    transient: float = 2000.0
    dt: float = 0.1
    repetitions: int = 8
    adaptation: float | None = None
    seed: int = 0
    threads: int | None = None


@dataclass(frozen=True, eq=False)
class Recording:
    """Measurements of the neurons after the transient, each of shape (point, repetition).

    Attributes
    ----------
    rate : spikes per ms (kHz)
    adaptation : mean of w, pA
    potential, deviation : mean and standard deviation of V outside the refractory time, mV
    """

    rate: _Floats
    adaptation: _Floats
    potential: _Floats
    deviation: _Floats


def simulate_neurons(
    neuron: Neuron,
    nu_e: _Floats,
    nu_i: _Floats,
    protocol: Protocol = Protocol(),
    advance: Callable[[float], None] = lambda lane_steps: None,
) -> Recording:
    """Simulate a neuron with Poisson input at each grid point.

    Parameters
    ----------
    neuron : Neuron
        Parameters of the cell.
    nu_e, nu_i : (n_point,) arrays
        Rates of one excitatory and one inhibitory synapse, kHz.
    protocol : Protocol
        How it is recorded.
    advance : callable
        Called with the number of lane-steps done, from any thread.

    Raises
    ------
    InputError
        If a setting cannot be used.
    """
    dt, repetitions = protocol.dt, protocol.repetitions
    settings = Settings(duration=protocol.duration, dt=dt, seed=protocol.seed, threads=protocol.threads)
    n_skip = _n_transient(protocol.transient, settings)
    shape = (nu_e.size, repetitions)
    tables = tuple(
        event_thresholds(name, k * nu * dt)
        for name, k, nu in (("excitatory", neuron.K_e, nu_e), ("inhibitory", neuron.K_i, nu_i))
    )
    constants = _constants(neuron, dt, protocol.adaptation)
    key = tuple(np.uint64(word) for word in key_of(protocol.seed, INPUT_EVENTS))
    measured = np.empty((4, shape[0] * shape[1]))
    n_lane, stop = measured.shape[1], threading.Event()
    portion = max(1, _PORTION // (n_skip + settings.n_step))

    def run(first: int) -> None:
        last = min(first + portion, n_lane)
        if not stop.is_set():
            steps = (n_skip, settings.n_step)
            _run_lanes((first, last), repetitions, steps, tables, key, constants, measured)
            advance(float((last - first) * (n_skip + settings.n_step)))

    with DaemonThreads(settings.n_thread) as pool:
        try:
            futures = [pool.submit(run, first) for first in range(0, n_lane, portion)]
            for future in wait(futures).done:
                future.result()
        finally:
            stop.set()
    spikes, w, v, v_deviation = measured.reshape(4, *shape)
    return Recording(spikes / (settings.n_step * dt), w, v, v_deviation)


def event_thresholds(synapse_type: str, mean: _Floats) -> NDArray[np.uint64]:
    """Return thresholds (point, k); the number of events is that of the thresholds that a word reaches.

    Parameters
    ----------
    mean : (point,) array
        Mean number of events in a step.

    Raises
    ------
    InputError
        If there are too many events in a step for the method.
    """
    largest = float(mean.max())
    if largest > _MOST_EVENTS:
        raise InputError(
            f"{largest:g} {synapse_type} events in a step of dt are too many (at most {_MOST_EVENTS:g}); "
            f"lower dt or the {synapse_type} rates"
        )
    # No word of 32 bits reaches a count beyond 12 deviations.
    counts = np.arange(int(largest + 12 * np.sqrt(largest) + 16))
    probabilities = poisson.cdf(counts, mean[:, None])
    # No word reaches 2**32, which ends the search.
    thresholds = np.ceil(probabilities * 2.0**32).astype(np.uint64)
    thresholds[:, -1] = 2**32
    return np.asarray(thresholds)


def _n_transient(transient: float, settings: Settings) -> int:
    if not 0 <= transient < np.inf:
        raise InputError(f"transient={transient:g} ms: it must not be negative, and finite")
    steps = np.rint(transient / settings.dt)
    if steps + settings.n_step >= MAX_STEPS:
        raise InputError(f"transient={transient:g} ms makes more than {MAX_STEPS} steps; shorten it")
    return int(steps)


def _constants(neuron: Neuron, dt: float, adaptation: float | None) -> _Floats:
    """Return the kernel's constants of a neuron; a clamped w neither decays nor grows by V or spikes."""
    n, clamped = neuron, adaptation is not None
    if adaptation is not None and not abs(adaptation) <= 1e9:
        raise InputError(f"adaptation={adaptation:g} pA: it must be finite and at most 1e9")
    decay_e, decay_i = np.exp(-dt / n.tau_e), np.exp(-dt / n.tau_i)
    # mean of a conductance's decay over a step, and of what a step's events, at even times, leave at its end
    mean_decay_e, mean_decay_i = (
        n.tau_e / dt * -np.expm1(-dt / n.tau_e),
        n.tau_i / dt * -np.expm1(-dt / n.tau_i),
    )
    return np.array(
        [
            n.g_L / n.C_m, n.E_L, n.V_th, n.delta, n.V_peak, n.V_reset, np.rint(n.t_ref / dt),
            0.0 if clamped else n.a, 0.0 if clamped else n.b, 1.0 if clamped else np.exp(-dt / n.tau_w),
            adaptation or 0.0, n.C_m, n.E_e, n.E_i, n.Q_e / n.C_m, n.Q_i / n.C_m,
            decay_e, decay_i, mean_decay_e, mean_decay_i, dt,
        ]
    )  # fmt: skip


@njit(inline="always", **EXACT)
def _philox(c0, c1, c2, key0, key1):  # type: ignore[no-untyped-def]
    """Return ten rounds of Philox4x32 on (c0, c1, c2, 0): four words of 32 bits, each in 64."""
    c3 = np.uint64(0)
    for _ in range(10):
        product0 = np.uint64(0xD2511F53) * c0
        product1 = np.uint64(0xCD9E8D57) * c2
        c0, c1 = (product1 >> _HALF) ^ c1 ^ key0, product1 & _LOW
        c2, c3 = (product0 >> _HALF) ^ c3 ^ key1, product0 & _LOW
        key0 = (key0 + np.uint64(0x9E3779B9)) & _LOW
        key1 = (key1 + np.uint64(0xBB67AE85)) & _LOW
    return c0, c1, c2, c3


@njit(inline="always", **EXACT)
def _count(thresholds, point, word):  # type: ignore[no-untyped-def]
    """Return the number of a point's thresholds that a word reaches."""
    events = 0
    while thresholds[point, events] <= word:
        events += 1
    return events


@kernel(EXACT)
def _run_lanes(lanes, repetitions, steps, tables, key, constants, out):  # type: ignore[no-untyped-def]
    """Simulate lanes from the first to the last; write spikes, mean w, mean V and its deviation of each."""
    (n_skip, n_step), (table_e, table_i), (key0, key1) = steps, tables, key
    g_l, e_l, v_th, delta, v_peak, v_reset, refractory = constants[:7]
    a, b, keep_w, w_start, c_m, e_e, e_i, q_e, q_i = constants[7:16]
    decay_e, decay_i, mean_decay_e, mean_decay_i, dt = constants[16:]
    for lane in range(lanes[0], lanes[1]):
        point, repetition = lane // repetitions, lane % repetitions
        v, w, g_e, g_i = v_reset, w_start, 0.0, 0.0
        wait_steps, spikes, free = 0, 0, 0
        sum_w, sum_v, sum_square = 0.0, 0.0, 0.0
        words = _philox(np.uint64(0), np.uint64(repetition), np.uint64(point), key0, key1)
        for step in range(n_skip + n_step):
            if step % 2 == 0:
                words = _philox(np.uint64(step // 2), np.uint64(repetition), np.uint64(point), key0, key1)
                word_e, word_i = words[0], words[1]
            else:
                word_e, word_i = words[2], words[3]
            jump_e = q_e * _count(table_e, point, word_e)
            jump_i = q_i * _count(table_i, point, word_i)
            mean_e = g_e * mean_decay_e + jump_e * (1.0 - mean_decay_e)
            mean_i = g_i * mean_decay_i + jump_i * (1.0 - mean_decay_i)
            g_e = g_e * decay_e + jump_e * mean_decay_e
            g_i = g_i * decay_i + jump_i * mean_decay_i
            w_next = w * keep_w + a * (v - e_l) * (1.0 - keep_w)
            if wait_steps > 0:
                wait_steps -= 1
            else:
                total = g_l + mean_e + mean_i
                drive = g_l * e_l + mean_e * e_e + mean_i * e_i - w / c_m
                if delta > 0.0:
                    drive += g_l * delta * np.exp((v - v_th) / delta)
                v_inf = drive / total
                v = v_inf + (v - v_inf) * np.exp(-dt * total)
                if v >= v_peak:
                    v = v_reset
                    w_next += b
                    wait_steps = int(refractory)
                    if step >= n_skip:
                        spikes += 1
                elif step >= n_skip:
                    free += 1
                    sum_v += v - e_l
                    sum_square += (v - e_l) ** 2
            w = w_next
            if step >= n_skip:
                sum_w += w
        free = max(free, 1)
        mean = sum_v / free
        out[0, lane] = spikes
        out[1, lane] = sum_w / n_step
        out[2, lane] = e_l + mean
        out[3, lane] = np.sqrt(max(sum_square / free - mean * mean, 0.0))
