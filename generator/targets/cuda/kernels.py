"""Every kernel that a CUDA source has, in the order in which they are printed. A new one is a line here."""

from __future__ import annotations

from rateloom.generator.kernels import time_loops
from rateloom.generator.targets.kernel_text import KernelText

from .advance_text import advance_text
from .layout import ADVANCE, FILL_HISTORY, PREPARE
from .page import Page
from .start_text import fill_history_text, prepare_text

KERNELS: tuple[KernelText[Page], ...] = (
    KernelText(PREPARE, prepare_text),
    KernelText(FILL_HISTORY, fill_history_text),
    KernelText(ADVANCE, lambda page: advance_text(page, time_loops(page.program)), steps=True),
)
