"""Every scheme that there is. A new one is a file beside this, and a line here."""

from __future__ import annotations

from .euler import EULER
from .heun import HEUN
from .heun_renewed import HEUN_RENEWED
from .rk4 import RK4
from .step import Scheme

SCHEMES: dict[str, Scheme] = {scheme.name: scheme for scheme in (EULER, HEUN, RK4, HEUN_RENEWED)}


def schemes_of(renewed: str | None) -> tuple[Scheme, ...]:
    """Return the schemes that one kernel has: one that renews the coupling is alone, all others are together.

    Parameters
    ----------
    renewed : str, optional
        Name of a scheme that renews the coupling.
    """
    if renewed is not None:
        return (SCHEMES[renewed],)
    return tuple(scheme for scheme in SCHEMES.values() if not scheme.renews_coupling)


def own_kernel(name: str) -> str | None:
    """Return the name of a scheme again if a kernel of its own makes its steps."""
    return name if name in SCHEMES and SCHEMES[name].renews_coupling else None
