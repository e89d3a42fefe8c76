"""The text of a small complete model to start from."""

from __future__ import annotations

from .diagnostics import Diagnostic, Location, ModelError
from .identifiers import refusal, short

_STARTER = """<?xml version="1.0" encoding="UTF-8"?>
<Model name="{name}" version="1">
  <!-- A FitzHugh-Nagumo oscillator, to be turned into a model of your own. Times are in ms. -->
  <Description>An excitable node with a fast variable v and a slow recovery variable w.</Description>
  <Reference doi="10.1016/S0006-3495(61)86902-6" citation="FitzHugh 1961, Biophys. J. 1, 445-466"/>

  <!-- Any parameter can be set, swept, or given one value a node when the model is run.
       min and max are the range that makes sense; they forbid nothing. -->
  <Parameter name="tau" value="12.5" min="1" max="50" description="how much slower w is than v"/>
  <Parameter name="a" value="0.7" min="0" max="2" description="shift of the recovery"/>
  <Parameter name="b" value="0.8" min="0" max="1" description="decay of the recovery"/>
  <Parameter name="I" value="0.4" min="-1" max="2" description="constant input"/>
  <Parameter name="G" value="0.1" min="0" max="1" description="global coupling strength"/>
  <Parameter name="nsig" value="0.001" min="0" max="0.1" description="noise dispersion"/>

  <!-- What parameters alone decide is computed once, not in every step. -->
  <DerivedParameter name="rate" value="1 / tau" unit="1/ms"/>

  <!-- initial: one value, or two between which each node starts at random.
       lower="0" and upper="1", for instance, would keep a variable within bounds. -->
  <StateVariable name="v" initial="-1, 1" description="fast variable, like a membrane potential"/>
  <StateVariable name="w" initial="-0.5, 0.5" description="slow recovery variable"/>

  <!-- Over all nodes j that reach a node, weight times pre is summed up as gx; post turns that into c.
       In pre, v_j is v of the source node, as it was one conduction delay ago; v is the node's own, now. -->
  <Coupling name="c" pre="v_j - v" post="G * gx"/>

  <Dynamics>
    <!-- Intermediate values, in any order. Powers are written v^3. -->
    <DerivedVariable name="cubic" value="v - v^3 / 3"/>
    <!-- One time derivative for each state variable. -->
    <TimeDerivative variable="v" value="cubic - w + I + c"/>
    <TimeDerivative variable="w" value="rate * (v + a - b * w)"/>
  </Dynamics>

  <!-- Gaussian white noise: dv = ... dt + sigma dW. -->
  <Noise variable="v" sigma="sqrt(2 * nsig)"/>

  <!-- What a run returns: a variable, or an expression under a name. -->
  <Exposure name="v"/>
  <Exposure name="activity" value="v - w" description="an example of a computed exposure"/>
</Model>
"""


def new_model(name: str) -> str:
    """Write a starter model: a FitzHugh-Nagumo oscillator with coupling, noise and explaining comments.

    Parameters
    ----------
    name : str
        Name of the model: a letter, then letters, digits and underscores.

    Returns
    -------
    str
        XML that loads without warnings.

    Raises
    ------
    ModelError
        If a model cannot have this name (E106).
    """
    reason = refusal(name)
    if reason is not None:
        message = f"a Model cannot be named '{short(name)}': {reason}"
        # no file has been written yet that could be pointed to
        raise ModelError([Diagnostic(Location(), "E106", message)])
    return _STARTER.format(name=name)
