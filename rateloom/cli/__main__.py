"""``python -m rateloom.cli`` is the command ``rateloom``."""

import sys

from rateloom.cli import main

if __name__ == "__main__":
    sys.exit(main())
