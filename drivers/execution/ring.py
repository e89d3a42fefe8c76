"""The history in the kernels' ring, and in the order of time."""

from __future__ import annotations

from rateloom.drivers.connectome.wiring import slots_of

from .sink import Values


def unrolled(ring: Values, step: int, n_back: int, traversals: int, horizon: int) -> Values:
    """Return what a ring (factor, node, slot, lane) holds as (lane, factor, n_back, node), backwards in time.

    Parameters
    ----------
    step : int
        Number of steps that were done.
    n_back : int
        How many states, the last one included.
    traversals, horizon : int
        See `rateloom.drivers.connectome.wiring.slots_of`.
    """
    # the first of a state's slots: another one may still hold what was predicted of it
    slots = [slots_of(back - step, traversals, horizon)[0] for back in range(n_back)]
    return ring[:, :, slots].transpose(3, 0, 2, 1)


def roll(history: Values, ring: Values, step: int, traversals: int, horizon: int) -> None:
    """Put a history, as `unrolled` returns it, into the slots of a ring."""
    for back in range(history.shape[2]):
        for slot in slots_of(back - step, traversals, horizon):
            ring[:, :, slot] = history[:, :, back].transpose(1, 2, 0)
