"""Every scheme that there is. A new one is a file beside this, and a line here."""

from __future__ import annotations

from .euler import EULER
from .heun import HEUN
from .rk4 import RK4
from .step import Scheme

SCHEMES: dict[str, Scheme] = {scheme.name: scheme for scheme in (EULER, HEUN, RK4)}
