"""The compiling of functions that generated kernels call: inlined, or once for all models."""

from numba import config, njit, types
from numba.extending import intrinsic, overload

# Without Numba's run-time ("nrt") a function can make no array, and does not count who uses one: counts are atomic
# operations, which a processor takes some twenty cycles for.
OPTIONS = {"nogil": True, "error_model": "numpy", "no_cfunc_wrapper": True, "_nrt": False}
# code that comes with a model may make arrays
CODE_OPTIONS = {**OPTIONS, "_nrt": True}
# LLVM halves the vectors of Intel's processors with AVX-512 (its tuning `prefer-256-bit`), for code that has few of
# them; processors without such vectors ignore it
WIDEST = '"prefer-vector-width"="512"'


@intrinsic
def use_wide_vectors(typing):
    """Compile the function that calls this with the widest vectors that the processor has."""

    def generate(context, builder, signature, arguments):
        # llvmlite adds no attribute that has a value, but writes those that are there
        set.add(builder.function.attributes, WIDEST)
        return context.get_dummy_value()

    return types.void(), generate


def no_vectors():
    """Do nothing: Numba's compiler is switched off."""


if config.DISABLE_JIT:
    use_wide_vectors = no_vectors


class inlined:  # noqa: N801
    """A function that kernels inline: a decorator.

    Numba keeps machine code by a function's text and by what its closure holds. An inlined function in a closure
    is known by its name and by what its own closure holds: the text lies in a file that its content names.
    """

    def __init__(self, function):
        self.function = function
        options = {name: value for name, value in OPTIONS.items() if name != "nogil"} | {"forceinline": True}
        overload(self, jit_options=options, strict=False)(lambda *arguments: function)

    def __call__(self, *arguments):
        return self.function(*arguments)

    def __reduce__(self):
        return str, (self.identity,)

    @property
    def identity(self):
        """Return what tells this function from others of the same module."""
        names, cells = self.function.__code__.co_freevars, self.function.__closure__ or ()
        held = (f"{name}={identity_of(cell.cell_contents)}" for name, cell in zip(names, cells, strict=True))
        return f"{self.function.__qualname__}({', '.join(held)})"


def identity_of(value):
    """Return what a value in a closure is known by: a function's name, or else the value as text."""
    if isinstance(value, inlined):
        return value.identity
    return getattr(value, "__qualname__", None) or repr(value)


def compiled_once(function):
    """Compile a function by itself: a decorator. All models share its machine code, which is kept on disk.

    It calls nothing of another file but `copies` and this one, since Numba notices changes of the function's own
    file alone: whoever changes these two empties the folder of kept kernels beside them.
    """
    try:
        return njit(cache=True, **OPTIONS)(function)
    except RuntimeError:  # no folder can be written
        return njit(**OPTIONS)(function)
