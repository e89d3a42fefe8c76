"""Jobs of the models: the same connectome, parameters and initial state for every tool."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

SPEED, DT, PERIOD = 3.0, 0.1, 1.0


@dataclass(frozen=True)
class Setup:
    """A model's job.

    Attributes
    ----------
    parameters, initial : mapping of str to float
        By rateloom's names; every state has its initial value, the same in all nodes.
    coupling : (float, float)
        Range of the swept global coupling G.
    output : str
        The exposure whose averages the tools hand back.
    connectome, normalize, integrator : str
        See `rateloom.simulate`.
    """

    parameters: Mapping[str, float]
    initial: Mapping[str, float]
    coupling: tuple[float, float]
    output: str
    connectome: str = "tvb76"
    normalize: str = "max"
    integrator: str = "heun"


# a drive without which the networks of spiking neurons fall silent, kHz
_DRIVE = {"b_e": 60.0, "external_input_ex_ex": 0.000315, "external_input_in_ex": 0.000315}
_RATES = {"E": 0.01, "I": 0.02, "W_e": 20.0, "W_i": 0.0, "ou_drift": 0.0}
_COVARIANCES = {"C_ee": 1e-6, "C_ei": 0.0, "C_ii": 1e-6}

SETUPS: dict[str, Setup] = {
    "montbrio": Setup(
        {"tau": 1.0, "I": 0.0, "Delta": 0.7, "J": 14.5, "eta": -4.6},
        {"r": 0.1, "V": -2.0},
        (0.01, 0.4),
        "r",
    ),
    "kuramoto": Setup({"omega": 0.0628}, {"theta": 0.5}, (0.001, 0.05), "theta"),
    "wilson_cowan": Setup({"P": 0.6, "Q": 0.1}, {"E": 0.2, "I": 0.1}, (0.005, 0.1), "E"),
    "jansen_rit": Setup(
        {"mu": 0.15},
        {"y0": 0.1, "y1": 10.0, "y2": 5.0, "y3": 0.0, "y4": 0.0, "y5": 0.0},
        (0.1, 5.0),
        "y1",
    ),
    "reduced_wong_wang_exc_inh": Setup(
        {"lamda": 0.5, "I_ext": 0.02}, {"S_e": 0.1, "S_i": 0.1}, (0.1, 2.0), "S_e"
    ),
    "epileptor": Setup(
        {"Kvf": 0.5, "Kf": 0.3, "Ks": -0.8},
        {"x1": -1.6, "y1": -10.0, "z": 3.0, "x2": -0.5, "y2": 0.1, "g": -0.1},
        (0.01, 0.1),
        "lfp",
    ),
    "zerlaut_first_order": Setup(_DRIVE, _RATES, (0.1, 0.5), "E", "tvb68", "row", "euler"),
    "zerlaut_second_order": Setup(_DRIVE, _RATES | _COVARIANCES, (0.1, 0.5), "E", "tvb68", "row", "euler"),
}  # fmt: skip
