"""The plug-ins and files that the examples of the documentation name."""

from pathlib import Path

from rateloom import TransferFunction, functions
from rateloom.dsl import plugins


def sigmoid(arguments, parameters):
    a, b = arguments
    u = functions.symbol("u")
    drive = parameters["w"] * a - b - parameters["threshold"]
    return TransferFunction(1 / (1 + functions.exp(-u)), [("u", drive)])


def twice(arguments, parameters):
    return TransferFunction(2 * arguments[0])


def again(arguments, parameters):
    return TransferFunction(3 * arguments[0])


def number(arguments, parameters):
    return 1.0


CUDA = "__device__ real rectify(real v)\n{\n    return v > real(0) ? v * v : real(0);\n}\n"
PYTHON = "def rectify(v):\n    return v * v if v > 0 else 0.0\n"


def provide(monkeypatch, folder: Path):
    """Register the plug-ins, write the files and go where they are."""
    monkeypatch.setattr(plugins, "_registered", {})
    monkeypatch.chdir(folder)
    for package, name, build in (
        ("ours", "sigmoid", sigmoid),
        ("theirs", "twice", twice),
        ("others", "twice", again),
        ("theirs", "number", number),
    ):
        monkeypatch.setattr(build, "__module__", package)
        plugins.transfer_function(name)(build)
    (folder / "rectify.cuh").write_text(CUDA)
    (folder / "rectify.py").write_text(PYTHON)
