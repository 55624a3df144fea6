"""A derivation as JSON, LaTeX and Markdown."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from mccli.api import Result
from mccli.calculus.derivation import (
    ALONG,
    DIFFERENTIAL,
    GRADIENT,
    HESSIAN,
    JACOBIAN,
    PULLBACK,
    Derivation,
    Derivative,
)
from mccli.calculus.steps import Rule
from mccli.cli.convexity_words import convexity_facts
from mccli.cli.derivation_names import LAYOUT_OF, told_chapters
from mccli.cli.derivation_text import DerivationText
from mccli.cli.needs_text import need_text
from mccli.cli.terminal import Terminal
from mccli.expressions.sizes import ONE
from mccli.expressions.tree import Node, Symbol
from mccli.render.latex import latex
from mccli.render.text import text

PLAIN = Terminal(ascii_only=False, colour=False, width=80, interactive=False)


def _formula(node: Node) -> dict[str, Any]:
    return {
        "text": text(node),
        "ascii": text(node, ascii_only=True),
        "latex": latex(node),
        "shape": [str(size) for size in node.shape],
    }


def as_json(result: Result, steps: bool) -> str:
    """The whole result as one JSON document, schema 1."""
    return json.dumps(as_record(result, steps), ensure_ascii=False, indent=2)


def as_record(result: Result, steps: bool) -> dict[str, Any]:
    """The result as plain data."""
    derivation, layout = result.derivation, DerivationText(result, PLAIN, steps=steps)
    start = derivation.first or derivation
    told = list(told_chapters(derivation))
    return {
        "schema": 1,
        "command": "derive",
        "kind": derivation.kind,
        "layout": result.layout or LAYOUT_OF.get(derivation.kind),
        "expression": {"input": result.elaborated.text, **_formula(start.expression)},
        "symbols": {
            name: {"shape": [str(size) for size in s.shape], "properties": sorted(s.properties - {"square"})}
            for name, s in result.used_symbols().items()
        },
        "wrt": [v.name for v in derivation.variables],
        RESULTS_OF[derivation.kind]: [_result(r) for r in result.results],
        "steps": [
            {"left": s.left, **_formula(s.expression), "rules": [layout.rule(r) for r in s.rules]}
            for chapter in told
            for s in chapter.steps
        ]
        if steps
        else [],
        "where": [
            {"name": d.symbol.name, **_formula(d.expression)}
            for chapter in told
            for d in (*chapter.definitions, *chapter.adjoints)
        ],
        "needs": [need_text(n, text) for n in derivation.needs],
        "symmetry_used": list(derivation.symmetry_used),
        "notes": list(result.elaborated.notes),
        "convexity": _convexity(result),
        "check": _check(result),
    }


RESULTS_OF = {
    GRADIENT: "gradients",
    PULLBACK: "gradients",
    JACOBIAN: "jacobians",
    HESSIAN: "hessians",
    DIFFERENTIAL: "differentials",
    ALONG: "derivatives",
}
"""The name of the list of results, by kind."""


def _result(derivative: Derivative) -> dict[str, Any]:
    found = {"wrt": derivative.variable.name, **_formula(derivative.full), "named": text(derivative.named)}
    if derivative.of is not None:
        return {"of": derivative.of.name, **found}
    independent = text(derivative.independent) if derivative.independent is not None else None
    return {**found, "structure": derivative.structure, "independent_entries": independent}


def _convexity(result: Result) -> dict[str, Any] | None:
    found = result.convexity
    if found is None:
        return None
    certificate = found.certificate
    return {
        "verdict": "neither" if found.neither else certificate.verdict,
        "strict": certificate.strict,
        "words": " ".join(words for _, words in convexity_facts(found, text)),
        "where": [need_text(n, text) for n in certificate.domain],
        "given": [f"{symbol.name} {name}" for symbol, name in certificate.declared],
    }


def _check(result: Result) -> dict[str, Any] | None:
    check = result.certificate
    if check is None:
        return None
    return {
        "points": check.points,
        "worst_relative_error": check.worst,
        "tolerance": check.tolerance,
        "method": check.method,
        "passed": check.passed,
    }


def _left(name: str) -> str:
    if name.startswith("vec("):
        return rf"\operatorname{{vec}}({_left(name[4:-1])})"
    if name.startswith("d²"):
        return r"\mathrm{d}^2" + latex(Symbol(name[2:], (ONE, ONE)))
    if name.startswith("d") and len(name) > 1:
        return r"\mathrm{d}" + latex(Symbol(name[1:], (ONE, ONE)))
    return latex(Symbol(name, (ONE, ONE))) if name else ""


def _reason(rule: Rule) -> str:
    if rule.left is not None and rule.right is not None:
        return f"{latex(rule.left)} = {latex(rule.right)}"
    return rf"\text{{{_words(rule.words)}}}"


def _words(words: str) -> str:
    """Words with their few formulas spelled so that LaTeX's text mode can set them."""
    table = {
        "⟨": r"$\langle$",
        "⟩": r"$\rangle$",
        "∘": r"$\odot$",
        "⊗": r"$\otimes$",
        "ᵀ": r"$^{\top}$",
        "&": r"\&",
        "_": r"\_",
    }
    return "".join(table.get(c, c) for c in words)


def _latex_name(derivation: Derivation, result: Derivative) -> str:
    """The name of a result in LaTeX."""
    f, x = derivation.function, latex(result.variable)
    if derivation.kind == DIFFERENTIAL:
        return rf"\mathrm{{d}}{'^2' if derivation.order == 2 else ''}{f}"
    if derivation.kind == ALONG:
        where = ", ".join(latex(v) for v in derivation.variables)
        along = ", ".join(latex(d) for d in derivation.directions)
        start = derivation.first
        if start is not None and len(derivation.results) > 1:
            return rf"\mathrm{{D}}\Bigl(\frac{{\partial {start.function}}}{{\partial {x}}}\Bigr)[{along}]"
        return (
            rf"\mathrm{{D}}{f}({where})[{along}]" if start is None else rf"\nabla^2 {start.function}({where})[{along}]"
        )
    if derivation.kind == HESSIAN:
        assert result.of is not None
        return (
            rf"\frac{{\partial^2 {f}}}{{\partial {_stacked(result.of)}\,\partial {_stacked(result.variable)}^{{\top}}}}"
        )
    if derivation.kind == JACOBIAN and not result.variable.is_scalar:
        above = f if derivation.expression.columns == ONE else rf"\operatorname{{vec}}({f})"
        return rf"\frac{{\partial {above}}}{{\partial {_stacked(result.variable)}^{{\top}}}}"
    return rf"\frac{{\partial {f}}}{{\partial {x}}}"


def _stacked(variable: Symbol) -> str:
    return latex(variable) if variable.columns == ONE else rf"\operatorname{{vec}}({latex(variable)})"


def _aligned(result: Result, steps: bool) -> list[str]:
    derivation, layout = result.derivation, DerivationText(result, PLAIN, steps=steps)
    start = derivation.first or derivation
    rows = [rf"{start.function} &= {latex(start.expression)}"]
    for chapter in told_chapters(derivation) if steps else ():
        if chapter is not start:
            rows += _row(rf"{chapter.function} &= {latex(chapter.expression)}", r"\text{the gradient}")
        rows += _chapter(chapter, layout)
    for derivative in result.results:
        shown = layout.shown_form(derivative)
        rows.append(f"{_latex_name(derivation, derivative)} &= {latex(shown)}")
        rows += [rf"{latex(d.symbol)} &= {latex(d.expression)}" for d in layout.needed_names(shown) if not steps]
    return rows


def _chapter(derivation: Derivation, layout: DerivationText) -> list[str]:
    rows: list[str] = []
    for step in derivation.steps:
        reason = r",\; ".join(_reason(r) for r in step.rules)
        rows += _row(rf"{_left(step.left)} &= {latex(step.expression)}", reason)
    canonical = " + ".join(_pairing(v, g) for v, g in derivation.pairs) if layout.canonical(derivation) else ""
    if canonical and not rows[-1].startswith((f"&= {canonical}", f" &= {canonical}")):
        rows += _row(f"&= {canonical}", _read_off(derivation))
    return rows


def _read_off(derivation: Derivation) -> str:
    """The identification in the last line."""
    if len(derivation.results) > 1:
        return r"\text{read off each gradient}"
    variable = derivation.variables[0]
    pair = rf"(\nabla {derivation.function})^{{\top}} {_left(f'd{variable.name}')}"
    body = pair if variable.columns == ONE else rf"\operatorname{{tr}}({pair})"
    return rf"\mathrm{{d}}{derivation.function} = {body}"


WIDEST_ROW = 150
"""Characters of LaTeX in a formula and its reason that fit side by side; beyond, the reason goes below."""


def _row(formula: str, reason: str) -> list[str]:
    if len(formula) + len(reason) <= WIDEST_ROW:
        return [f"{formula} && {reason}"]
    return [formula, rf"&\qquad {reason}"]


def _pairing(variable: Symbol, gradient: Node) -> str:
    change = _left(f"d{variable.name}")
    if variable.is_scalar:
        return rf"\left({latex(gradient)}\right) {change}"
    pair = rf"\left({latex(gradient)}\right)^{{\top}} {change}"
    return pair if variable.columns == ONE else rf"\operatorname{{tr}}\!\left({pair}\right)"


def as_latex(result: Result, steps: bool) -> str:
    """An aligned derivation (needs amsmath)."""
    facts = [f"% {line.left}: {line.formula}\n" for line in DerivationText(result, PLAIN, steps=steps).fact_lines()]
    return "".join(facts) + "\\begin{align*}\n" + " \\\\\n".join(_aligned(result, steps)) + "\n\\end{align*}"


def as_markdown(result: Result, steps: bool) -> str:
    """Markdown with the derivation in a display formula and the facts as a list."""
    layout = DerivationText(result, PLAIN, steps=steps)
    body = "\\begin{aligned}\n" + " \\\\\n".join(_aligned(result, steps)) + "\n\\end{aligned}"
    facts = [f"- {line.left}: {line.formula}" for line in layout.fact_lines()]
    return "\n".join([f"## `{result.elaborated.text}`", "", "$$", body, "$$", "", *facts])


FORMATS: dict[str, Callable[[Result, bool], str]] = {"json": as_json, "latex": as_latex, "markdown": as_markdown}
"""The formats other than text, by name."""
