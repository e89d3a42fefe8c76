"""All semantic checks, in the order in which they run: each is a function from a draft to diagnostics."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from . import checks_calls, checks_equations, checks_functions, checks_names, checks_unused, checks_values
from .diagnostics import Diagnostic
from .draft import Draft

CHECKS: tuple[Callable[[Draft], Iterator[Diagnostic]], ...] = (
    checks_names.syntax,
    checks_names.model_name,
    checks_names.reserved_names,
    checks_names.duplicate_names,
    checks_names.unknown_names,
    checks_calls.unknown_functions,
    checks_calls.numbers_of_arguments,
    checks_calls.derivatives_of_functions,
    checks_calls.vectors,
    checks_functions.steps_of_differences,
    checks_functions.derivatives_of_whole_numbers,
    checks_equations.states_without_derivative,
    checks_equations.equations_of_no_state,
    checks_equations.repeated_equations,
    checks_equations.conditionals,
    checks_equations.posts_without_sum,
    checks_equations.cycles,
    checks_values.infinite_values,
    checks_values.sizes,
    checks_values.bounds,
    checks_values.periods,
    checks_values.sizes_of_noise,
    checks_values.initial_values,
)

WARNINGS: tuple[Callable[[Draft], Iterator[Diagnostic]], ...] = (
    checks_unused.unused,
    checks_unused.couplings_without_source,
    checks_unused.defaults_outside_range,
)


def check_draft(draft: Draft) -> tuple[Diagnostic, ...]:
    """Return all errors of a draft."""
    return tuple(error for check in CHECKS for error in check(draft))


def find_warnings(draft: Draft) -> tuple[Diagnostic, ...]:
    """Return the warnings about a draft without errors."""
    return tuple(warning for check in WARNINGS for warning in check(draft))
