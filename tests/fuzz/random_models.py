"""Random models as text, each from its number: small, and mixed as nobody would mix them."""

from __future__ import annotations

import random
from collections.abc import Sequence
from xml.sax.saxutils import quoteattr

# words of targets, of the generated code and of Python's library among them
_WORDS = """
    x y z E I V r lambda for int float double real rows entry threadIdx True None np math state fma
    class register G k a b tau w_e sigma_2 sum dot half carry increment noise derivatives heun t0 dtt
    pi2 n min_ max_ e exp2 clock coupled lanes lane block select volatile template operator new delete
    auto signed bool NULL N_A x1 q self_weight
"""
_NAMES = [*_WORDS.split(), *(letter * 64 for letter in "ABCDF")]
# what a constant may be beside a number, and what the language knows
_CONSTANTS = (
    "0", "1", "2", "-1", "0.5", "2/3", "1e-3", "1.7", "heaviside(0.9)", "min(1, 2)",
    "max(0.1, 0.2, 0.3)", "sign(-2)", "(1 - 1)", "0 * 3", "sqrt(2)", "cos(0)", "floor(2.5)", "pi", "dt",
    "n_node", "2^-1", "4^0.5", "abs(-0.3)",
)  # fmt: skip
# each takes any numbers to a number of moderate size, smoothly
_SMOOTH = (
    "tanh({a})", "sin({a})", "cos({a})", "atan({a})", "exp(-({a})^2)", "log1p(({a})^2)",
    "log(1 + ({a})^2)", "sqrt(({a})^2 + 0.1)", "(1 + ({a})^2)^(-0.5)", "(1 + ({a})^2)^-1",
    "1 / (1 + exp(-({a})))", "erf({a})", "erfc({a})", "tanh({a})^3", "pow(2, tanh({a}))",
    "(1.5 + sin({a}))^1.3", "asin(0.9 * sin({a}))", "acos(0.9 * cos({a}))", "expm1(tanh({a}))",
    "log10(1 + ({a})^2)", "sinh(tanh({a}))", "cosh(tanh({a}))", "tan(tanh({a}))",
    "({a}) / (1 + ({b})^2)", "tanh({a}) * cos({b})", "(1 + ({a})^2)^(tanh({b}))",
    "({a}) / 3 - 2 * ({b}) / 7",
)  # fmt: skip
_ROUGH = (
    "min({a}, {b})", "max({a}, {b}, -0.2)", "abs({a})", "sign({a})", "heaviside({a})", "floor({a})",
    "ceil({a})", "abs({a})^1.5", "abs({a})^0.5", "min({a}, inf)", "max({a}, -inf)",
    "heaviside(({a}) - ({b}))",
)  # fmt: skip
_LINEAR = (
    "({a}) + ({b})",
    "({a}) - ({b})",
    "-({a})",
    "({a}) * ({b})",
    "{a} - {b}",
    "{a} + {b} * {c}",
    "-{a}^2 + {b}",
)
_COMPARISONS = ("<", "<=", ">", ">=", "==", "!=", ".lt.", ".leq.", ".gt.", ".geq.", ".eq.", ".neq.")


class Writer:
    """Writes random expressions of names that are known at a place."""

    def __init__(self, chance: random.Random) -> None:
        self.chance = chance

    def atom(self, names: Sequence[str]) -> str:
        if names and self.chance.random() < 0.75:
            return self.chance.choice(names)
        return f"({self.chance.choice(_CONSTANTS)})"

    def expression(self, names: Sequence[str], depth: int = 2, rough: bool = True) -> str:
        """An expression that is finite for any values of its names."""
        if depth == 0:
            return self.atom(names)
        kinds = [_SMOOTH, _LINEAR, _LINEAR] + ([_ROUGH] if rough else [])
        form = self.chance.choice(self.chance.choice(kinds))
        depths = [self.chance.randrange(depth) for _ in range(3)]
        # without brackets around them only atoms stand
        plain = "({a})" not in form
        a, b, c = (self.expression(names, 0 if plain and "(" not in form else d, rough) for d in depths)
        return form.format(a=a, b=b, c=c)

    def condition(self, names: Sequence[str]) -> str:
        """A condition, perhaps of constants alone."""
        roll = self.chance.random()
        if roll < 0.1:
            return self.chance.choice(("1 < 2", "0 > 1", "n_node > 2", "dt < 1", "not 1 == 1"))
        if roll < 0.3:
            low, high = (self.expression(names, 1) for _ in range(2))
            return f"{low} < {self.atom(names)} <= {high}"
        one = f"{self.expression(names, 1)} {self.chance.choice(_COMPARISONS)} {self.expression(names, 1)}"
        if roll < 0.6:
            return one
        two = f"{self.atom(names)} > {self.atom(names)}"
        return self.chance.choice(
            (f"{one} and {two}", f"{one} .or. {two}", f"not ({one} or {two})", f"not {one}")
        )


def element(tag: str, content: str = "", **attributes: str) -> str:
    """Write an element."""
    shown = "".join(f" {name}={quoteattr(value)}" for name, value in attributes.items())
    return f"<{tag}{shown}>{content}</{tag}>" if content else f"<{tag}{shown}/>"


class _Model:
    """A model as it grows: elements, and the names that are known."""

    def __init__(self, number: int, schemes: Sequence[str]) -> None:
        self.chance = random.Random(number)
        self.write = Writer(self.chance)
        self.free = self.chance.sample(_NAMES, len(_NAMES))
        self.parts: list[str] = []
        self.dynamics: list[str] = []
        self.constants: list[str] = []
        self.parameters: list[str] = []
        self.integrator = self.chance.choice(list(schemes))

    def some(self, most: int) -> range:
        """As many as chance will have, none among them."""
        return range(self.chance.randrange(most + 1))

    def name(self) -> str:
        return self.free.pop()

    def chosen(self, texts: Sequence[str]) -> str:
        return self.chance.choice(list(texts))

    def make_parameters(self) -> None:
        for _ in self.some(3):
            self.parameters.append(self.name())
            value = self.chosen(("0.7", "-1.3", "0", "1", "2 / 3", "pi", "1e-2"))
            self.parts.append(element("Parameter", name=self.parameters[-1], value=value))
        self.constants += self.parameters
        for _ in self.some(1):
            vector = self.name()
            self.parts.append(element("Parameter", name=vector, size="3", value="0.3, -1, 2 / 3"))
            self.constants += [f"{vector}[{k}]" for k in range(3)]

    def make_functions(self) -> list[str]:
        """Functions; returns calls of them and their derivatives, of the arguments {a} and {b}."""
        calls: list[str] = []
        for _ in self.some(2):
            name, arguments, variable = self.name(), [self.name() for _ in range(2)], self.name()
            seen = [*arguments, *self.constants]
            inside = self.write.expression(seen, 2, rough=False)
            variables = element("DerivedVariable", name=variable, value=inside)
            result = self.write.expression([variable, *seen], 2, rough=False)
            if calls and self.chance.random() < 0.5:
                result = f"{result} + {calls[0].format(a=arguments[0], b=variable)}"
            body = variables + element("Return", value=result)
            self.parts.append(element("Function", body, name=name, arguments=", ".join(arguments)))
            call = f"{name}({{a}}, {{b}})"
            calls += [call, f"diff({call}, {arguments[0]})", f"diff({call}, {arguments[1]}, {arguments[0]})"]
        return calls

    def make_derived_parameters(self, calls: Sequence[str]) -> None:
        for _ in self.some(2):
            value = self.write.expression(self.constants, 2)
            if calls and self.chance.random() < 0.3:
                value = calls[0].format(a=f"({value})", b=self.write.atom(self.constants))
            name = self.name()
            self.parts.append(element("DerivedParameter", name=name, value=value))
            self.constants.append(name)

    def make_states(self) -> tuple[list[str], list[str]]:
        """States; returns their names, and those of the angles among them."""
        states, angles = [], []
        for _ in range(self.chance.randint(1, 3)):
            name, attributes = self.name(), {}
            roll = self.chance.random()
            if roll < 0.2:
                angles.append(name)
                attributes["period"] = self.chosen(("2 * pi", "1", "0.7"))
            elif roll < 0.5:
                attributes["lower"] = self.chosen(("-1", "-0.5", "0"))
            if 0.4 < roll < 0.7:
                attributes["upper"] = self.chosen(("0.4", "1", "0.9"))
            free = not {"lower", "upper"} & set(attributes)
            initial = self.chosen(("0.3", "0", "0, 0.35", *(("-0.5, 0.8", "0, 1", "-1") if free else ())))
            states.append(name)
            self.parts.append(element("StateVariable", name=name, initial=initial, **attributes))
        return states, angles

    def make_couplings(self, seen: Sequence[str], sources: Sequence[str]) -> list[str]:
        couplings = []
        for _ in self.some(2):
            source = self.write.expression([*sources, *sources, *seen, *self.constants], 2)
            pre = self.chosen((self.chance.choice(sources), source, "1", f"{sources[0]} - {seen[0]}"))
            attributes = {"delays": "false"} if self.chance.random() < 0.3 else {}
            if self.chance.random() < 0.7:
                more = self.write.expression(["gx", *seen, *self.constants, "t"], 1)
                attributes["post"] = self.chosen(("0.3 * gx", f"tanh(gx) + {more}", "gx / n_node"))
            couplings.append(self.name())
            self.parts.append(element("Coupling", name=couplings[-1], pre=pre, **attributes))
        return couplings

    def make_variables(self, known: Sequence[str], calls: Sequence[str]) -> list[str]:
        """Derived variables, conditional or not; returns all that equations may use."""
        write, names = self.write, list(known)
        for _ in self.some(2):
            value = write.expression(names, 2)
            if calls and self.chance.random() < 0.7:
                call = self.chosen(calls).format(a=write.atom(names), b=write.expression(names, 1))
                value = f"{value} + tanh({call})"
            name = self.name()
            self.dynamics.append(element("DerivedVariable", name=name, value=value))
            names.append(name)
        for _ in self.some(1):
            cases = [
                element("Case", condition=write.condition(names), value=write.expression(names, 1))
                for _ in range(self.chance.randint(1, 2))
            ]
            name, last = self.name(), element("Case", value=write.expression(names, 1))
            self.dynamics.append(element("ConditionalDerivedVariable", "".join([*cases, last]), name=name))
            names.append(name)
        return names

    def make_equations(self, states: Sequence[str], angles: Sequence[str], known: Sequence[str]) -> None:
        """Right-hand sides: of everything, of constants alone, or of the time and a constant."""
        for state in states:
            seen = "" if state in angles else f" - {state}"
            more = f"tanh({self.write.expression(known, 2)})"
            constant = self.write.atom(self.constants)
            value = self.chosen((more, more, f"2 * {more}", "0", constant, f"{self.write.atom(())} * t"))
            self.dynamics.append(element("TimeDerivative", variable=state, value=value + seen))

    def make_noises(self, states: Sequence[str], own: Sequence[str]) -> None:
        """Noise on some states, where the scheme is one for it."""
        for state in states if self.integrator != "rk4" else ():
            if self.chance.random() < 0.4:
                seen = self.write.expression([*own, *self.constants], 1)
                sigma = self.chosen(("0.2", "0", f"0.3 * abs(tanh({seen}))"))
                self.parts.append(element("Noise", variable=state, sigma=sigma))

    def make_exposures(self, states: Sequence[str], known: Sequence[str]) -> None:
        """Exposures of expressions, of the states, or none."""
        for _ in self.some(3):
            value = f"tanh({self.write.expression(known, 2)})"
            self.parts.append(element("Exposure", name=self.name(), value=value))
        if self.chance.random() < 0.5:
            self.parts += [element("Exposure", name=name) for name in states]


def seen_as(states: Sequence[str], angles: Sequence[str], suffix: str = "") -> list[str]:
    """What expressions may use of states: of an angle what whole turns do not change."""
    turn = "sin(2 * pi * {0})"
    return [turn.format(f"{s}{suffix}") if s in angles else f"{s}{suffix}" for s in states]


def model_text(number: int, schemes: Sequence[str]) -> tuple[str, str, list[str]]:
    """Return a model's text, a scheme for it, and the names of its scalar parameters."""
    model = _Model(number, schemes)
    model.make_parameters()
    calls = model.make_functions()
    model.make_derived_parameters(calls)
    states, angles = model.make_states()
    # a sine that whole turns change would jump, so such angles are seen by nobody
    whole = [s for s in states if s not in angles or f'name="{s}"' in _whole_turns(model.parts)]
    own, sources = seen_as(whole, angles), seen_as(whole, angles, "_j")
    couplings = model.make_couplings(own or ["1"], sources or ["1"])
    inputs = [model.name() for _ in model.some(2)]
    model.parts += [element("Input", name=name, default=model.chosen(("0", "0.25"))) for name in inputs]
    known = model.make_variables([*own, *own, *couplings, *inputs, *model.constants, "t"], calls)
    model.make_equations(states, angles, known)
    model.make_noises(states, own)
    model.make_exposures(states, known)
    model.chance.shuffle(model.dynamics)
    text = "\n".join([*model.parts, element("Dynamics", "\n".join(model.dynamics))])
    return f'<Model name="random_{number}">\n{text}\n</Model>', model.integrator, model.parameters


def _whole_turns(parts: Sequence[str]) -> str:
    """The states whose sines whole turns do not change."""
    return "".join(p for p in parts if p.startswith("<StateVariable") and 'period="1"' in p)
