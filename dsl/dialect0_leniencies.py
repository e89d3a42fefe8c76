"""The leniencies that RateML's files need and the model language does not have: a warning for each use."""

from __future__ import annotations

from .diagnostics import Diagnostic, Location
from .identifiers import short

LENIENCIES: dict[str, str] = {
    "W301": "constant '{name}' is defined again with the same value; the second definition is dropped",
    "W302": "the range '{range}' of '{name}' is reversed; read as '{read}'",
    "W303": "the initial range '{range}' of '{name}' leaves its bounds; read as '{read}'",
    "W304": "'{name}' names its state variable by index {index}; read as '{state}' of the source node",
    "W305": "the factor '{value}' of coupling '{name}' holds the state variable '{state}'; read as the target"
    " node's own, now",
    "W306": "the condition '{condition}' compares nothing; read as '{read}'",
    "W307": "the swept speed '{name}' starts at {low}; a run needs a speed above 0 (inf for no delays)",
    "W308": "the swept parameter '{name}' has a range and no default; its default is the lower end, {value}",
    "W309": "the conduction speed is a setting of each run, not a part of the model; {names} dropped:"
    " run with speed={speed} (mm/ms) for what the file says",
    "W310": "'nsig' holds no sqrt(dt); read as sigma in dX = f dt + sigma dW, noise that does not depend on"
    " dt (RateML adds nsig * N(0, 1) each step, whatever dt is: the same only for dt = 1 ms)",
    "W311": "noise without 'nsig'; sigma is 1, as in RateML",
    "W312": "the coupling component of '{name}' has no 'pre'; read as the derived variable {name} = {value}"
    " (RateML computes 0 here)",
    "W313": "the coupling's constant '{name}' is also a constant of the model, with another value;"
    " the coupling's is renamed '{read}'",
    "W314": "the last case of '{name}' is the otherwise case, as in RateML; its condition '{condition}' is"
    " not looked at",
    "W315": "no 'rec_speed_dt': coupling '{name}' reads its sources without delays, as in RateML",
    "W316": "'{name}' is used by nothing and is dropped{why}",
    "W317": "the exposure '{name}' is read as {read}",
    "W318": "'nsig' depends on dt otherwise than by a factor sqrt(dt); sigma is nsig / sqrt(dt), which is"
    " RateML's noise at every dt",
    "W319": "the included file '{file}' is not opened; all of a model is in one file",
}


def assumption(code: str, where: Location, **facts: object) -> Diagnostic:
    """Return the warning that a leniency was used at a place, with the assumptions made."""
    return Diagnostic(where, code, LENIENCIES[code].format(**{k: short(str(v)) for k, v in facts.items()}))
