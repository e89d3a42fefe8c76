"""Models and connectomes by name or path."""

from __future__ import annotations

import difflib
import functools
import importlib.resources
import importlib.util
import os
from os import PathLike
from pathlib import Path

from rateloom.drivers.connectome.connectome import Connectome
from rateloom.drivers.connectome.connectome_sources import load_connectome
from rateloom.drivers.connectome.normalization import normalization_of
from rateloom.drivers.model.model_text import ModelText
from rateloom.drivers.support.errors import InputError, path_of, shown
from rateloom.drivers.support.notices import issue, pass_on
from rateloom.drivers.support.regular_files import text_of
from rateloom.dsl.diagnostics import ModelWarning
from rateloom.dsl.load import load_model
from rateloom.dsl.model import Model


def shipped_models() -> dict[str, Path]:
    """Name and file of every model that comes with rateloom, sorted by name."""
    return {path.stem: path for path in sorted(_folder().glob("*.xml"))}


def _folder() -> Path:
    return Path(str(importlib.resources.files("rateloom.models")))


def load(source: Model | str | PathLike[str]) -> Model:
    """Load a model.

    Parameters
    ----------
    source : Model, str or path
        The name of a shipped model, or the path of an XML file (dialect 1, or one of RateML's); a `Model` is
        returned as it is.

    Returns
    -------
    Model
        Checked and immutable. Each of its warnings is also issued as a `ModelWarning`.

    Raises
    ------
    ModelError
        With every error that the file has, one line each.
    InputError
        If there is no such model or file.
    """
    if isinstance(source, Model):
        return source
    if not isinstance(source, str | PathLike):
        raise InputError(
            f"model {shown(source)}: give the name of a shipped model, the path of an XML file, or a Model"
        )
    path = model_file(source)
    shipped = path.parent == _folder()
    model = _shipped(path, path.stat().st_mtime_ns) if shipped else load_model(path)
    pass_on(issue, (ModelWarning(str(warning)) for warning in model.warnings))
    return model


@functools.cache
def _shipped(path: Path, written: int) -> Model:
    """Read a file that names no others; `written`, when it was written last, tells its versions apart."""
    return load_model(path)


def model_file(source: str | PathLike[str]) -> Path:
    """Path of the XML file of a model, by its shipped name or its path.

    Raises
    ------
    InputError
        If there is no such model or file.
    """
    text = str(path_of("model", source)) if source else ""
    shipped = shipped_models()
    if text in shipped:
        return shipped[text]
    path = Path(text)
    if os.path.isfile(path):  # noqa: PTH113 - Path.is_file raises for a name that is too long
        return path
    if text and os.path.isdir(path):  # noqa: PTH112
        raise InputError(f"{text} is a folder; give the XML file in it")
    if path.suffix or len(path.parts) > 1:
        raise InputError(f"no such model file: {text[:200]}")
    close = difflib.get_close_matches(text, shipped, n=1)
    hint = f"did you mean {close[0]!r}? " if close else ""
    raise InputError(
        f"no model named {shown(text)}; {hint}Shipped models: {', '.join(shipped)}. "
        "A model of your own is given by the path of its XML file"
    )


def connectome(
    source: Connectome | str | PathLike[str],
    normalize: str | None = None,
    lengths: str | None = None,
) -> Connectome:
    """Load a connectome.

    Parameters
    ----------
    source : Connectome, str or path
        ``tvb66``, ``tvb68``, ``tvb76``, ``tvb96`` or ``tvb192`` (human connectomes of the extra ``data``),
        ``synthetic:N`` (seeded, N nodes), the path of a TVB zip, a folder, an ``.npz`` or a ``.mat``
        file, or ``WEIGHTS,LENGTHS``, two places ``FILE[:VARIABLE]`` of arrays.
    normalize : {"max", "none", "row", "column"}, optional
        Divide the weights by the largest one, not at all, by the sum of each row (what comes into a node) or
        of each column (what leaves it). The default is ``"max"`` for a name or a path, and ``"none"`` for a
        `Connectome`, which is used as it is.
    lengths : {"mm", "cm", "m", "centres", "none"}, optional
        The unit of tract lengths, mm by default; or distances of the regions' centres; or no lengths, which
        means no delays.

    Returns
    -------
    Connectome
        ``weights[i, j]`` into node i from node j, and ``tract_lengths`` in mm, both of shape (node, node).

    Raises
    ------
    InputError
        If it cannot be found or used; the message says why.
    """
    return load_connectome(source, normalize, lengths, issue)


def given_connectome(
    source: Connectome | str | PathLike[str], normalize: str | None
) -> tuple[Connectome, str]:
    """Load a connectome as it was given, and say how its weights are to be normalized.

    Raises
    ------
    InputError
        If it cannot be found or used; the message says why.
    """
    return load_connectome(source, "none", warn=issue), normalization_of(source, normalize)


def default_connectome() -> str:
    """Name of the connectome taken when none is given: TVB's with 76 nodes.

    Raises
    ------
    InputError
        If the package that holds it is not installed.
    """
    if importlib.util.find_spec("tvb_data") is None:
        raise InputError(
            "no connectome given, and the default, tvb76, is not installed: "
            'run pip install "rateloom[data]", or take a made-up one with --connectome synthetic:76'
        )
    return "tvb76"


def model_text(model: Model) -> ModelText:
    """The XML that a model was read from.

    Raises
    ------
    InputError
        If the file is not there any more, or says something else by now.
    """
    path = Path(model.path)
    try:
        text = text_of(path)
    except (OSError, ValueError) as problem:
        raise InputError(f"model {model.name}: its file {path} cannot be read ({problem})") from None
    if load_model(path, text).hash != model.hash:
        raise InputError(f"{path}: the file was changed after the model was loaded; load it again")
    return ModelText(os.path.abspath(path), text)  # noqa: PTH100 - links are kept
