"""Montbrio with The Virtual Brain's Numba backend, one simulation after another.

The backend compiles anew for every simulation. Compile time is left out here: its kernel is built once, and
the swept coupling goes in through the weights, which are one of the kernel's arguments.
"""

from importlib.metadata import version

import numpy as np
from job import Job, measure, read_jobs
from tvb.simulator.backend.nb_mpr import NbMPRBackend
from tvb.simulator.lab import connectivity, coupling, integrators, models, monitors, noise, simulator


def configured(job: Job) -> simulator.Simulator:
    values = {name: np.array([value]) for name, value in job.parameters.items()}
    brain = connectivity.Connectivity(
        weights=job.weights,
        tract_lengths=job.tract_lengths,
        speed=np.array([job.speed]),
        region_labels=np.arange(job.n_node).astype(str),
        centres=np.zeros((job.n_node, 3)),
    )
    no_noise = noise.Additive(nsig=np.array([0.0, 0.0]))
    return simulator.Simulator(
        model=models.MontbrioPazoRoxin(**values),
        connectivity=brain,
        coupling=coupling.Linear(a=np.array([1.0])),
        integrator=integrators.HeunStochastic(dt=job.dt, noise=no_noise),
        monitors=[monitors.TemporalAverage(period=job.period)],
    ).configure()


def main() -> None:
    jobs, _ = read_jobs()
    for job in jobs:
        measure_job(job)


def measure_job(job: Job) -> None:
    tvb = configured(job)
    horizon = tvb.connectivity.horizon
    template = '<%include file="nb-montbrio.py.mako"/>'
    content = {"sim": tvb, "compatibility_mode": True}
    integrate = NbMPRBackend().build_py_func(template, content, name="integrate")
    regional = tvb.model.spatial_parameter_matrix.T.astype(np.float32)

    def simulate(strength: float) -> np.ndarray:
        # The kernel adds its noise in place: what is ahead of the history holds the noise, here none.
        series = [np.zeros((job.n_node, horizon + job.steps), np.float32) for _ in "rV"]
        for values, name in zip(series, "rV", strict=True):
            values[:, :horizon] = job.initial[name]
        weights = (strength * job.weights).astype(np.float32)
        rate, _ = integrate(
            job.n_node, job.dt, job.steps, horizon, *series, weights, tvb.connectivity.idelays, regional, None
        )
        return rate[:, horizon:].reshape(job.n_node, -1, job.window).mean(2).T

    def run() -> np.ndarray:
        return np.stack([simulate(strength) for strength in job.global_coupling])

    measure(job, version("tvb-library"), run)


if __name__ == "__main__":
    main()
