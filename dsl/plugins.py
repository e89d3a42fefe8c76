"""Transfer functions written in Python: registered ones, and those that installed packages announce."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import EntryPoint, entry_points
from typing import Any

import sympy

from .identifiers import IDENTIFIER, did_you_mean, short

GROUP = "rateloom.transfer_functions"
_MOST_LISTED = 20


@dataclass(frozen=True)
class TransferFunction:
    """The statements of a function: its intermediate variables, and its result.

    Attributes
    ----------
    variables : sequence of (str, sympy.Expr)
        Name and value of each intermediate variable; in other expressions it is the SymPy symbol of its name.
    result : sympy.Expr
        The function's value.
    """

    result: Any
    variables: Sequence[tuple[str, Any]] = ()


Builder = Callable[[tuple[sympy.Symbol, ...], Mapping[str, Any]], TransferFunction]


class PluginError(Exception):
    """A plug-in that cannot be found or loaded: a code of docs/errors.md and a message of one line."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


# Decorated functions stay registered as long as Python runs; several may have one name.
_registered: dict[str, list[Builder]] = {}


def transfer_function(name: str) -> Callable[[Builder], Builder]:
    """Register a function that builds a transfer function from symbols, for ``<Function plugin="name">``.

    Parameters
    ----------
    name : str
        The name that models use. A package announces the function under this name in the entry-point group
        ``rateloom.transfer_functions`` as well, so that models find it before it is imported.

    Returns
    -------
    callable
        A decorator, which returns the function unchanged. The function is called with a tuple of symbols, one
        for each argument of the model's Function, and with a mapping of its parameters to the model's
        expressions: an expression each, or a tuple of expressions for a vector. It returns a
        `TransferFunction`.

    Raises
    ------
    ValueError
        If the name is not a letter followed by letters, digits and underscores.
    """
    if not isinstance(name, str) or not IDENTIFIER.match(name):
        shown = short(name) if isinstance(name, str) else repr(name)
        message = "give it a name of letters, digits and underscores, as in transfer_function('zerlaut')"
        raise ValueError(f"transfer_function cannot register {shown!r}; {message}")

    def register(build: Builder) -> Builder:
        # a cell of a notebook that runs again, or a module that is loaded again, replaces its own function
        other_builders = [b for b in _registered.get(name, []) if _origin(b) != _origin(build)]
        _registered[name] = [*other_builders, build]
        return build

    return register


def find_plugin(name: str) -> Builder:
    """Return the function that is registered or announced under a name; only its own package is imported.

    Raises
    ------
    PluginError
        If there is none (E126), there are several (E127), or its package cannot be imported (E128).
    """
    announced = _announced(name)
    if len(announced) > 1:
        raise _conflict(name, [_package(entry) for entry in announced])
    loaded = [(_load(entry), _package(entry)) for entry in announced]
    registered = [b for b in _registered.get(name, []) if all(_origin(b) != _origin(e) for e, _ in loaded)]
    candidates = [*loaded, *((build, _origin(build)) for build in registered)]
    if not candidates:
        raise PluginError("E126", _unknown(name))
    if len(candidates) > 1:
        raise _conflict(name, [origin for _, origin in candidates])
    return candidates[0][0]


def _announced(name: str) -> list[EntryPoint]:
    """Return the entry points of a name that lead to different functions."""
    return list({entry.value: entry for entry in entry_points(group=GROUP, name=name)}.values())


def _load(entry: EntryPoint) -> Builder:
    try:
        build = entry.load()
    except (Exception, SystemExit) as error:
        message = f"plug-in '{entry.name}' of {_package(entry)} cannot be imported: {one_line(error)}"
        raise PluginError("E128", message) from None
    if not callable(build):
        type_name = type(build).__name__
        message = f"plug-in '{entry.name}' of {_package(entry)} is no function but {type_name}: {entry.value}"
        raise PluginError("E128", message)
    function: Builder = build
    return function


def _unknown(name: str) -> str:
    plugin_names = sorted({*_registered, *(entry.name for entry in entry_points(group=GROUP))})
    listed = f"known are {', '.join(plugin_names[:_MOST_LISTED])}" if plugin_names else "none is installed"
    hint = did_you_mean(name, plugin_names) or f"; {listed}"
    return f"there is no plug-in '{short(name)}'{hint}"


def _conflict(name: str, origins: Sequence[str]) -> PluginError:
    sources = " and ".join(sorted(origins))
    return PluginError("E127", f"plug-in '{name}' is announced by {sources}; uninstall or rename one")


def _package(entry: EntryPoint) -> str:
    return f"package {entry.dist.name}" if entry.dist is not None else entry.value


def _origin(build: Any) -> str:
    """Return the module and name where a function is defined; equal functions have equal ones."""
    module, name = getattr(build, "__module__", None), getattr(build, "__qualname__", None)
    return f"{module}.{name}" if module and name else repr(build)


def one_line(error: BaseException) -> str:
    """Write an exception as one line of limited length."""
    text = " ".join(str(error).split())
    name = type(error).__name__
    return f"{name}: {text[:200]}" if text else name
