"""What all tests share: helpers that are importable, and compilers that take little time."""

import gc
import os
import signal
import sys
from pathlib import Path

import pytest

# Tests compile far longer than they run, and no bit depends on the level: tests/simulation/test_same_bits.py.
# Such kernels stay apart from the user's. Other processes, which the tests start, find all of this as well.
os.environ.setdefault("NUMBA_OPT", "1")
CACHE = Path(__file__).parents[1] / ".pytest_cache"
os.environ.setdefault("RATELOOM_CACHE", str(CACHE / "kernels"))
# TVB makes two folders when it is imported, and fails where two workers do so at once
os.environ.setdefault("TVB_USER_HOME", str(CACHE / "tvb"))
for name in ("logs", "TEMP"):
    Path(os.environ["TVB_USER_HOME"], ".tvb-temp", name).mkdir(parents=True, exist_ok=True)

# Compilers make many objects and few circles: an eighth of their time went into looking for those.
gc.freeze()
gc.set_threshold(100_000, 50, 100)

for folder in ("helpers", "oracle", "parity", "cuda_on_host"):
    sys.path.insert(0, str(Path(__file__).parent / folder))

# a shell that starts the suite in the background has it ignore Ctrl-C, which the tests then could not press
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session", autouse=True)
def _little_optimisation():
    """Let the C++ compiler of the emulated device optimise as little."""
    from rateloom.drivers.backends.emulated import host_compiler

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(host_compiler, "OPTIONS", ("-O0", *host_compiler.OPTIONS[1:]))
        yield
