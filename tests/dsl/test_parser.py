"""What the expression grammar accepts, what it makes of it, and where it says that something is wrong."""

import math

import pytest
import sympy
from work import at_most

from rateloom.dsl.operations import COMPARISONS, OPERATIONS, call, symbol
from rateloom.dsl.parser import ExpressionError, Named, parse, parse_condition, parse_expression

# four times those that the longest of these expressions takes
CALLS = 5_000_000

a, b, c, x, y = (symbol(name) for name in "abcxy")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1 + 2*x", 1 + 2 * x),
        ("-x^2", -(x**2)),
        ("x^-1", 1 / x),
        ("2^-x", sympy.Integer(2) ** -x),
        ("a**b**c", a ** (b**c)),
        ("a - b - c", a - b - c),
        ("a / b / c", a / (b * c)),
        ("a / b * c", a * c / b),
        ("+x", x),
        ("a*-b", -a * b),
        ("sqrt(x)", x ** sympy.Rational(1, 2)),
        ("x^0.5", x ** sympy.Rational(1, 2)),
        ("x^2.0", x**2),
        ("x ** -1.5", x ** sympy.Rational(-3, 2)),
        ("pow(x, y)", x**y),
        ("x^0.3", x ** sympy.Float(0.3)),
        ("x / 3", x * sympy.Rational(1, 3)),
        ("pi * x", sympy.pi * x),
        ("max(x, -inf)", OPERATIONS["max"](x, -sympy.oo)),
        ("min(a, b, c)", OPERATIONS["min"](OPERATIONS["min"](a, b), c)),
        ("exp(x)*exp(y)", OPERATIONS["exp"](x) * OPERATIONS["exp"](y)),
        ("F(a, b + 1)", call("F", (a, b + 1))),
        ("F()", call("F", ())),
        ("diff(F(a, b), x)", call("F", (a, b), ("x",))),
        ("diff(F(a, b), y, x)", call("F", (a, b), ("x", "y"))),
        ("P[3] + P[03]", 2 * symbol("P[3]")),
        ("lambda * for + int / def", symbol("lambda") * symbol("for") + symbol("int") / symbol("def")),
        ("S + I + E + N", symbol("S") + symbol("I") + symbol("E") + symbol("N")),
        ("True + None + print", symbol("True") + symbol("None") + symbol("print")),
        ("a\n +\t b", a + b),
        ("1e3 * x", sympy.Float(1000.0) * x),
        (".5 * x", sympy.Float(0.5) * x),
        ("5. * x", sympy.Float(5.0) * x),
    ],
)
def test_value(text, expected):
    assert parse_expression(text) == expected


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("60 * 2 * pi / 1000", 60 * 2 * math.pi / 1000),
        ("0.1 + 0.2", 0.1 + 0.2),
        ("0.641 / 1000.0", 0.641 / 1000.0),
        ("2^10", 1024.0),
        ("2^-1", 0.5),
        ("2^0.5", math.sqrt(2)),
        ("sqrt(2)^2", 2.0),
        ("-3 + 1", -2.0),
        ("exp(1) - expm1(1)", math.exp(1) - math.expm1(1)),
        ("erfc(0.3) + erf(0.3)", 1.0),
        ("min(3, 1, 2) + max(3, 1, 2)", 4.0),
        ("heaviside(0) + sign(-3) + floor(-1.5) + ceil(-1.5) + abs(-1)", 1 - 1 - 2 - 1 + 1),
        ("inf", math.inf),
        ("-inf", -math.inf),
        ("9007199254740993", 9007199254740992.0),
        ("12345678901234567890", 12345678901234567890.0),
        ("(-2)^3", -8.0),
        ("0^0", 1.0),
        ("x - x", 0.0),
    ],
)
def test_constant(text, value):
    assert parse(text).constant == pytest.approx(value, rel=1e-15)


def test_numbers_keep_their_exactness():
    assert parse_expression("9007199254740992").is_Integer
    assert parse_expression("9007199254740993").is_Float
    assert parse_expression("1/3 + 1/3") == sympy.Rational(2, 3)
    assert float(parse_expression("0.1")) == 0.1
    assert parse_expression("0.3 / 0.1") == sympy.Float(0.3 / 0.1)


def test_elementary_functions_of_numbers_stay_as_written():
    assert parse_expression("exp(1.5)") == OPERATIONS["exp"](sympy.Float(1.5))
    assert parse_expression("exp(1.5)").func is OPERATIONS["exp"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a < b", COMPARISONS["<"](a, b)),
        ("a .leq. b", COMPARISONS["<="](a, b)),
        ("1.lt.x", COMPARISONS["<"](sympy.Integer(1), x)),
        ("x.gt.1.", COMPARISONS[">"](x, sympy.Float(1.0))),
        ("x.geq..5", COMPARISONS[">="](x, sympy.Float(0.5))),
        ("a == b", COMPARISONS["=="](a, b)),
        ("a .neq. b", COMPARISONS["!="](a, b)),
        ("a < b < c", COMPARISONS["and"](COMPARISONS["<"](a, b), COMPARISONS["<"](b, c))),
        ("not a < b", COMPARISONS["not"](COMPARISONS["<"](a, b))),
        (
            "a < b and b < c or a > c",
            COMPARISONS["or"](
                COMPARISONS["and"](COMPARISONS["<"](a, b), COMPARISONS["<"](b, c)), COMPARISONS[">"](a, c)
            ),
        ),
        (
            "a .eq. b .and. .not. (b .gt. c)",
            COMPARISONS["and"](COMPARISONS["=="](a, b), COMPARISONS["not"](COMPARISONS[">"](b, c))),
        ),
    ],
)
def test_condition(text, expected):
    assert parse_condition(text) == expected


@pytest.mark.parametrize(
    ("text", "code", "column"),
    [
        ("", "E104", 1),
        ("   ", "E104", 1),
        ("a +", "E104", 4),
        ("a b", "E104", 3),
        ("2 x", "E104", 3),
        ("2(x)", "E104", 2),
        ("(a)(b)", "E104", 4),
        ("F(a)(b)", "E104", 5),
        ("(a", "E104", 1),
        ("a)", "E104", 2),
        ("(a]", "E104", 3),
        ("()", "E104", 2),
        ("F(,)", "E104", 3),
        ("a, b", "E104", 2),
        ("(a, b)", "E104", 3),
        ("a * * b", "E104", 5),
        ("a = b", "E104", 3),
        ("a && b", "E104", 3),
        ("!a", "E104", 1),
        ("a % b", "E104", 3),
        ("a.b", "E104", 2),
        ("{x^2}", "E104", 1),
        ("'a'", "E104", 1),
        ("a; b", "E104", 2),
        ("é + 1", "E104", 1),
        ("1_000", "E104", 2),
        ("0x10", "E104", 2),
        ("1j", "E104", 2),
        ("1.0f", "E104", 4),
        ("a if b else c", "E104", 3),
        ("lambda: 0", "E104", 7),
        ("[a]", "E104", 1),
        ("a - not b", "E104", 5),
        ("exp", "E104", 1),
        ("diff(x, y)", "E104", 1),
        ("diff(exp(x), x)", "E104", 6),
        ("diff(F(x), 1)", "E104", 1),
        ("diff(F(x))", "E103", 1),
        ("1 + exp(1, 2)", "E103", 5),
        ("min(1)", "E103", 1),
        ("pow(2)", "E103", 1),
        ("sqrt()", "E103", 1),
        ("x / 0", "E116", 5),
        ("x / 0.0", "E116", 5),
        ("x / (2 - 2)", "E116", 6),
        ("x / (y - y)", "E116", 6),
        ("a / 0 / b", "E116", 5),
        ("1 / sin(0)", "E116", 5),
        ("0^-1", "E116", 3),
        ("1e400", "E117", 1),
        ("1 + 1e-400", "E117", 5),
        ("1e308 * 10", "E117", 9),
        ("1e308 * x * 1e308", "E117", 13),
        ("exp(1000)", "E117", 1),
        ("x^inf", "E117", 3),
        ("sqrt(-1)", "E119", 1),
        ("(-8)^(1/3)", "E119", 7),
        ("log(0)", "E119", 1),
        ("log(-1) + x", "E119", 1),
        ("inf - inf", "E119", 7),
        ("0 * inf", "E119", 5),
        ("sqrt(-pi) * x", "E119", 1),
        ("P[-1]", "E118", 1),
        ("P[i]", "E118", 1),
        ("P[1.5]", "E118", 1),
        ("P[9999999]", "E118", 1),
        ("a < b", "E120", 1),
        ("1 + (a < b)", "E120", 6),
        ("not a", "E120", 1),
    ],
)
def test_bad_value(text, code, column):
    with pytest.raises(ExpressionError) as caught:
        parse_expression(text)
    assert (caught.value.code, caught.value.column) == (code, column)
    assert "\n" not in caught.value.message


@pytest.mark.parametrize("text", ["a", "1", "a and b", "a < b or c", "not (a)", "exp(a)", "F(a)"])
def test_a_condition_must_compare(text):
    with pytest.raises(ExpressionError, match="must compare") as caught:
        parse_condition(text)
    assert caught.value.code == "E120"


@pytest.mark.parametrize(
    "text",
    [
        "9**9**9**9",
        "10^10^10",
        "(3*x)**(10**9)",
        "((((3*x)^1000)^1000)^1000)",
        "*".join(["1e200"] * 1500),
        "3*x*" * 900 + "3",
        "pi^(10^10)",
        "(exp(1)*x)^(10^9)",
        "(" * 60 + "x" + ")" * 60,
        "-" * 9000 + "x",
        "**".join(["a"] * 1900),
        "F(" * 60 + "x" + ")" * 60,
        "x" * 10_001,
        "+".join(["a"] * 5000),
        "9" * 9_999,
    ],
)
def test_what_would_take_forever_is_refused_at_once(text):
    with at_most(calls=CALLS), pytest.raises(ExpressionError) as caught:
        parse_expression(text)
    assert caught.value.code in ("E004", "E117")


@pytest.mark.parametrize(
    "text",
    ["not " * 2000 + "a < b", "a" + " < b" * 60, " or ".join(["a < b"] * 60), "(" * 60 + "a < b" + ")" * 60],
)
def test_conditions_nested_too_deep_are_refused(text):
    with pytest.raises(ExpressionError, match="nested more than 50 deep") as caught:
        parse_condition(text)
    assert caught.value.code == "E004"


@pytest.mark.parametrize(
    "text",
    [
        "+".join(f"a{i}*b{i}" for i in range(900)),
        "+".join(f"x/{i}" for i in range(1001, 2000)),
        "*".join(f"sqrt({i}*x)" for i in range(1001, 1100)),
        "*".join(f"(a{i}+b{i})" for i in range(700)),
        "/".join(f"(a{i}+b{i})" for i in range(700)),
        "*".join(f"{i}^x" for i in range(2, 900)),
        "(" * 49 + "x + y" + ")*1000003" * 49,
        "1/(1 + " * 24 + "x" + ")" * 24,
        "cos(1e300) + sin(1e300) + exp(-1e300) + erfc(1e300) + floor(1e300)",
    ],
)
def test_reading_long_expressions_is_little_work(text):
    with at_most(calls=CALLS):
        parse_expression(text)


def test_numbers_in_expressions_stay_within_double_precision():
    expression = parse_expression("+".join(f"x/{i}" for i in range(1001, 1500)))
    coefficient = float(expression.as_coeff_Mul()[0])
    assert coefficient == pytest.approx(sum(1 / i for i in range(1001, 1500)), rel=1e-14)
    assert expression.as_coeff_Mul()[0].is_Float


def test_names_and_calls_are_kept_even_where_they_cancel():
    parsed = parse("tua - tua + P[2] + F(x)")
    assert Named("tua", 1) in parsed.names
    assert Named("P", 13, 2) in parsed.names
    assert [(called.function, called.count, called.wrt) for called in parsed.calls] == [("F", 1, ())]
