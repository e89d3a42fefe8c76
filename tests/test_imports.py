"""What may import what (docs/architecture.md), read from the source of every module."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = {"dsl", "generator", "templates", "drivers", "models", "rateloom", "oracle"}
ALLOWED = {
    "dsl": {"dsl"},
    "generator": {"generator", "templates", "dsl"},
    "templates": {"templates"},
    "drivers": {"drivers"},
    "models": {"models"},
    "rateloom": PACKAGES,
}
# Each takes a tenth of a second or more to import.
HEAVY = {"numpy", "sympy", "numba", "xarray", "matplotlib", "scipy", "zarr", "lxml", "mako", "rich"}


def imported_folders(source: str, module: tuple[str, ...]) -> set[str]:
    """Folders of the project that a module, named by its parts without ``rateloom``, imports from."""
    folders = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            names = [alias.name.split(".") for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = ["rateloom", *module[: len(module) - node.level]] if node.level else []
            stem = base + (node.module.split(".") if node.module else [])
            names = [[*stem, alias.name] for alias in node.names]
        else:
            continue
        for name in names:
            if name[0] == "rateloom":
                folders.add(name[1] if len(name) > 1 and name[1] in PACKAGES else "rateloom")
    return folders


def modules(folder: str) -> list[Path]:
    return sorted((ROOT / folder).rglob("*.py"))


@pytest.mark.parametrize("folder", sorted(ALLOWED))
def test_each_folder_imports_only_what_it_may(folder):
    assert modules(folder)
    for path in modules(folder):
        parts = path.relative_to(ROOT).with_suffix("").parts
        module = parts[1:] if folder == "rateloom" else parts
        wrong = imported_folders(path.read_text(), module) - ALLOWED[folder]
        assert not wrong, f"{path.relative_to(ROOT)} imports from {sorted(wrong)}"


@pytest.mark.parametrize(
    ("source", "module", "expected"),
    [
        ("import rateloom.dsl.model", ("drivers", "grid"), {"dsl"}),
        ("from rateloom.generator import lower", ("dsl", "load"), {"generator"}),
        ("from rateloom import dsl", ("drivers", "grid"), {"dsl"}),
        ("from rateloom import load", ("drivers", "grid"), {"rateloom"}),
        ("from ..dsl.model import Model", ("drivers", "grid"), {"dsl"}),
        ("from .. import nodes", ("generator", "passes", "hoist"), {"generator"}),
        ("from .errors import InputError", ("drivers", "grid"), {"drivers"}),
        ("def f():\n    import rateloom.api.loading", ("drivers", "grid"), {"rateloom"}),
        ("import numpy", ("drivers", "grid"), set()),
    ],
)
def test_the_rule_sees_every_form_of_import(source, module, expected):
    assert imported_folders(source, module) == expected


def test_the_oracle_imports_nothing_that_it_is_held_against():
    for path in modules("rateloom/oracle"):
        module = path.relative_to(ROOT / "rateloom").with_suffix("").parts
        assert imported_folders(path.read_text(), module) <= {"dsl", "oracle"}, path


def test_nothing_is_imported_under_a_bare_folder_name():
    for folder in ALLOWED:
        for path in modules(folder):
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, ast.ImportFrom) and not node.level:
                    assert str(node.module).split(".")[0] not in PACKAGES - {"rateloom"}, path
                elif isinstance(node, ast.Import):
                    assert not {alias.name.split(".")[0] for alias in node.names} & (
                        PACKAGES - {"rateloom"}
                    ), path


@pytest.mark.parametrize("folder", ["drivers", "generator", "templates", "rateloom"])
def test_lxml_stays_in_the_reader(folder):
    for path in modules(folder):
        assert "lxml" not in path.read_text(), path


@pytest.mark.parametrize("arguments", [[], ["--help"], ["sweep", "--help"], ["compile", "--help"]])
def test_importing_and_asking_for_help_load_nothing_heavy(arguments):
    code = (
        "import sys, rateloom\n"
        + (f"from rateloom.cli import main\nassert main({arguments!r}) == 0\n" if arguments else "")
        + f"print('loaded:', sorted({HEAVY!r} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "loaded: []"


def test_public_names_resolve_and_others_do_not():
    import rateloom

    for name in rateloom.__all__:
        assert getattr(rateloom, name) is not None, name
    assert set(rateloom.__all__) <= set(dir(rateloom))
    with pytest.raises(AttributeError, match="no attribute 'simulates'"):
        _ = rateloom.simulates


def test_no_two_modules_and_no_two_classes_have_one_name():
    """In the runtime and what is on top of it: a name that is read says which one is meant."""
    owners: dict[str, list[str]] = {}
    for folder in ("drivers", "rateloom"):
        for path in modules(folder):
            if not path.stem.startswith("__"):
                owners.setdefault(f"module {path.stem}", []).append(str(path.relative_to(ROOT)))
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, ast.ClassDef):
                    owners.setdefault(f"class {node.name}", []).append(str(path.relative_to(ROOT)))
    assert {name: paths for name, paths in owners.items() if len(paths) > 1} == {}


def imported_modules(path: Path, module: str, known: set[str]) -> set[str]:
    """Modules of the project that one imports, wherever in its text."""
    found = set()
    package = module.split(".") if path.name == "__init__.py" else module.split(".")[:-1]
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            stem = ".".join([*base, *(node.module.split(".") if node.module else [])])
            found |= {f"{stem}.{a.name}" if f"{stem}.{a.name}" in known else stem for a in node.names}
    return (found & known) - {module}


def test_no_modules_import_each_other_in_a_circle():
    """Nor within functions, nor where only a type checker looks."""
    paths = {}
    for folder in ALLOWED:
        for path in modules(folder):
            parts = path.relative_to(ROOT / folder).with_suffix("").parts
            prefix = ("rateloom",) if folder == "rateloom" else ("rateloom", folder)
            paths[".".join([*prefix, *(part for part in parts if part != "__init__")])] = path
    imports = {name: imported_modules(path, name, set(paths)) for name, path in paths.items()}
    # the package itself hands out names that are imported when they are asked for
    del imports["rateloom"]
    done: set[str] = set()
    while True:
        ready = {name for name in imports.keys() - done if imports[name] & imports.keys() <= done}
        if not ready:
            break
        done |= ready
    assert sorted(imports.keys() - done) == []
