"""Load a model file of either dialect."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from .build_model import build_model
from .diagnostics import Diagnostic
from .dialect0 import translate
from .dialect0_lems import is_lems
from .model import Model
from .tree import read_tree
from .writer import write_tree


def load_model(path: str | Path, text: str | bytes | None = None) -> Model:
    """Read, check and build a model; warnings are on the model.

    Parameters
    ----------
    path : str or Path
        The XML file, in the model language or as RateML writes it.
    text : str or bytes, optional
        The content, if it does not come from a file. `path` is then its name; files that the model names are
        looked for in the folder of `path`.

    Raises
    ------
    ModelError
        With every error in the file.
    """
    root = read_tree(path, text)
    warnings: tuple[Diagnostic, ...] = ()
    if is_lems(root):
        root, warnings = translate(root)
    return replace(build_model(root, warnings, Path(path).parent), path=str(path), xml=write_tree(root))
