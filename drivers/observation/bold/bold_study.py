"""Studies whose samples feed a haemodynamic model."""

from __future__ import annotations

from dataclasses import replace

from rateloom.drivers.model.artifact import ModelCode
from rateloom.drivers.observation.series import Series
from rateloom.drivers.planning.kept_state import HAEMODYNAMICS, check_sizes
from rateloom.drivers.planning.sample_times import sample_times
from rateloom.drivers.planning.study import Study
from rateloom.drivers.tables.labelled import mapped_by_region

from .bold_settings import BoldSettings, bold_timing, fed_from
from .haemodynamics import Haemodynamics, haemodynamics_of
from .kept_volumes import bold_attributes, bold_reduction


def fed_study(
    study: Study, settings: BoldSettings, code: ModelCode, least: int = 1
) -> tuple[Study, Haemodynamics, BoldSettings]:
    """Return a study that feeds a haemodynamic model, that model, and the complete settings.

    The study's monitor averages over steps of the haemodynamic model.

    Parameters
    ----------
    code : ModelCode
        The haemodynamic model, in the language that the study runs in.
    least : int
        Volumes that have to be left.

    Raises
    ------
    InputError
        If anything given cannot be used.
    """
    s, samples, described_model = study.settings, study.samples, study.code.model
    fed = fed_from(settings, described_model)
    timing = bold_timing(settings, samples.step, samples.n_sample, least, samples.first_sample)
    # of whole steps at once, so that a plan that is read again gives the same number
    step = samples.window * timing.samples_step * s.dt
    timing = replace(timing, sample=step, samples_step=1)
    samples = sample_times(s, "tavg", step, samples.first_step, study.keep_state)
    brain = study.connectome
    of_nodes = mapped_by_region("parameter", settings.parameters, brain.labels, brain.n_node)
    settings = replace(settings, parameters=of_nodes)
    haemodynamics = haemodynamics_of(
        code, settings, timing, (fed, len(described_model.exposures)), brain.n_node, s.dtype
    )
    complete = replace(settings, exposure=described_model.exposures[fed].name, dt=step)
    return replace(study, samples=samples), _gone_on_with(haemodynamics, study), complete


def _gone_on_with(haemodynamics: Haemodynamics, study: Study) -> Haemodynamics:
    """The haemodynamics of a study, from the states that it goes on from."""
    if study.continued is None:
        return replace(haemodynamics, keep_state=study.keep_state)
    expected = (study.grid.n_item, haemodynamics.code.counts.state_rows, haemodynamics.n_node)
    check_sizes(study.continued, {HAEMODYNAMICS: expected})
    return replace(haemodynamics, continued=study.continued.haemodynamics, keep_state=study.keep_state)


def volumes_of(haemodynamics: Haemodynamics, settings: BoldSettings) -> Series:
    """Return the volumes that come of a study that feeds a haemodynamic model, as series that are kept."""
    return Series(
        haemodynamics.timing.times, (haemodynamics.described,), bold_reduction(haemodynamics),
        bold_attributes(haemodynamics, settings),
        reason_of_loss(haemodynamics, settings),
    )  # fmt: skip


def reason_of_loss(haemodynamics: Haemodynamics, settings: BoldSettings) -> str:
    """Say what it may be due to that a signal is not finite."""
    return (
        f"{settings.exposure} is out of the range of the model {haemodynamics.model.name}; scale it with a "
        "parameter of that (efficacy), or feed another exposure"
    )
