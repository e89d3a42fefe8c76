"""Limits on model files, far above any real model, so that no file can exhaust memory, stack or time."""

from __future__ import annotations

FILE_BYTES = 2**20
ELEMENTS = 10_000
ELEMENT_DEPTH = 32
ATTRIBUTES = 50
EXPRESSION_CHARACTERS = 10_000
# Python's parser nests a chain of operators as deep as it is long.
EXPRESSION_OPERANDS = 2_000
# Python's and SymPy's recursive functions need several stack frames for each level.
EXPRESSION_NESTING = 50
EXPONENT = 1_000
VECTOR_SIZE = 1_000
# Whole numbers up to here are exact in double precision.
EXACT_INTEGER = 2**53
