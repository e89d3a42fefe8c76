"""How commands end: one line and exit status 1 for what a user can mend, 130 after Ctrl-C."""

import os
import signal
import subprocess
import sys
import time
import warnings

import pytest
import typer

from rateloom import __version__, cli
from rateloom.cli import entry
from rateloom.drivers.support.errors import InputError
from rateloom.dsl.diagnostics import Diagnostic, Location, ModelError

COMMANDS = [
    "models",
    "check",
    "show",
    "new",
    "convert",
    "generate",
    "compile",
    "run",
    "sweep",
    "query",
    "fit-transfer-function",
]


def test_help_lists_every_command(capsys):
    assert cli.main([]) == 0
    bare = capsys.readouterr()
    assert cli.main(["--help"]) == 0
    assert capsys.readouterr().out == bare.out
    assert bare.err == ""
    for command in COMMANDS:
        assert f"\n  {command} " in bare.out


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help_with_an_example_that_parses(command, capsys):
    assert cli.main([command, "--help"]) == 0
    lines = capsys.readouterr().out.splitlines()
    example = lines[lines.index("  Example:") + 1].split()
    assert example[:2] == ["rateloom", command]
    group = typer.main.get_command(cli.app)
    group.commands[command].make_context(command, example[2:])


def test_version(capsys):
    assert cli.main(["--version"]) == 0
    assert capsys.readouterr().out == f"rateloom {__version__}\n"


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["swep"], "swep"),
        (["--nope"], "--nope"),
        (["run"], "MODEL"),
        (["check"], "FILE"),
        (["run", "montbrio", "--durations", "3"], "--durations"),
        (["run", "montbrio", "--duration", "long"], "--duration"),
        (["run", "montbrio", "--seed", "1.5"], "--seed"),
        (["run", "montbrio", "another"], "another"),
        (["sweep", "montbrio"], "--sweep"),
        (["sweep", "montbrio", "--sweep"], "--sweep"),
    ],
)
def test_usage_errors_are_one_line_and_status_1(arguments, says, capsys):
    assert cli.main(arguments) == 1
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.startswith("rateloom: error: ")
    assert printed.err.count("\n") == 1
    assert says in printed.err
    assert "--help)" in printed.err


@pytest.fixture
def failing(monkeypatch):
    """Make every command end in a given way."""

    def install(error):
        def app(*_args, **_options):
            raise error

        monkeypatch.setattr(entry, "app", app)

    return install


MODEL_ERROR = ModelError(
    [
        Diagnostic(Location("a.xml", 7), "E101", "unknown name 'tua'"),
        Diagnostic(Location("a.xml", 3), "E002", "bad"),
    ]
)


@pytest.mark.parametrize(
    ("error", "status", "text"),
    [
        (InputError("no such connectome"), 1, "rateloom: error: no such connectome\n"),
        (MODEL_ERROR, 1, "a.xml:3: error[E002]: bad\na.xml:7: error[E101]: unknown name 'tua'\n"),
        (
            PermissionError(13, "Permission denied", "/x/y"),
            1,
            "rateloom: error: Permission denied: /x/y\n",
        ),
        (OSError(28, "No space left on device"), 1, "rateloom: error: No space left on device\n"),
        (MemoryError(), 1, None),
        (KeyboardInterrupt(), 130, "rateloom: interrupted\n"),
        (typer.Abort(), 130, "rateloom: interrupted\n"),
    ],
)
def test_errors_become_one_line(error, status, text, failing, capsys):
    failing(error)
    assert cli.main(["run"]) == status
    printed = capsys.readouterr()
    assert printed.out == ""
    assert "Traceback" not in printed.err
    if text is not None:
        assert printed.err == text


def test_a_fault_of_our_own_is_not_hidden(failing):
    failing(ZeroDivisionError("a bug"))
    with pytest.raises(ZeroDivisionError):
        cli.main(["run"])


def test_warnings_are_one_line_each(monkeypatch, capsys):
    def app(*_args, **_options):
        warnings.warn("a.xml:2: warning[W101]: unused parameter 'k'", UserWarning, stacklevel=1)
        warnings.warn("3 work items diverged", UserWarning, stacklevel=1)

    monkeypatch.setattr(entry, "app", app)
    assert cli.main(["run"]) == 0
    assert capsys.readouterr().err == (
        "a.xml:2: warning[W101]: unused parameter 'k'\nrateloom: warning: 3 work items diverged\n"
    )


def run_python(code, **options):
    return subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **options
    )


def test_ctrl_c_ends_with_130_and_one_line():
    code = (
        "import sys, time, typer\n"
        "from rateloom.cli import entry as cli\n"
        "cli.app = typer.Typer(pretty_exceptions_enable=False)\n"
        "@cli.app.command()\n"
        "def wait():\n"
        "    print('ready', flush=True)\n"
        "    time.sleep(600)\n"
        "sys.exit(cli.main(['--']))\n"
    )
    process = run_python(code)
    assert process.stdout.readline() == "ready\n"
    time.sleep(0.1)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=120)
    assert process.returncode == 130
    assert err == "rateloom: interrupted\n"


def test_the_installed_command_sets_the_exit_status():
    done = subprocess.run(
        [sys.executable, "-m", "rateloom.cli", "run", "--nope"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert "Traceback" not in done.stderr


def test_a_reader_that_leaves_early_gets_no_traceback():
    read_end, write_end = os.pipe()
    os.close(read_end)
    done = subprocess.run(
        [sys.executable, "-m", "rateloom.cli", "--help"],
        stdout=write_end,
        stderr=subprocess.PIPE,
        check=False,
    )
    os.close(write_end)
    assert done.returncode == 1
    assert done.stderr == b""
