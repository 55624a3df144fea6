"""A solution as JSON, LaTeX and Markdown."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from mccli.calculus.solving.stationary import Line, Point, Solved
from mccli.cli.solve_text import SolveText
from mccli.cli.solve_words import condition_text, kind_words, needs_of
from mccli.cli.terminal import Terminal
from mccli.expressions.tree import Node, is_zero
from mccli.render.latex import latex
from mccli.render.text import text
from mccli.solving import Solution

if TYPE_CHECKING:
    from mccli.numeric.solution_check import SolutionCheck

PLAIN = Terminal(ascii_only=False, colour=False, width=80, interactive=False)
WIDEST_ROW = 130
"""Characters of LaTeX in a formula and its reason that fit side by side; beyond, the reason goes below."""


def _formula(node: Node) -> dict[str, Any]:
    return {
        "text": text(node),
        "ascii": text(node, ascii_only=True),
        "latex": latex(node),
        "shape": [str(size) for size in node.shape],
    }


def as_json(solution: Solution, steps: bool) -> str:
    """The whole solution as one JSON document, schema 1."""
    problem, eigen = solution.stationary, solution.stationary.eigen
    record = {
        "schema": 1,
        "command": "solve",
        "expression": {"input": solution.elaborated.text, **_formula(problem.expression)},
        "symbols": {
            name: {"shape": [str(size) for size in s.shape], "properties": sorted(s.properties - {"square"})}
            for name, s in solution.elaborated.symbols.items()
        },
        "wrt": [v.name for v in problem.variables],
        "constraints": [
            {"left": text(c.left), "right": text(c.right), "multiplier": c.multiplier.name} for c in problem.constraints
        ],
        "steps": [_step(line) for line in problem.lines] if steps else [],
        "points": [_point(solution, i, p) for i, p in enumerate(problem.points)],
        "eigenproblem": None
        if eigen is None
        else {"left": text(eigen.left), "right": text(eigen.right), "value": text(eigen.value)},
        "needs": [condition_text(n, text) for n in problem.needs],
        "notes": list(solution.elaborated.notes),
        "checks": [_check(c) for c in solution.checks],
    }
    return json.dumps(record, ensure_ascii=False, indent=2)


def _step(line: Line) -> dict[str, Any]:
    left = text(line.left) if isinstance(line.left, Node) else line.left
    return {"left": left, **_formula(line.right), "reason": line.reason}


def _point(solution: Solution, number: int, point: Point) -> dict[str, Any]:
    label, words = kind_words(solution, number, text)
    return {
        "unknowns": [_unknown(s) for s in point.solved],
        "multipliers": [_unknown(s) for s in point.multipliers],
        "needs": [condition_text(n, text) for n in needs_of(solution, point)],
        "kind": label.lower() if label != "Kind" else None,
        "reason": words,
    }


def _unknown(solved: Solved) -> dict[str, Any]:
    return {"name": solved.variable.name, **_formula(solved.full), "named": text(solved.expression)}


def _check(check: SolutionCheck) -> dict[str, Any]:
    return {
        "points": check.points,
        "worst_relative_error": check.worst,
        "tolerance": check.tolerance,
        "method": check.method,
        "compared": check.compared,
        "hessian": check.hessian or None,
        "passed": check.passed,
    }


# ---------------------------------------------------------------------------------------------- LaTeX

IN_TEXT = {
    "∇": r"$\nabla$",
    "∂": r"$\partial$",
    "ℒ": r"$\mathcal{L}$",
    "λ": r"$\lambda$",
    "μ": r"$\mu$",
    "ν": r"$\nu$",
    "Λ": r"$\Lambda$",
    "σ": r"$\sigma$",
    "−": "$-$",
    "ᵀ": r"$^{\top}$",
    "&": r"\&",
    "_": r"\_",
}
"""Characters of reasons as LaTeX's text mode sets them."""


def _words(words: str) -> str:
    return "".join(IN_TEXT.get(c, c) for c in words)


def _left(line: Line) -> str:
    if isinstance(line.left, Node):
        return latex(line.left)
    plain = {"∇": r"\nabla ", "∂": r"\partial ", "ℒ": r"\mathcal{L}"}
    return "".join(plain.get(c, c) for c in line.left)


def _right(node: Node) -> str:
    return "0" if is_zero(node) else latex(node)


def _rows(solution: Solution, steps: bool) -> list[str]:
    problem = solution.stationary
    rows = [rf"{problem.function} &= {latex(problem.expression)}"]
    rows += [rf"{latex(c.left)} &= {_right(c.right)}" for c in problem.constraints]
    for line in problem.lines if steps else ():
        formula, reason = f"{_left(line)} &= {_right(line.right)}", rf"\text{{{_words(line.reason)}}}"
        beside = len(formula) + len(reason) <= WIDEST_ROW
        if not line.reason:
            rows.append(formula)
        else:
            rows += [f"{formula} && {reason}"] if beside else [formula, rf"&\qquad {reason}"]
    if problem.eigen is not None and not steps:
        rows.append(f"{latex(problem.eigen.left)} &= {latex(problem.eigen.right)}")
    if not steps:
        rows += [f"{latex(s.variable)} &= {_right(s.expression)}" for p in problem.points for s in p.solved]
    return rows


def _facts(solution: Solution) -> Sequence[tuple[str, str]]:
    return list(SolveText(solution, PLAIN, steps=False).facts())


def as_latex(solution: Solution, steps: bool) -> str:
    """An aligned derivation (needs amsmath)."""
    facts = "".join(f"% {label}: {words}\n" for label, words in _facts(solution))
    return facts + "\\begin{align*}\n" + " \\\\\n".join(_rows(solution, steps)) + "\n\\end{align*}"


def as_markdown(solution: Solution, steps: bool) -> str:
    """Markdown with the steps in a display formula and the facts as a list."""
    body = "\\begin{aligned}\n" + " \\\\\n".join(_rows(solution, steps)) + "\n\\end{aligned}"
    facts = [f"- {label}: {words}" for label, words in _facts(solution)]
    return "\n".join([f"## `{solution.elaborated.text}`", "", "$$", body, "$$", "", *facts])


FORMATS: dict[str, Callable[[Solution, bool], str]] = {"json": as_json, "latex": as_latex, "markdown": as_markdown}
"""The formats other than text, by name."""
