"""A single neuron: the parameters of an adaptive exponential integrate-and-fire cell, read from a TOML file.

With conductances G_e and G_i, a potential V and an adaptation current w, the equations are

    C_m dV/dt = g_L (E_L - V) + g_L delta exp((V - V_th) / delta) + G_e (E_e - V) + G_i (E_i - V) - w
    tau_w dw/dt = a (V - E_L) - w
    tau_e dG_e/dt = -G_e,  G_e += Q_e at each of the Poisson events of rate K_e nu_e (and i likewise)

(Brette and Gerstner 2005, doi 10.1152/jn.00686.2005). When V reaches V_peak, the cell spikes: V is held at
V_reset for t_ref, and w += b.
"""

from __future__ import annotations

import difflib
import math
import tomllib
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from rateloom.drivers.support.errors import InputError
from rateloom.drivers.support.regular_files import text_of

_LARGEST = 1e9  # far above any cell's values in the units below, and no product of two overflows


def _number(unit: str, meaning: str, above: float | None = None, at_least: float | None = None) -> Any:
    return field(metadata={"unit": unit, "meaning": meaning, "above": above, "at_least": at_least})


@dataclass(frozen=True)
class Neuron:
    """A cell and its synapses; every quantity is a number in its unit.

    Raises
    ------
    InputError
        If a value is not finite, or not possible for a cell.
    """

    g_L: float = _number("nS", "leak conductance", above=0)  # noqa: N815
    C_m: float = _number("pF", "membrane capacitance", above=0)
    E_L: float = _number("mV", "leak reversal potential")
    V_th: float = _number("mV", "where the exponential current begins")
    delta: float = _number("mV", "slope of the exponential current; 0 for none", at_least=0)
    V_peak: float = _number("mV", "potential that is a spike")
    V_reset: float = _number("mV", "potential after a spike")
    t_ref: float = _number("ms", "refractory time", at_least=0)
    a: float = _number("nS", "adaptation by the potential")
    b: float = _number("pA", "adaptation added by a spike", at_least=0)
    tau_w: float = _number("ms", "time constant of adaptation", above=0)
    E_e: float = _number("mV", "excitatory reversal potential")
    E_i: float = _number("mV", "inhibitory reversal potential")
    Q_e: float = _number("nS", "excitatory quantal conductance", at_least=0)
    Q_i: float = _number("nS", "inhibitory quantal conductance", at_least=0)
    tau_e: float = _number("ms", "excitatory synaptic decay time", above=0)
    tau_i: float = _number("ms", "inhibitory synaptic decay time", above=0)
    K_e: float = _number("", "number of excitatory synapses", at_least=0)
    K_i: float = _number("", "number of inhibitory synapses", at_least=0)
    name: str = "neuron"

    def __post_init__(self) -> None:
        for f in _QUANTITIES:
            object.__setattr__(self, f.name, _checked(f.name, getattr(self, f.name), f.metadata))
        if not isinstance(self.name, str):
            raise InputError(f"name = {self.name!r}: it must be a text")
        if not self.V_reset < self.V_peak:
            raise InputError(
                f"V_reset = {self.V_reset:g} mV must be below V_peak = {self.V_peak:g} mV: "
                "else every spike would be followed by another at once"
            )
        if self.delta and (self.V_peak - self.V_th) / self.delta > 100:
            raise InputError(
                f"V_peak = {self.V_peak:g} mV is more than 100 delta above V_th = {self.V_th:g} mV, "
                "where the exponential current is beyond all measure; lower V_peak, or set delta = 0"
            )


_QUANTITIES = tuple(f for f in fields(Neuron) if f.name != "name")
_TEXTS = ("name", "description", "reference")


def load_neuron(path: str | Path) -> Neuron:
    """Read a neuron from a TOML file of ``name = number`` lines, one for each quantity of `Neuron`.

    The texts ``name``, ``description`` and ``reference`` are optional; the default name is the file's stem.

    Raises
    ------
    InputError
        If there is no such file, it is not TOML, or keys are missing, unknown or have wrong values.
    """
    source = Path(path)
    if source.is_dir():
        raise InputError(f"{source} is a folder; give the TOML file of a neuron")
    try:
        text = text_of(source)
    except FileNotFoundError:
        raise InputError(f"no such neuron file: {source}") from None
    except OSError as error:
        raise InputError(f"neuron file {source}: cannot be read ({error.strerror})") from None
    except ValueError:
        raise InputError(f"neuron file {source}: not a text file in UTF-8") from None
    try:
        entries = tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        raise InputError(f"neuron file {source}: not TOML: {error}") from None
    try:
        return neuron_of({"name": source.stem} | entries)
    except InputError as error:
        raise InputError(f"neuron file {source}: {error}") from None


def neuron_of(entries: dict[str, Any]) -> Neuron:
    """Make a neuron of named values.

    Raises
    ------
    InputError
        If a name is missing or unknown; the message suggests a similar one.
    """
    required = [f.name for f in _QUANTITIES]
    missing = [name for name in required if name not in entries]
    unknown = [name for name in entries if name not in required and name not in _TEXTS]
    if unknown:
        raise InputError(f"unknown key '{unknown[0]}'{_did_you_mean(unknown[0], missing or required)}")
    if missing:
        meta = next(f.metadata for f in _QUANTITIES if f.name == missing[0])
        unit = f", {meta['unit']}" if meta["unit"] else ""
        raise InputError(f"'{missing[0]}' is missing ({meta['meaning']}{unit}); add {missing[0]} = …")
    for name in ("description", "reference"):
        if not isinstance(entries.get(name, ""), str):
            raise InputError(f"{name} = {entries[name]!r}: it must be a text")
    return Neuron(**{name: entries[name] for name in (*required, "name") if name in entries})


def _checked(name: str, value: object, meta: Any) -> float:
    unit = f" {meta['unit']}" if meta["unit"] else ""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise InputError(f"{name} = {value!r}: it must be a number{' of' + unit if unit else ''}")
    if not math.isfinite(value) or abs(value) > _LARGEST:
        raise InputError(f"{name} = {value:g}{unit}: it must be finite and at most {_LARGEST:g}")
    if meta["above"] is not None and not value > meta["above"]:
        raise InputError(f"{name} = {value:g}{unit}: it must be above {meta['above']:g} ({meta['meaning']})")
    if meta["at_least"] is not None and not value >= meta["at_least"]:
        raise InputError(
            f"{name} = {value:g}{unit}: it must not be below {meta['at_least']:g} ({meta['meaning']})"
        )
    return float(value)


def _did_you_mean(name: str, candidates: list[str]) -> str:
    same = [c for c in candidates if c.lower() == name[:64].lower()]
    close = same or difflib.get_close_matches(name[:64], candidates, n=1, cutoff=0.5)
    return f"; did you mean '{close[0]}'?" if close else f"; known are {', '.join(candidates)}"
