"""Montbrio with tvbk: C++ kernels for batches of eight simulations, a thread for each batch of a call.

Its averages cover one call, so a call a window. As many batches as there are cores are simulated to their end
before the next start, which is faster than all batches together.
"""

from importlib.metadata import version

import numpy as np
import tvbk
from job import Job, measure, read_jobs

LANES = 8


def connect(job: Job) -> tuple[tvbk.Conn, int]:
    """Sparse weights with delays, and the length of the ring that they need.

    tvbk reads state n − delay + 1 before step n, so its delays are ours plus one; the second stage reads one
    step later still, which needs at least two: delays of no step become one step.
    """
    target, source = np.nonzero(job.weights)
    delays = np.maximum(job.delay_steps[target, source] + 1, 2)
    connections = tvbk.Conn(job.n_node, len(target))
    connections.weights[:] = job.weights[target, source]
    connections.indices[:] = source
    connections.indptr[:] = np.searchsorted(target, np.arange(job.n_node + 1))
    connections.idelays[:] = delays
    return connections, 1 << int(delays.max() + 1).bit_length()


def simulate(job: Job, connections: tvbk.Conn, ring: int, coupling: np.ndarray, window: int) -> np.ndarray:
    """Averages of the firing rate, (work item, sample, node), for a coupling of shape (batch, lane)."""
    n_batch = len(coupling)
    parameters = np.zeros((n_batch, 1, 6, LANES), np.float32)
    for index, name in enumerate(("tau", "I", "Delta", "J", "eta")):
        parameters[:, :, index] = job.parameters[name]
    parameters[:, 0, 5] = coupling
    state = np.zeros((n_batch, 2, job.n_node, LANES), np.float32)
    state[:, 0], state[:, 1] = job.initial["r"], job.initial["V"]
    average, no_noise = np.zeros_like(state), np.zeros((n_batch, 2, LANES), np.float32)
    history = tvbk.Cx8s(job.n_node, ring, n_batch)
    history.buf[:] = job.initial["r"]
    seed = np.random.default_rng(0).integers(0, 2**63, (n_batch, LANES, 4)).astype(np.uint64)
    rate = np.empty((n_batch, LANES, job.steps // window, job.n_node), np.float32)
    for sample in range(job.steps // window):
        start = sample * window
        tvbk.step_mpr(history, connections, state, average, no_noise, parameters, start, window, job.dt, seed)
        rate[:, :, sample] = average[:, 0].transpose(0, 2, 1)
    return rate.reshape(n_batch * LANES, -1, job.n_node)


def main() -> None:
    jobs, settings = read_jobs()
    for job in jobs:
        measure_job(job, settings["one_average"])


def measure_job(job: Job, one_average: bool) -> None:
    connections, ring = connect(job)
    n_batch = -(-job.work_items // LANES)
    coupling = np.resize(job.global_coupling, n_batch * LANES).reshape(n_batch, LANES)
    window = job.steps if one_average else job.window

    def run() -> np.ndarray:
        together = [coupling[first : first + job.threads] for first in range(0, n_batch, job.threads)]
        rate = np.concatenate([simulate(job, connections, ring, lanes, window) for lanes in together])
        # One average stands for every sample of the run.
        samples = (len(rate), job.steps // job.window, job.n_node)
        return np.broadcast_to(rate, samples)[: job.work_items]

    measure(job, version("tvbk"), run)


if __name__ == "__main__":
    main()
