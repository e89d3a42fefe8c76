"""Identifiers of generated code: the model's own names, changed only where a language forbids them."""

from __future__ import annotations

import builtins
import keyword
import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from rateloom.generator.ir.nodes import Node

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
class Names:
    """Gives each node one identifier, and no identifier twice.

    Parameters
    ----------
    reserved : set of str
        Words of the languages and identifiers that the templates use themselves.
    """

    reserved: frozenset[str]
    taken: set[str] = field(default_factory=set)
    of: dict[Node, str] = field(default_factory=dict)
    scalars: set[Node] = field(default_factory=set)
    anonymous: int = 0

    def give(self, node: Node, wish: str | None = None) -> str:
        """Return the node's identifier, made from the wished name if it has none yet."""
        if node not in self.of:
            self.of[node] = self.unique(wish or self.describe(node))
        return self.of[node]

    def copy(self) -> Names:
        """Return names that start as these and then go their own way: those of one loop."""
        return Names(self.reserved, set(self.taken), dict(self.of), set(self.scalars), self.anonymous)

    def give_scalar(self, node: Node, name: str) -> None:
        """Name a leaf that every loop has at hand as one number."""
        self.of[node] = name
        self.scalars.add(node)

    def is_scalar(self, node: Node) -> bool:
        """Whether a node is one number for all lanes, not a row."""
        return node in self.scalars

    def unique(self, wish: str) -> str:
        """Return a free identifier, the wish itself if possible."""
        base = re.sub(r"\W", "_", wish.replace("]", ""))
        name, count = base, 1
        while name in self.taken or self.is_reserved(name):
            if self.is_reserved(name):
                name = base = base + "_"
            else:
                count += 1
                name = f"{base}_{count}"
        self.taken.add(name)
        return name

    def is_reserved(self, name: str) -> bool:
        """Whether a name is a template's: one of its words, or a stem that it numbers, as in ``words_0``."""
        stem = name.rstrip("0123456789")
        return name in self.reserved or (stem.endswith("_") and stem in self.reserved)

    def describe(self, node: Node) -> str:
        """Name an unnamed value by what it is, where that is short to say, else by a number."""
        known = [self.of.get(a) for a in node.args]
        if len(known) == 1 and known[0] and node.op not in ("sqrt", "neg", "not"):
            return f"{node.op}_{known[0]}"
        if node.op == "mul" and node.args[0] is node.args[1] and known[0]:
            return f"{known[0]}_squared"
        if node.op == "div" and node.args[0].value == 1.0 and known[1]:
            return f"inverse_{known[1]}"
        if node.op == "sqrt" and known[0]:
            return f"root_{known[0]}"
        self.anonymous += 1
        return f"u{self.anonymous}"


def reserve(templates: Iterable[str]) -> frozenset[str]:
    """Return what no model's name may become: words of the languages and identifiers of the templates."""
    words = set(forbidden_names())
    for text in templates:
        # an expression of the template's may hold one level of braces, as in a formatted string
        mako = r"\$\{(?:[^{}]|\{[^{}]*\})*\}|<%.*?%>|^%.*?$|##.*?$"
        skeleton = re.sub(mako, " ", text, flags=re.MULTILINE | re.DOTALL)
        text_or_comment = r'""".*?"""|"[^"\n]*"|//.*?$|# .*?$|/\*.*?\*/'
        skeleton = re.sub(text_or_comment, " ", skeleton, flags=re.MULTILINE | re.DOTALL)
        # what follows a dot is a member: it cannot be confused with a name
        words.update(re.findall(r"(?<![.\w])[A-Za-z_]\w*", skeleton))
    return frozenset(words)
