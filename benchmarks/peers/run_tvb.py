"""The Virtual Brain, one simulation after another, each step in NumPy.

Only the steps are timed: simulators are configured once, and go on from where they are.
"""

import logging
import warnings
from importlib.metadata import version

import numpy as np
from job import Job, measure, read_jobs

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # TVB warns about packages that only surfaces need
    from tvb.datatypes.connectivity import Connectivity
    from tvb.simulator import coupling, integrators, models, monitors
    from tvb.simulator.simulator import Simulator

# model and coupling by rateloom's name of the model
KINDS = {
    "montbrio": ("MontbrioPazoRoxin", "Linear"),
    "kuramoto": ("Kuramoto", "Kuramoto"),
    "wilson_cowan": ("WilsonCowan", "Linear"),
    "jansen_rit": ("JansenRit", "SigmoidalJansenRit"),
    "reduced_wong_wang_exc_inh": ("ReducedWongWangExcInh", "Linear"),
    "epileptor": ("Epileptor", "Difference"),
    "zerlaut_first_order": ("ZerlautAdaptationFirstOrder", "Linear"),
    "zerlaut_second_order": ("ZerlautAdaptationSecondOrder", "Linear"),
}
INTEGRATORS = {"heun": integrators.HeunDeterministic, "euler": integrators.EulerDeterministic}
OUTPUTS = {"lfp": "x2 - x1"}


def configured(job: Job, strength: float) -> Simulator:
    model_name, coupling_name = KINDS[job.model]
    kind = getattr(models, model_name)
    values = {name: np.array([value]) for name, value in job.parameters.items()}
    # this model has a global coupling of its own
    own = hasattr(kind, "G")
    model = kind(**values, **({"G": np.array([strength])} if own else {}))
    model.variables_of_interest = (OUTPUTS.get(job.output, job.output),)
    scale = {"a": np.array([1.0 if own else strength])}
    if coupling_name == "Linear":
        scale["b"] = np.array([0.0])
    # Averages are cut by a clock that starts after the history, which therefore fills whole windows.
    horizon = int(job.delay_steps.max()) + 1
    n_history = -(-horizon // job.window) * job.window + 1
    states = np.array([job.initial[name] for name in model.state_variables])
    simulator = Simulator(
        model=model,
        connectivity=Connectivity(
            weights=job.weights,
            tract_lengths=job.tract_lengths,
            speed=np.array([job.speed]),
            region_labels=np.arange(job.n_node).astype(str),
            centres=np.zeros((job.n_node, 3)),
        ),
        coupling=getattr(coupling, coupling_name)(**scale),
        integrator=INTEGRATORS[job.integrator](dt=job.dt),
        monitors=(monitors.TemporalAverage(period=job.period),),
        initial_conditions=np.tile(states[None, :, None, None], (n_history, 1, job.n_node, 1)),
    )
    simulator.configure()
    return simulator


def measure_job(job: Job) -> None:
    simulators = [configured(job, strength) for strength in job.global_coupling]

    def run() -> np.ndarray:
        series = [[out[0][1][0, :, 0] for out in one(n_steps=job.steps) if out[0]] for one in simulators]
        return np.array(series)

    measure(job, version("tvb-library"), run)


def main() -> None:
    logging.disable(logging.CRITICAL)
    jobs, _ = read_jobs()
    for job in jobs:
        measure_job(job)


if __name__ == "__main__":
    main()
