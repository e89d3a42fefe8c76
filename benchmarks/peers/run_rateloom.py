"""rateloom, through its public interface."""

import numpy as np
from job import Job, measure, read_jobs

import rateloom


def main() -> None:
    jobs, settings = read_jobs()
    for job in jobs:
        measure_job(job, settings["calibrate"], settings.get("backend", "numba"))


def measure_job(job: Job, calibrate: bool, backend: str) -> None:
    """Measure a job, and say which variant of the kernel ran."""
    variant: dict[str, int] = {}

    def run() -> np.ndarray:
        result = rateloom.sweep(
            job.model,
            {"G": job.global_coupling},
            connectome=rateloom.Connectome(job.weights, job.tract_lengths),
            normalize="none",
            parameters=job.parameters,
            initial=job.initial,
            duration=job.steps * job.dt,
            dt=job.dt,
            integrator=job.integrator,
            speed=job.speed,
            monitor="tavg",
            period=job.period,
            noise=job.noise,
            dtype="float32",
            threads=job.threads,
            calibrate=calibrate or None,
            backend=backend,
        )
        variant.update(lanes=int(result.attrs["lanes"]), block=int(result.attrs["block"]))
        return result[job.output].transpose("G", "time", "node").to_numpy()

    measure(job, rateloom.__version__, run, variant=variant)


if __name__ == "__main__":
    main()
