"""The elementary functions as CUDA C++, translated from what Numba modules carry, operation by operation.

One arithmetic on all targets gives one result, to the bit, wherever a quotient and a root are correctly
rounded. What is translated is a small part of Python: assignments, conditional expressions, operators, calls.
"""

from __future__ import annotations

import ast
import functools
from collections.abc import Iterable

from rateloom.generator.targets.numba.elementary_text import (
    ANGLES,
    FUNCTIONS,
    PRECISIONS,
    SERVING,
    Precision,
    elementary_functions,
)

_BITS = """\
__device__ __forceinline__ unsigned int to_bits(float x) { return __float_as_uint(x); }
__device__ __forceinline__ unsigned long long to_bits(double x) { return __double_as_longlong(x); }
__device__ __forceinline__ float from_bits(unsigned int word) { return __uint_as_float(word); }
__device__ __forceinline__ double from_bits(unsigned long long word) { return __longlong_as_double(word); }"""
_WRITTEN_HERE = ("fma", "exact_fma", "to_bits", "from_bits", "by_precision", "function")
_NAMES = {"abs": "fabs", "np.floor": "floor", "math.sqrt": "sqrt"}
_OPERATORS: dict[type[ast.AST], tuple[str, int]] = {
    ast.Or: ("||", 1), ast.And: ("&&", 2), ast.BitOr: ("|", 3), ast.BitXor: ("^", 4), ast.BitAnd: ("&", 5),
    ast.Eq: ("==", 6), ast.NotEq: ("!=", 6), ast.Lt: ("<", 7), ast.LtE: ("<=", 7), ast.Gt: (">", 7),
    ast.GtE: (">=", 7), ast.LShift: ("<<", 8), ast.RShift: (">>", 8), ast.Add: ("+", 9), ast.Sub: ("-", 9),
    ast.Mult: ("*", 10), ast.Div: ("/", 10), ast.USub: ("-", 11), ast.Not: ("!", 11),
}  # fmt: skip
_ATOM = 12


def cuda_functions(used: Iterable[str]) -> str:
    """Write functions and those that they need themselves, each as an overload for either precision.

    Parameters
    ----------
    used : iterable of str
        Names among `FUNCTIONS` and ``any_sin``, ``any_cos``, ``any_tan``.
    """
    tree = ast.parse(elementary_functions(used))
    bodies = [n for n in tree.body if isinstance(n, ast.FunctionDef) and n.name not in _WRITTEN_HERE]
    return "\n\n".join([_BITS, *(_function(body) for body in bodies)]) if bodies else ""


@functools.cache
def cuda_picks(name: str) -> str:
    """Write what a model's equations call by this name: in single precision, maybe the device's own."""
    own = f"any_{name}" if name in ANGLES else name
    names = {"pow": ("x", "y"), "exp_plus": ("x", "summand")}.get(name, ("x",))
    parameters = {real: ", ".join(f"{real} {n}" for n in names) for real in ("float", "double")}
    head, actual = "__device__ __forceinline__", ", ".join(names)
    native = "::exp(x) + summand" if name == "exp_plus" else f"::{name}({actual})"
    return "\n".join(
        (
            f"{head} double {name}({parameters['double']}) {{ return elementary::{own}({actual}); }}",
            f"{head} float {name}({parameters['float']})",
            f"{{ return NATIVE_MATH ? {native} : elementary::{own}({actual}); }}",
        )
    )


def _function(body: ast.FunctionDef) -> str:
    precision = next(p for p in PRECISIONS if body.name.endswith(f"_{p.name}"))
    real = "float" if precision.single else "double"
    arguments = [a.arg for a in body.args.args]
    known = set(arguments)
    description = ast.get_docstring(body)
    lines = [line for statement in body.body[1:] for line in _statement(statement, precision, known)]
    name = body.name.removesuffix(f"_{precision.name}")
    parameters = ", ".join(f"{real} {a}" for a in arguments)
    inner = "\n".join(f"    {line}" for line in lines)
    return f"// {description}\n__device__ __forceinline__ {real} {name}({parameters})\n{{\n{inner}\n}}"


def _statement(node: ast.stmt, p: Precision, known: set[str]) -> list[str]:
    """Write a statement; a name is declared where it is assigned first."""
    match node:
        case ast.Return(value=ast.expr() as value):
            return [f"return {_text(value, p)};"]
        case ast.Assign(targets=[ast.Tuple(elts=names)], value=ast.Tuple(elts=values)):
            pairs = zip(names, values, strict=True)
            return [line for name, value in pairs for line in _statement(ast.Assign([name], value), p, known)]
        case ast.Assign(targets=[ast.Name(id=name)], value=value):
            declared = "" if name in known else "auto "
            known.add(name)
            return [f"{declared}{name} = {_text(value, p)};"]
        case ast.AugAssign(target=ast.Name(id=name), op=op, value=value):
            return [f"{name} {_OPERATORS[type(op)][0]}= {_text(value, p)};"]
    raise NotImplementedError(ast.unparse(node))


def _text(node: ast.expr, p: Precision) -> str:
    return _expression(node, p)[0]


def _expression(node: ast.expr, p: Precision) -> tuple[str, int]:
    """Return the text of an expression and how tightly its outermost operator binds."""
    match node:
        case ast.Constant(value=float() | int() as number):
            return _number(number, p), _ATOM
        case ast.Name(id=name):
            return name, _ATOM
        case ast.Attribute():
            return _limit(ast.unparse(node), p), _ATOM
        case ast.IfExp(test=test, body=yes, orelse=no):
            texts = [_wrap(_expression(part, p), 1) for part in (test, yes, no)]
            return "{} ? {} : {}".format(*texts), 0
        case ast.UnaryOp(op=op, operand=operand):
            symbol, level = _OPERATORS[type(op)]
            return symbol + _wrap(_expression(operand, p), level), level
        case ast.BoolOp(op=op, values=values):
            symbol, level = _OPERATORS[type(op)]
            return f" {symbol} ".join(_wrap(_expression(v, p), level + 1) for v in values), level
        case (
            ast.BinOp(left=left, op=ast.operator() | ast.cmpop() as op, right=right)
            | ast.Compare(left=left, ops=[op], comparators=[right])
        ):
            symbol, level = _OPERATORS[type(op)]
            # bits are combined in brackets: C++ lets them bind less than readers think
            least = _ATOM if 3 <= level <= 5 or level == 8 else level
            before = _wrap(_expression(left, p), least)
            return f"{before} {symbol} {_wrap(_expression(right, p), max(least, level + 1))}", level
        case ast.Call(func=ast.Name(id="f32"), args=[argument]):
            return _expression(argument, p)
        case ast.Call(func=ast.Name(id="w32" | "w64"), args=[argument]):
            # what is cast is an unsigned integer of this width already, unless it is a number
            text, level = _expression(argument, p)
            return (text + _suffix(p), level) if isinstance(argument, ast.Constant) else (text, level)
        case ast.Call(func=function, args=arguments):
            name = ast.unparse(function)
            # by a full name the library's, else the function of the same namespace
            callee = _NAMES.get(name) or name.replace("math.", "::")
            return f"{callee}({', '.join(_text(a, p) for a in arguments)})", _ATOM
    raise NotImplementedError(ast.unparse(node))


def _suffix(p: Precision) -> str:
    return "u" if p.single else "ull"


def _number(number: float, p: Precision) -> str:
    if isinstance(number, int):
        return hex(number) if number >= 4096 else str(number)
    return f"{number!r}f" if p.single else repr(number)


def _limit(name: str, p: Precision) -> str:
    """Write infinity or the quiet NaN by its bits: without headers there is no name for it."""
    word = p.bits({"np.inf": float("inf"), "np.nan": float("nan")}[name])
    return f"from_bits({word:#x}{_suffix(p)})"


def _wrap(text: tuple[str, int], least: int) -> str:
    return text[0] if text[1] >= least else f"({text[0]})"


def header_part() -> str:
    """Write all functions in a namespace of their own, and in another what equations call by their names."""
    functions = cuda_functions([*FUNCTIONS, *(f"any_{name}" for name in ANGLES)])
    picks = "\n".join(cuda_picks(name) for name in FUNCTIONS if name not in SERVING)
    return "\n".join(
        [
            "namespace elementary {", functions, "}  // namespace elementary", "",
            "// What equations call.", "namespace math {", picks, "}  // namespace math",
        ]
    )  # fmt: skip
