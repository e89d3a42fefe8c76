"""Models of studies: as their plans hold them, and the files of code that they name."""

from __future__ import annotations

from pathlib import Path

from rateloom.drivers.model.model_text import ModelText
from rateloom.drivers.studies.plan_file import check_outside
from rateloom.drivers.studies.plan_record import SavedStudy
from rateloom.dsl.load import load_model
from rateloom.dsl.model import Model


def model_of_study(saved: SavedStudy) -> Model:
    """Load the model of a study, and check its files of code and those of its haemodynamic model.

    Raises
    ------
    ModelError
        If the model, or a file beside it, cannot be read any more.
    InputError
        If a file of code lies in the study itself: no program of a study is run.
    """
    model = load_model(saved.model.path, saved.model.text)
    _check_code(saved, saved.model, model)
    if saved.bold is not None:
        text = saved.bold.text
        _check_code(saved, text, load_model(text.path, text.text))
    return model


def _check_code(saved: SavedStudy, text: ModelText, model: Model) -> None:
    if saved.folder is not None:
        check_outside(saved.folder, {use: file for file, use in code_files(text, model)})


def code_files(text: ModelText, model: Model) -> list[tuple[str, str]]:
    """Return path and use of each file of code that a model names."""
    return [
        (str(Path(text.path).parent / file.name), f"function {function.name} ({file.target})")
        for function in model.functions
        if function.code
        for file in function.code.files
    ]
