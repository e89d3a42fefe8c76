"""RateML's coupling components: ``name = factor * sum_j w_ij * post * pre``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from . import dialect0_text as text
from .diagnostics import Diagnostic
from .dialect0_leniencies import assumption
from .identifiers import short
from .tree import Element


def translate_coupling(
    component: Element,
    states: Sequence[str],
    constants: Mapping[str, str],
    delays: bool,
    problems: list[Diagnostic],
) -> list[Element]:
    """Translate one coupling component.

    Parameters
    ----------
    component : Element
        The ``ComponentType``.
    states : sequence of str
        State variables in the file's order, which is how RateML counts them.
    constants : mapping
        Names of the coupling's own constants and the names that they have in the model.
    delays : bool
        Whether the file has delays at all.
    problems : list of Diagnostic
        Errors and warnings are appended.

    Returns
    -------
    list of Element
        ``Coupling`` elements, or ``DerivedVariable`` elements if there is nothing to sum.
    """
    sources = _sources(component, states, problems)
    new_names = {**constants, **sources}
    pre, post = _pre_and_post(component, new_names, problems)
    title = short(component.attributes.get("name", ""))
    factors = [child for child in component.children if child.tag == "DerivedParameter"]
    if not factors:
        message = f"coupling component '{title}' has no DerivedParameter; add one to name its result"
        problems.append(Diagnostic(component.where, "E408", message))
    if pre is None and post is not None:
        message = f"coupling component '{title}' has a 'post' and no 'pre'; add one"
        problems.append(Diagnostic(component.where, "E408", message))
    return [
        _coupling(factor, pre, post, sources, states, constants, delays, problems)
        if pre is not None
        else _plain(factor, constants, problems)
        for factor in factors
    ]


def _sources(component: Element, states: Sequence[str], problems: list[Diagnostic]) -> dict[str, str]:
    """Return the new name of each of the component's parameters: the source's state that it holds."""
    result = {}
    for child in component.children:
        if child.tag != "Parameter":
            continue
        name = child.attributes.get("name", "")
        reference = child.attributes.get("dimension", "").strip()
        if text.is_blank(reference):
            reference = name.removesuffix("_j")
        if reference in states:
            result[name] = f"{reference}_j"
        elif reference.isdecimal() and int(reference) < len(states):
            state = states[int(reference)]
            result[name] = f"{state}_j"
            problems.append(assumption("W304", child.where, name=name, index=reference, state=state))
        else:
            choices = ", ".join(f"{i} for {short(state)}" for i, state in enumerate(states[:8]))
            fault = f"the coupling's '{short(name)}' names no state variable by '{short(reference)}'"
            message = f"{fault}; use one of {choices}"
            problems.append(Diagnostic(child.where, "E407", message))
    return result


def _pre_and_post(
    component: Element, new_names: Mapping[str, str], problems: list[Diagnostic]
) -> tuple[str | None, str | None]:
    """Return the texts of ``pre`` and ``post``, None for one that is absent."""
    texts: dict[str, str] = {}
    for child in (c for d in component.children if d.tag == "Dynamics" for c in d.children):
        name = child.attributes.get("name", child.attributes.get("variable", ""))
        if child.tag != "DerivedVariable" or name not in ("pre", "post") or name in texts:
            message = (
                f"{child.tag} '{short(name)}' in a coupling component; only one 'pre' and one 'post' are read"
            )
            problems.append(Diagnostic(child.where, "E408", message))
        elif not text.is_blank(child.attributes.get("value")):
            texts[name] = text.renamed(text.expression(child.attributes["value"]), new_names)
    return texts.get("pre"), texts.get("post")


def _coupling(
    factor: Element,
    pre: str,
    post: str | None,
    sources: Mapping[str, str],
    states: Sequence[str],
    constants: Mapping[str, str],
    delays: bool,
    problems: list[Diagnostic],
) -> Element:
    name = factor.attributes.get("name", "")
    value = _factor(factor, constants)
    for state in sorted(text.names(value).intersection(states)):
        problems.append(assumption("W305", factor.where, name=name, value=value, state=state))
    if post is not None and text.names(post) & set(sources.values()):
        pre, post = f"{text.grouped(post)} * {text.grouped(pre)}", None
    parts = [text.grouped(part) for part in (value, post or "") if text.number(part or "1") != 1.0]
    attributes = {"name": name, "pre": pre, "post": " * ".join([*parts, "gx"])}
    if not delays:
        attributes["delays"] = "false"
        problems.append(assumption("W315", factor.where, name=name))
    return Element("Coupling", attributes, (), factor.where)


def _plain(factor: Element, constants: Mapping[str, str], problems: list[Diagnostic]) -> Element:
    name = factor.attributes.get("name", "")
    value = _factor(factor, constants)
    problems.append(assumption("W312", factor.where, name=name, value=value))
    return Element("DerivedVariable", {"name": name, "value": value}, (), factor.where)


def _factor(factor: Element, constants: Mapping[str, str]) -> str:
    value = factor.attributes.get("value", "")
    return "1" if text.is_blank(value) else text.renamed(text.expression(value), constants)
