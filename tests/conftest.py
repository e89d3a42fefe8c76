"""Make the helpers that several test folders share importable as plain modules."""

import signal
import sys
from pathlib import Path

for folder in ("helpers", "oracle", "parity", "cuda_on_host"):
    sys.path.insert(0, str(Path(__file__).parent / folder))

# a shell that starts the suite in the background has it ignore Ctrl-C, which the tests then could not press
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)
