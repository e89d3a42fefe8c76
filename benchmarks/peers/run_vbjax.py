"""Montbrio with vbjax (JAX): its stochastic Heun over delays, a group of simulations as one array.

Its own helper for delays visits every pair of nodes; the edges alone, summed by target, are faster.
Four to eight simulations at a time are faster than one or many.
"""

import os

os.environ.setdefault("JAX_PLATFORMS", "cpu")

from importlib.metadata import version

import jax
import jax.numpy as jnp
import numpy as np
import vbjax
from job import Job, measure, read_jobs


def main() -> None:
    jobs, settings = read_jobs()
    for job in jobs:
        measure_job(job, min(job.work_items, settings["group"]))


def measure_job(job: Job, group: int) -> None:
    target, source = np.nonzero(job.weights)
    # the second stage reads one step later, what is not yet there without a delay
    lags = jnp.array(np.maximum(job.delay_steps[target, source], 1))
    weights = jnp.array(job.weights[target, source], jnp.float32)[:, None]
    target, source = jnp.array(target), jnp.array(source)
    horizon = int(job.delay_steps.max()) + 1
    theta = vbjax.mpr_default_theta._replace(**job.parameters)

    def derivative(history: jax.Array, state: jax.Array, t: int, strength: jax.Array) -> jax.Array:
        rate = history[t - lags, 0, source]
        coupled = jax.ops.segment_sum(weights * rate, target, job.n_node, indices_are_sorted=True)
        return vbjax.mpr_dfun(state, (strength * coupled, 0.0), theta)

    _, loop = vbjax.make_sdde(job.dt, horizon, derivative, 0.0)
    start = jnp.array([job.initial["r"], job.initial["V"]], jnp.float32)[:, None, None]

    @jax.jit
    def averages(strength: jax.Array) -> jax.Array:
        # what is ahead of the history holds the noise, here none
        past = jnp.broadcast_to(start, (horizon + 1, 2, job.n_node, group))
        ahead = jnp.zeros((job.steps, 2, job.n_node, group), jnp.float32)
        _, states = loop(jnp.concatenate([past, ahead]), strength)
        return states[:, 0].reshape(-1, job.window, job.n_node, group).mean(1)

    n_group = -(-job.work_items // group)
    groups = np.resize(job.global_coupling.astype(np.float32), n_group * group).reshape(n_group, group)

    def run() -> np.ndarray:
        series = [np.asarray(averages(one)).transpose(2, 0, 1) for one in groups]
        return np.concatenate(series)[: job.work_items]

    measure(job, version("vbjax"), run)


if __name__ == "__main__":
    main()
