"""Identifiers of generated code: the program's names, changed where a target has another use for them."""

from __future__ import annotations

import builtins
import keyword
from collections.abc import Iterable, Set
from dataclasses import dataclass, field

# Words of C++ and CUDA, macros that a compiler may define, and `fabs`, which is what `abs` is called there. A
# local variable may hide any other function of a library.
_C_WORDS = frozenset(
    """
    alignas alignof and and_eq asm auto bitand bitor bool break case catch char char8_t char16_t char32_t
    class compl concept const consteval constexpr constinit const_cast continue co_await co_return co_yield
    decltype default delete do double dynamic_cast else enum explicit export extern false float for friend
    goto if inline int long mutable namespace new noexcept not not_eq nullptr operator or or_eq private
    protected public register reinterpret_cast requires restrict return short signed sizeof static
    static_assert static_cast struct switch template this thread_local throw true try typedef typeid typename
    union unsigned using virtual void volatile wchar_t while xor xor_eq
    threadIdx blockIdx blockDim gridDim warpSize fabs
    NULL INFINITY NAN HUGE_VAL EOF assert errno unix linux i386 signbit isnan isinf isfinite
    M_E M_LOG2E M_LOG10E M_LN2 M_LN10 M_PI M_PI_2 M_PI_4 M_1_PI M_2_PI M_2_SQRTPI M_SQRT2 M_SQRT1_2
    """.split()  # noqa: SIM905
)


def forbidden_names() -> frozenset[str]:
    """Names that mean something in Python, C or CUDA, so that no generated identifier may have them."""
    return _C_WORDS | frozenset(keyword.kwlist) | frozenset(dir(builtins))


@dataclass
class Identifiers:
    """Maps a program's names to identifiers of one target.

    Attributes
    ----------
    reserved : set of str
        Words of the language, and what the target's templates and support code call their own values.
    taken : set of str
        All names of the program.
    of : dict of str to str
        Those that are changed.
    """

    reserved: Set[str]
    taken: set[str]
    of: dict[str, str] = field(default_factory=dict)

    def __call__(self, name: str) -> str:
        """Return a name's identifier: itself, or with underscores behind it."""
        if not self._is_reserved(name):
            return name
        if name not in self.of:
            identifier = name
            while self._is_reserved(identifier) or identifier in self.taken:
                identifier += "_"
            self.taken.add(identifier)
            self.of[name] = identifier
        return self.of[name]

    def all(self, names: Iterable[str]) -> list[str]:
        """Return the identifiers of several names."""
        return [self(name) for name in names]

    def _is_reserved(self, name: str) -> bool:
        """Whether a name is the target's: one of its words, or a stem that it numbers, as in ``words_0``."""
        stem = name.rstrip("0123456789")
        return name in self.reserved or (stem.endswith("_") and stem in self.reserved)
