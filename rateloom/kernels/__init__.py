"""Support code, which generated kernels import: random numbers, functions, sums over edges, copies of rows.

`rateloom generate --standalone` writes the text of what a model needs into the generated files instead.
"""
