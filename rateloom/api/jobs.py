"""Jobs: sweeps that keep measures, new or read from a directory."""

from __future__ import annotations

from rateloom.api.measuring import request_of
from rateloom.api.resimulation import study_of
from rateloom.api.saved_models import code_files, model_of_study
from rateloom.api.setup import Run
from rateloom.drivers.measures.origin import measures_from
from rateloom.drivers.model.model_text import ModelText
from rateloom.drivers.observation.bold.bold_measures import BoldSource
from rateloom.drivers.observation.keep import Keep
from rateloom.drivers.observation.measure_request import MeasureRequest
from rateloom.drivers.observation.recipe import recipe_of
from rateloom.drivers.planning.settings import Settings
from rateloom.drivers.planning.study import Study
from rateloom.drivers.studies.job import Job
from rateloom.drivers.studies.plan_record import SavedStudy


def saved_job(saved: SavedStudy, settings: Settings, run: Run) -> Job:
    """Return the job of a saved study, with settings that change no result.

    The files of a user's own measures, and the code that its model names, are run, and announced first.
    """
    if run.announce is not None:
        for line in _programs(saved):
            run.announce(line)
    keep = Keep(
        "measures", saved.measures, measures_from(saved.custom), saved.matrices, saved.convention,
        saved.measure_settings, saved.targets,
    )  # fmt: skip
    request = request_of(saved.connectome, keep, subjects=saved.subjects)
    study, bold = study_of(saved, settings)
    return job_of(study, saved.model, run, request, bold)


def _programs(saved: SavedStudy) -> list[str]:
    """Say which files a study runs, and what for."""
    uses = [(str(origin["file"]), f"measure {name}") for name, origin in saved.custom.items()]
    uses += code_files(saved.model, model_of_study(saved))
    return [f"runs {file}: {use}" for file, use in uses]


def job_of(
    study: Study, model: ModelText, run: Run, request: MeasureRequest, bold: BoldSource | None = None
) -> Job:
    """Return the job of a study and its measures."""
    exposures = [(e.name, e.unit, e.description) for e in study.code.model.exposures]
    connectome = request.connectome
    assert connectome is not None
    recipe = recipe_of(
        exposures,
        connectome.labels,
        connectome.n_node,
        study.samples,
        study.settings.dtype,
        request,
        bold,
        study.code.model.angles,
    )
    return Job(study, recipe, model, connectome, run.memory, run.progress, run.announce, warn=run.warn)
