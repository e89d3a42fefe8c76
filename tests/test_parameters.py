"""How many parameters functions have, what the options set, and that nothing mutes warnings."""

import ast
import inspect
from dataclasses import MISSING, fields
from pathlib import Path

import rateloom
from rateloom.drivers.connectome.normalization import normalization_of
from rateloom.drivers.planning.sample_times import sample_times
from rateloom.drivers.planning.settings import Settings
from rateloom.drivers.terminal.options import TABLE

ROOT = Path(__file__).resolve().parent.parent
MOST = 8
# Their keywords are what a user writes; they build objects of them first thing.
PUBLIC = {(rateloom._HOME[name], name) for name in rateloom._HOME}
# What kernels call takes arrays and numbers one by one: Numba compiles it.
COMPILED = "rateloom.kernels."
# A library that speaks by warnings of its own, of what is new in it.
MUTED = {"drivers/search/optimiser.py"}


def modules():
    for folder in ("rateloom", "drivers"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            parts = path.relative_to(ROOT).with_suffix("").parts
            yield path, ".".join(parts if folder == "rateloom" else ("rateloom", *parts))


def wide_functions():
    for path, module in modules():
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
                a = node.args
                named = [*a.posonlyargs, *a.args, *a.kwonlyargs, *filter(None, (a.vararg, a.kwarg))]
                if len(named) > MOST:
                    yield module, getattr(node, "name", "lambda")


def test_only_public_functions_have_more_than_eight_parameters():
    wide = {(module, name) for module, name in wide_functions() if not module.startswith(COMPILED)}
    assert wide <= PUBLIC


def test_options_have_the_defaults_of_what_they_set():
    options = {option.name: option for option in TABLE}
    assert len(options) == len(TABLE)
    simulate = inspect.signature(rateloom.simulate).parameters
    for field in fields(Settings):
        assert field.default is not MISSING
        assert options[field.name].default == field.default == simulate[field.name].default
    for name in ("monitor", "period"):
        default = inspect.signature(sample_times).parameters[name].default
        assert options[name].default == default == simulate[name].default
    assert options["math"].default == simulate["math"].default
    # commands take connectomes by name or path alone, and these are normalized unasked
    assert simulate["normalize"].default is None
    assert options["normalize"].default == normalization_of("tvb76", None)


def test_no_filter_of_warnings_is_changed():
    changed = {
        path.relative_to(ROOT).as_posix()
        for path, _ in modules()
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Attribute)
        and node.attr in ("simplefilter", "filterwarnings", "resetwarnings")
    }
    assert changed == MUTED
