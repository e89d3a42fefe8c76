"""neurolib's Wilson-Cowan model, one simulation after another: a variant of the model, by its own Euler."""

from importlib.metadata import version

import numpy as np
from job import Job, measure, read_jobs
from neurolib.models.wc.loadDefaultParams import loadDefaultParams
from neurolib.models.wc.timeIntegration import timeIntegration


def main() -> None:
    jobs, _ = read_jobs()
    for job in jobs:
        measure_job(job)


def measure_job(job: Job) -> None:
    def simulate(strength: float) -> np.ndarray:
        parameters = loadDefaultParams(Cmat=job.weights, Dmat=job.tract_lengths, seed=0)
        parameters.update(
            dt=job.dt, duration=job.steps * job.dt, signalV=job.speed, K_gl=strength, sigma_ou=0.0
        )
        _, excitatory, *_ = timeIntegration(parameters)
        return excitatory[:, -job.steps :].reshape(job.n_node, -1, job.window).mean(2).T

    def run() -> np.ndarray:
        return np.stack([simulate(strength) for strength in job.global_coupling])

    measure(job, version("neurolib"), run)


if __name__ == "__main__":
    main()
