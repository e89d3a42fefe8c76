"""Montbrio with rateloom, through its public interface."""

import numpy as np
from job import measure, read_job

import rateloom


def main() -> None:
    job, _ = read_job()
    brain = rateloom.Connectome(job.weights, job.tract_lengths)
    kernel_seconds: list[float] = []

    def run() -> np.ndarray:
        result = rateloom.sweep(
            job.model,
            {"G": job.global_coupling},
            connectome=brain,
            parameters=job.parameters,
            initial=job.initial,
            duration=job.steps * job.dt,
            dt=job.dt,
            integrator="heun",
            speed=job.speed,
            monitor="tavg",
            period=job.period,
            noise=False,
            dtype="float32",
            threads=job.threads,
        )
        kernel_seconds[:] = (
            [float(result.attrs["kernel_seconds"])] if "kernel_seconds" in result.attrs else []
        )
        return result["r"].transpose("G", "time", "node").to_numpy()

    measure(job, rateloom.__version__, run, kernel_seconds=kernel_seconds)


if __name__ == "__main__":
    main()
