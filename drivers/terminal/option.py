"""An option of a command as data, the values that a command is called with, and commands made of options."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer

from rateloom.drivers.support.errors import InputError, path_of, shown

from .quantities import has_unit, quantity_of

# The default of an argument that has to be given.
REQUIRED = inspect.Parameter.empty
Kind = type[str] | type[int] | type[float] | type[bool] | type[Path]


@dataclass(frozen=True)
class Option:
    """An option or an argument of a command.

    Attributes
    ----------
    name : str
        What requests call it.
    type : type
        str, int, float, bool or Path.
    default : object
        Its value where it is left out; None where that is said elsewhere.
    flag : str
        How it is written, ``--no-``'s form included; made from the name by default.
    metavar : str
        What stands for its value in the help text; made from the type by default.
    repeatable : bool
        Whether it may be given several times; its value is a list.
    argument : bool
        Whether it is given by its place, without a flag.
    group : str
        What it belongs to, such as ``"noise"``.
    act : callable, optional
        What it does before all other options are looked at.
    unit : str
        Of a number that is a time or a speed: what it is in if it is given without a unit.
    least_bare : float
        A smaller positive number has to be given with its unit: nearly always another was meant.
    """

    name: str
    type: Kind
    default: Any
    help: str
    flag: str = ""
    metavar: str = ""
    repeatable: bool = False
    argument: bool = False
    group: str = ""
    act: Callable[[bool], None] | None = None
    unit: str = ""
    least_bare: float = 0.0

    @property
    def declared(self) -> str:
        """The flag on the command line."""
        return self.flag or f"--{self.name.replace('_', '-')}"

    @property
    def parameter(self) -> inspect.Parameter:
        """The parameter that Typer makes the option from."""
        kind: Any = list[self.type] if self.repeatable else self.type  # type: ignore[name-defined]
        kind = kind | None if self.default is None else kind
        details: dict[str, Any] = {"help": self.help, "metavar": self.metavar or None}
        if self.type in _PARSERS:
            parser, metavar = _PARSERS[self.type]
            parser = partial(_quantity, self.unit, self.least_bare) if self.unit else parser
            details |= {"parser": parser, "metavar": self.metavar or metavar}
        if self.act is not None:
            details |= {"callback": self.act, "is_eager": True}
        declaration = typer.Argument(**details) if self.argument else typer.Option(self.declared, **details)
        return inspect.Parameter(
            self.name,
            inspect.Parameter.KEYWORD_ONLY,
            default=self.default,
            annotation=Annotated[kind, declaration],
        )


@dataclass(frozen=True, eq=False)
class CommandLine:
    """The options of a command, and those that the user gave.

    Attributes
    ----------
    values : mapping
        Of every option, by its name.
    typed : mapping of str to str
        The options that the user gave, in the command's order, and how they are written.
    """

    values: Mapping[str, Any]
    typed: Mapping[str, str]

    def __getitem__(self, name: str) -> Any:
        """The value of an option."""
        return self.values[name]

    def get(self, name: str, default: Any = None) -> Any:
        """The value of an option that not every command has."""
        return self.values.get(name, default)

    def changed(self, **values: Any) -> CommandLine:
        """The same with other values of some options."""
        return CommandLine({**self.values, **values}, self.typed)

    def only(self, *names: str) -> dict[str, Any]:
        """Values of some options."""
        return {name: self.values[name] for name in names}


@dataclass(frozen=True)
class Command:
    """A command: its options, and the function that does it.

    Attributes
    ----------
    help : str
        What it does, and an example; the function's docstring by default.
    """

    name: str
    options: tuple[Option, ...]
    work: Callable[[CommandLine], None]
    help: str = ""


def add_command(app: typer.Typer, command: Command) -> None:
    """Give an app a command, made of its options."""

    def run_command(context: typer.Context, **values: Any) -> None:
        command.work(CommandLine(values, _typed(context)))

    parameters = [option.parameter for option in command.options]
    context = inspect.Parameter("context", inspect.Parameter.KEYWORD_ONLY, annotation=typer.Context)
    run_command.__doc__ = command.help or command.work.__doc__
    run_command.__signature__ = inspect.Signature([context, *parameters])  # type: ignore[attr-defined]
    run_command.__annotations__ = {p.name: p.annotation for p in (context, *parameters)}
    app.command(command.name)(run_command)


def _typed(context: typer.Context) -> dict[str, str]:
    """Names of the parameters that stand on the command line, and how they are written."""
    sources = {str(p.name): context.get_parameter_source(str(p.name)) for p in context.command.params}
    return {
        str(p.name): p.opts[-1]
        for p in context.command.params
        if (source := sources[str(p.name)]) is not None and source.name == "COMMANDLINE"
    }


def _integer(text: str | int) -> int:
    try:
        return int(text)
    except ValueError:
        raise typer.BadParameter(f"{shown(text)} is not a whole number") from None


def _number(text: str | float) -> float:
    try:
        return float(text)
    except ValueError:
        raise typer.BadParameter(f"{shown(text)} is not a number") from None


def _quantity(unit: str, least_bare: float, text: str | float) -> float:
    if not isinstance(text, str):
        return float(text)
    try:
        value = quantity_of(text, unit)
    except ValueError as problem:
        raise typer.BadParameter(str(problem)) from None
    if 0 < value < least_bare and not has_unit(text, unit):
        bare = text.strip()
        raise typer.BadParameter(
            f"{bare} is {bare} {unit}; if that is meant, write {bare}{unit}, else {bare}s"
        )
    return value


def _path(text: str | Path) -> Path:
    if not str(text).strip():
        raise typer.BadParameter("it is empty, and must be a path")
    try:
        return path_of("path", text)
    except InputError as problem:
        raise typer.BadParameter(str(problem)) from None


# Typer's own words for what is no number speak of parsing.
_PARSERS: dict[Any, tuple[Callable[[Any], Any], str]] = {
    int: (_integer, "INTEGER"),
    float: (_number, "NUMBER"),
    Path: (_path, "PATH"),
}
