"""Heun's scheme with the coupling of the next step in its second stage.

The coupling is that of the states at the time of each stage: the history where a delay is a step or longer,
predicted states where there is none. The scheme is of second order with delays and without.
"""

from __future__ import annotations

from dataclasses import replace

from .heun import HEUN

HEUN_RENEWED = replace(
    HEUN,
    name="heun_renewed",
    description="y = x + dt f(x, c) + noise, x' = x + dt/2 (f(x, c) + f(y, c')) + noise; c' is c one step on",
    renews_coupling=True,
)
