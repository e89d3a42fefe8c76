"""What a command line asks for, checked before anything is imported that takes long."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

from .assignments import Value, parse_settings
from .connectome import check_normalize
from .description import ModelDescription, check_names
from .errors import InputError, shown
from .grid import Grid, parse_axis
from .memory import parse_memory
from .parameters import parameter_table
from .settings import Settings
from .states import initial_values
from .targets import check_places

KEEPS = ("averages", "measures", "raw")


@dataclass(frozen=True, eq=False)
class Request:
    """The options of a run or sweep, as what they mean.

    Attributes
    ----------
    memory : int or None
        In bytes.
    """

    settings: Settings
    grid: Grid
    parameters: dict[str, Value]
    initial: dict[str, Value]
    inputs: dict[str, Value]
    normalize: str
    keep: str
    memory: int | None

    @property
    def arguments(self) -> dict[str, Any]:
        """What `simulate` and `sweep` both take, by its names there."""
        return {
            **asdict(self.settings),
            "normalize": self.normalize,
            "parameters": self.parameters,
            "initial": self.initial,
            "inputs": self.inputs,
        }


def read_request(given: Mapping[str, Any]) -> Request:
    """Read the options of a run or sweep.

    Parameters
    ----------
    given : mapping
        Values of the options of `rateloom.drivers.options`, by the names of the commands' parameters.

    Raises
    ------
    InputError
        For the first one that cannot be used, whatever the model.
    """
    keep = check_keep(given.get("keep", "averages"))
    chosen = {f.name: given[f.name] for f in fields(Settings) if f.name in given}
    if keep == "raw":
        chosen["monitor"] = "raw"
    check_normalize(given["normalize"])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the run says them
        settings = Settings(**chosen)
    request = Request(
        settings=settings,
        grid=Grid(tuple(parse_axis(text) for text in given.get("axes") or ())),
        parameters=parse_settings("--set", given["settings"] or ()),
        initial=parse_settings("--initial", given["initial"] or ()),
        inputs=parse_settings("--input", given["inputs"] or ()),
        normalize=given["normalize"],
        keep=keep,
        memory=None if given.get("memory") is None else parse_memory(given["memory"]),
    )
    check_places(given["out"], given["plot"], keep == "measures")
    return request


def check_keep(keep: object) -> str:
    """Refuse a `keep` that there is not."""
    if not isinstance(keep, str) or keep not in KEEPS:
        raise InputError(f"keep={shown(keep)} is unknown; use one of {', '.join(KEEPS)}")
    return keep


def check_request(request: Request, model: ModelDescription, n_node: int) -> None:
    """Check names and shapes against a model and a connectome, as the run will again.

    Raises
    ------
    InputError
        For a name that the model does not have or a value that does not fit.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the run says them
        parameter_table(model, request.parameters, request.grid, n_node)
    initial_values(model, request.initial, n_node)
    check_names(request.inputs, (i.name for i in model.inputs), "input", model.name)
