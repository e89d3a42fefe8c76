"""An ordinary install of the package is whole, wherever Python is started."""

import shutil
import subprocess
import sys
import tomllib
import venv
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
FOLDERS = ("rateloom", "dsl", "generator", "templates", "drivers", "models")
SOURCES = (*FOLDERS, "pyproject.toml", "README.md", "LICENSE")


def settings():
    return tomllib.loads((ROOT / "pyproject.toml").read_text())


def package_of(folder):
    """Name of the package that a folder is installed as."""
    parts = folder.relative_to(ROOT).parts
    return ".".join(parts if parts[0] == "rateloom" else ("rateloom", *parts))


def test_every_folder_of_modules_is_installed():
    folders = {path.parent for folder in FOLDERS for path in (ROOT / folder).rglob("*.py")}
    listed = settings()["tool"]["setuptools"]
    assert {package_of(folder) for folder in folders} == set(listed["packages"])
    for folder in folders:
        assert (folder / "__init__.py").is_file(), folder


def test_every_data_file_is_installed():
    listed = settings()["tool"]["setuptools"]["package-data"]
    for folder in FOLDERS:
        for path in (ROOT / folder).rglob("*"):
            if path.is_file() and path.suffix != ".py" and "__pycache__" not in path.parts:
                patterns = listed.get(package_of(path.parent), [])
                assert any(path.match(pattern) for pattern in patterns), path


def test_the_version_is_told_once():
    import rateloom

    assert settings()["project"]["version"] == rateloom.__version__


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    """Python of a new environment with the built wheel in it; dependencies are those of the tests."""
    folder = tmp_path_factory.mktemp("package")
    source = folder / "source"
    source.mkdir()
    for name in SOURCES:
        path = ROOT / name
        if path.is_dir():
            shutil.copytree(path, source / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(path, source / name)
    venv.create(folder / "env", with_pip=True)
    python = folder / "env" / "bin" / "python"
    pip = [python, "-m", "pip", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*pip, "wheel", "--no-deps", "--wheel-dir", folder, source], check=True)
    (wheel,) = folder.glob("rateloom-*.whl")
    subprocess.run([*pip, "install", "--no-deps", wheel], check=True)
    site = subprocess.run(
        [python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout.strip()
    # Ours comes first; what it depends on is found where the tests find it, without its editable installs.
    (Path(site) / "dependencies.pth").write_text(
        "\n".join(path for path in sys.path if "site-packages" in path)
    )
    return python


CODE = """
import rateloom, rateloom.dsl, rateloom.drivers, rateloom.templates
print("site-packages" in rateloom.__file__, "site-packages" in rateloom.dsl.__file__)
model = rateloom.load("linear")
conn = rateloom.connectome("synthetic:4")
result = rateloom.simulate(model, connectome=conn, duration=5.0)
print(dict(result.sizes))
"""


@pytest.mark.slow
@pytest.mark.parametrize("where", ["root", "elsewhere"])
def test_a_wheel_works_from_the_repository_and_from_elsewhere(where, installed, tmp_path):
    options = {"cwd": ROOT if where == "root" else tmp_path, "capture_output": True, "text": True}
    # Started in the checkout, Python sees that before what is installed; both must be whole.
    from_install = where == "elsewhere"
    done = subprocess.run([installed, "-c", CODE], check=True, **options)
    assert done.stdout.splitlines() == [f"{from_install} {from_install}", "{'time': 5, 'node': 4}"]
    done = subprocess.run([installed.with_name("rateloom"), "models"], check=True, **options)
    assert "montbrio" in done.stdout
