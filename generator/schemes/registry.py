"""Every scheme that there is. A new one is a file beside this, and a line here."""

from __future__ import annotations

from .euler import EULER
from .heun import HEUN
from .heun_renewed import HEUN_RENEWED
from .rk4 import RK4
from .step import Scheme

SCHEMES: dict[str, Scheme] = {scheme.name: scheme for scheme in (EULER, HEUN, RK4, HEUN_RENEWED)}


def schemes_of(name: str) -> tuple[Scheme, ...]:
    """Return the schemes that are printed together with one.

    A scheme that renews the coupling has a kernel of its own; all others share theirs.
    """
    if SCHEMES[name].renews_coupling:
        return (SCHEMES[name],)
    return tuple(scheme for scheme in SCHEMES.values() if not scheme.renews_coupling)
