"""Support files, which generated code imports and includes, from the same templates for all targets.

`python -m rateloom.generator.targets.support_files FOLDER` writes the files; `make generated` calls it.
"""

from __future__ import annotations

import sys
from pathlib import Path

from .cuda.elementary_text import header_part
from .numba.elementary_text import elementary_module
from .templates import rendered, tidy


def support_files() -> dict[str, str]:
    """Return the texts by file name: those of `rateloom.kernels` that are written."""
    header = rendered("cuda", "header", elementary=header_part())
    return {"elementary.py": elementary_module(), "rateloom.cuh": tidy(header)}


if __name__ == "__main__":
    for file_name, text in support_files().items():
        (Path(sys.argv[1]) / file_name).write_text(text, "utf-8")
