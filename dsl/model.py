"""The checked, immutable model, which the reader makes and every later stage reads."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field, fields, is_dataclass
from typing import Any

import sympy

from .diagnostics import Diagnostic, Location
from .operations import Select


@dataclass(frozen=True)
class Parameter:
    """A constant of the model that a run may set, spread over nodes or sweep.

    ``values`` holds one number, or ``size`` numbers for a vector, whose elements are the symbols
    ``name[0]``, ``name[1]``, ….
    """

    name: str
    values: tuple[float, ...]
    size: int | None = None
    minimum: float | None = None
    maximum: float | None = None
    unit: str = ""
    description: str = ""
    where: Location = field(default=Location(), compare=False)

    @property
    def elements(self) -> tuple[str, ...]:
        """Return the names of this parameter's symbols in expressions."""
        if self.size is None:
            return (self.name,)
        return tuple(f"{self.name}[{i}]" for i in range(self.size))


@dataclass(frozen=True)
class DerivedParameter:
    """A value computed from parameters, once a work item."""

    name: str
    value: sympy.Expr
    unit: str = ""
    description: str = ""
    where: Location = field(default=Location(), compare=False)


@dataclass(frozen=True)
class StateVariable:
    """A variable that is integrated; ``initial`` is one value or a range ``(low, high)``.

    One with a ``period`` is an angle: it is kept from 0 up to its period.
    """

    name: str
    initial: tuple[float, ...]
    lower: float | None = None
    upper: float | None = None
    period: float | None = None
    unit: str = ""
    description: str = ""
    where: Location = field(default=Location(), compare=False)


@dataclass(frozen=True)
class Coupling:
    """``gx_i = sum_j w_ij pre``, then ``name = post``; in ``pre``, ``x_j`` is the source's delayed ``x``."""

    name: str
    pre: sympy.Expr
    post: sympy.Expr
    delays: bool = True
    description: str = ""
    where: Location = field(default=Location(), compare=False)


@dataclass(frozen=True)
class Input:
    """A value for each node that a run reads from outside."""

    name: str
    default: float = 0.0
    unit: str = ""
    description: str = ""
    where: Location = field(default=Location(), compare=False)


@dataclass(frozen=True)
class Case:
    """One case of a conditional; ``condition`` is None for the otherwise case."""

    value: sympy.Expr
    condition: sympy.Expr | None = None


@dataclass(frozen=True)
class DerivedVariable:
    """A named intermediate value; several cases make it conditional, the last one is the otherwise."""

    name: str
    cases: tuple[Case, ...]
    unit: str = ""
    description: str = ""
    where: Location = field(default=Location(), compare=False)

    @property
    def value(self) -> sympy.Expr:
        """Return the value as one expression, nested `Select` for a conditional."""
        result = self.cases[-1].value
        for case in reversed(self.cases[:-1]):
            result = Select(case.condition, case.value, result)
        return result


@dataclass(frozen=True)
class CodeFile:
    """The code of a function for one target: the text of a file, and the file's name as the model has it."""

    target: str
    text: str
    name: str = field(default="", compare=False)


@dataclass(frozen=True)
class Code:
    """A function that exists only as code: a file for each target, each of which defines ``symbol``."""

    symbol: str
    files: tuple[CodeFile, ...]

    def __getitem__(self, target: str) -> CodeFile:
        return {file.target: file for file in self.files}[target]


@dataclass(frozen=True)
class Function:
    """A pure function of its arguments and the model's parameters.

    ``differentiation`` is ``"exact"``, or ``"central"`` for central differences with ``step``. With ``code``,
    ``result`` is the call of that code.
    """

    name: str
    arguments: tuple[str, ...]
    variables: tuple[DerivedVariable, ...]
    result: sympy.Expr
    differentiation: str = "exact"
    step: float = 0.0
    code: Code | None = None
    description: str = ""
    where: Location = field(default=Location(), compare=False)


@dataclass(frozen=True)
class TimeDerivative:
    """The deterministic right-hand side of one state variable."""

    variable: str
    value: sympy.Expr
    where: Location = field(default=Location(), compare=False)


@dataclass(frozen=True)
class Noise:
    """Additive or multiplicative Gaussian noise on one state variable: ``sigma dW``."""

    variable: str
    sigma: sympy.Expr
    where: Location = field(default=Location(), compare=False)


@dataclass(frozen=True)
class Exposure:
    """A quantity that monitors record, under a name."""

    name: str
    value: sympy.Expr
    unit: str = ""
    description: str = ""
    where: Location = field(default=Location(), compare=False)


@dataclass(frozen=True)
class Reference:
    """A publication of the model."""

    doi: str = ""
    citation: str = ""


@dataclass(frozen=True, repr=False)
class Model:
    """A model without errors, whose names are resolved and whose definitions are sorted by dependency.

    ``time_derivatives`` are in the order of ``state_variables``. ``warnings``, ``path`` and
    ``xml``, the model's text, take no part in comparisons or in the model's hash.
    """

    name: str
    parameters: tuple[Parameter, ...] = ()
    derived_parameters: tuple[DerivedParameter, ...] = ()
    state_variables: tuple[StateVariable, ...] = ()
    couplings: tuple[Coupling, ...] = ()
    inputs: tuple[Input, ...] = ()
    functions: tuple[Function, ...] = ()
    derived_variables: tuple[DerivedVariable, ...] = ()
    time_derivatives: tuple[TimeDerivative, ...] = ()
    noises: tuple[Noise, ...] = ()
    exposures: tuple[Exposure, ...] = ()
    description: str = ""
    references: tuple[Reference, ...] = ()
    path: str = field(default="", compare=False)
    xml: str = field(default="", compare=False)
    warnings: tuple[Diagnostic, ...] = field(default=(), compare=False)

    def __repr__(self) -> str:
        names = {
            "parameters": [p.name for p in self.parameters],
            "states": [s.name for s in self.state_variables],
            "couplings": [c.name for c in self.couplings],
            "inputs": [i.name for i in self.inputs],
            "exposures": [e.name for e in self.exposures],
        }
        texts = (f"{section} {' '.join(members)}" for section, members in names.items() if members)
        return f"<Model {self.name}: {', '.join(texts)}>"

    @property
    def hash(self) -> str:
        """Return sixteen hexadecimal digits that change with every change that affects results."""
        return hashlib.sha256(_canonical(self).encode()).hexdigest()[:16]


# Fields that change no number of a simulation.
_NOT_HASHED = {"where", "description", "unit", "path", "xml", "warnings", "references", "minimum", "maximum"}
# Fields that are hashed where they are set alone: a model without them is what it was before there were any.
_HASHED_IF_SET = {"period"}


def _canonical(value: Any) -> str:
    """Write any part of a model as text, the same in every process."""
    if isinstance(value, Code):
        texts = (f"{file.target}={file.text!r}" for file in value.files)
        return f"Code(symbol={value.symbol!r},{','.join(texts)})"
    if is_dataclass(value):
        parts = (
            f"{f.name}={_canonical(getattr(value, f.name))}"
            for f in fields(value)
            if f.name not in _NOT_HASHED and not (f.name in _HASHED_IF_SET and getattr(value, f.name) is None)
        )
        return f"{type(value).__name__}({','.join(parts)})"
    if isinstance(value, tuple):
        return f"({','.join(_canonical(v) for v in value)})"
    if isinstance(value, sympy.Basic):
        return str(sympy.srepr(value))
    return repr(value)
