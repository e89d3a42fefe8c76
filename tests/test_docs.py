"""The code blocks of README and docs do what they say; the language's pages have tests of their own."""

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from rateloom import cli
from rateloom.dsl.load import load_model
from rateloom.testing import NoCompilerError

ROOT = Path(__file__).resolve().parent.parent
OWN_TESTS = {"clusters.md", "language.md", "errors.md", "rateml.md"}
PAGES = sorted(
    path.relative_to(ROOT).as_posix()
    for path in [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").glob("**/*.md")]
    if path.name not in OWN_TESTS
)
LANGUAGES = {"bash", "python", "xml", "text", "cpp", "toml"}
# What sets an environment up is not run again here: it is how these tests were started.
NOT_RUN = {"git", "cd", "pip", "source", "pre-commit"}
BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
# print(…)  # and what it prints
SAID = re.compile(r"^ *print\(.*\)  # (.*)$", re.MULTILINE)
# A block whose first line names a file is that file.
FILE = re.compile(r"(?://|#) (\w+\.\w+)\n")
LINK = re.compile(r"\]\((?!https?:)([^)#]+)(?:#[^)]*)?\)")


def blocks(page):
    return BLOCK.findall((ROOT / page).read_text())


def run_bash(text, folder):
    """Run each command of a block, except those that make environments; a target of make must exist."""
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    for line in re.sub(r"\\\n", " ", text).splitlines():
        words = shlex.split(line, comments=True)
        if not words or words[0] in NOT_RUN:
            continue
        if words[0] == "make":
            assert set(words[1:]) <= targets, line
        elif words[0] == "rateloom":
            # in this process, which imports and compiles once; other tests start the command itself
            assert cli.main(words[1:]) == 0, line
        elif words[0] == "python" and (ROOT / words[1]).is_file():
            run([sys.executable, ROOT / words[1], *words[2:]], folder)
        else:
            run([sys.executable if words[0] == "python" else words[0], *words[1:]], folder)


def run(command, folder):
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{command}: {done.stderr}"


def save_model(text, folder):
    """Load a model, and save it under its name for the commands that follow."""
    name = re.search('name="(.*?)"', text)[1]
    path = folder / f"{name}.xml"
    path.write_text(text)
    assert load_model(path).warnings == ()


# the pages that simulate for longest; the rest are run by default
LONG_PAGES = {
    "README.md",
    "docs/measures.md",
    "docs/studies.md",
    "docs/search.md",
    "docs/running.md",
    "docs/bold.md",
    "docs/regress.md",
    "docs/fit.md",
    "docs/pictures.md",
}


@pytest.mark.parametrize(
    "page", [pytest.param(page, marks=pytest.mark.slow if page in LONG_PAGES else ()) for page in PAGES]
)
def test_every_block_runs(page, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MPLBACKEND", "Agg")
    names: dict[str, object] = {}
    for language, text in blocks(page):
        assert language in LANGUAGES, f"a block of {page} is {language or 'of no language'}: {text}"
        file = FILE.match(text)
        if file:
            (tmp_path / file[1]).write_text(text)
        elif language == "bash":
            run_bash(text, tmp_path)
        elif language == "python":
            capsys.readouterr()
            try:
                exec(compile(text, page, "exec"), names)
            except NoCompilerError as reason:
                pytest.skip(str(reason))
            assert capsys.readouterr().out.splitlines() == SAID.findall(text)
        elif language == "xml":
            save_model(text, tmp_path)


@pytest.mark.parametrize("page", PAGES)
def test_links_lead_somewhere(page):
    for target in LINK.findall((ROOT / page).read_text()):
        assert ((ROOT / page).parent / target).exists(), target


def test_the_error_that_readme_shows_is_the_one_that_the_mistake_gives(tmp_path, monkeypatch):
    xml = next(text for language, text in blocks("README.md") if language == "xml")
    said = next(text for language, text in blocks("README.md") if language == "text")
    monkeypatch.chdir(tmp_path)
    Path("fitzhugh_nagumo.xml").write_text(xml.replace('value="epsilon *', 'value="epsilom *'))
    command = [sys.executable, "-m", "rateloom.cli", "check", "fitzhugh_nagumo.xml"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert said in done.stderr
