"""The sentences of ``mc verify``: verdicts, shapes, numbers and edits in words."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from fractions import Fraction

from mccli.expressions.tree import Node, Number, Transpose, transpose
from mccli.numeric.gradcheck.problem import Kind
from mccli.numeric.verify import Change, Edit, FormulaReport, Looked, Outcome

Show = Callable[[Node], str]

KIND_WORDS = {
    "gradient": "gradient",
    "jacobian": "Jacobian",
    "hessian": "Hessian",
    "vjp": "vector-Jacobian product",
    "jvp": "Jacobian-vector product",
}


def listed(words: Sequence[str]) -> str:
    """``a, b and c``."""
    return " and ".join(filter(None, (", ".join(words[:-1]), *words[-1:])))


def counted(number: int, noun: str) -> str:
    """``1 point``, ``2 points``, ``1 000 000 entries``."""
    plural = f"{noun[:-1]}ies" if noun.endswith("ry") else f"{noun}s"
    return f"{number:_}".replace("_", " ") + f" {noun if number == 1 else plural}"


def shape_words(shape: Sequence[int]) -> str:
    """``3×4``, ``5``; a number has no shape to speak of."""
    return "×".join(map(str, shape))


def place_words(looked: Sequence[Looked]) -> str:
    """The arguments with their shapes, by where they are from: ``x 4, A 7×4 drawn; lam 0.1, its default``."""
    sources = list(dict.fromkeys(item.source for item in looked))
    return "; ".join(_from(source, [i for i in looked if i.source == source]) for source in sources)


def _from(source: str, items: Sequence[Looked]) -> str:
    named = ", ".join(" ".join(filter(None, (i.name, shape_words(i.shape) or "scalar", i.kind))) for i in items)
    if source == "drawn":
        return f"{named} drawn"
    return f"{named} from {source}" if source else named


def number(value: float) -> str:
    """Six digits."""
    return f"{value:.6g}".replace("-", "−")


def size(value: float) -> str:
    """An order of magnitude."""
    return f"{value:.0e}".replace("-", "−").replace("e+0", "e").replace("e−0", "e−").replace("e+", "e")


def with_error(value: float, error: float) -> str:
    """A number with as many digits as its error leaves: ``2.46802 ± 3e−12``."""
    if not math.isfinite(value):
        return number(value)
    digits = 6
    if 0 < error < abs(value):
        digits = max(2, min(10, math.ceil(math.log10(abs(value) / error))))
    return f"{f'{value:.{min(digits, 7)}g}'.replace('-', '−')} ± {size(error)}"


def ratio(value: float) -> str:
    """Yours over the right one."""
    if not math.isfinite(value):
        return "" if math.isnan(value) else "∞"
    return f"{value:.4g}".replace("-", "−")


# ---------------------------------------------------------------------------------------------- the verdict


def verdict_sentence(outcome: Outcome, show: Show) -> str:
    """The answer in one line."""
    if outcome.formula is not None:
        return _formula_verdict(outcome, outcome.formula, show)
    f = outcome.function
    if outcome.verdict == "nothing claimed":
        return f"{f} has no gradient to check: this is what differences give"
    said = [_claim_sentence(outcome, kind, name) for kind, name in outcome.derivatives.items()]
    return f"whether {listed(said)}" if outcome.verdict == "cannot tell" else "; ".join(said)


def _claim_sentence(outcome: Outcome, kind: Kind, name: str) -> str:
    """``grad_f is not the gradient of f by b; by W it is``."""
    what = f"the {KIND_WORDS[kind]} of {outcome.function}"
    who = f"what {name} returns beside its value" if outcome.both else name
    if outcome.verdict == "cannot tell":
        return f"{who} is {what}"
    verdicts = {a.name: a.verdict for a in outcome.report.arguments if a.kind == kind} if outcome.report else {}
    wrong = [n for n, v in verdicts.items() if v == "wrong"]
    others = [n for n, v in verdicts.items() if v == "right"]
    spoiled = outcome.verdict == "wrong" and not _wrong_arguments(outcome)
    if not wrong and not spoiled:
        return f"{who} is {what} by {listed(outcome.names)}"
    also = f"; by {listed(others)} it is" if others and wrong else ""
    return f"{who} is not {what} by {listed(wrong or list(outcome.names))}{also}"


def _wrong_arguments(outcome: Outcome, kinds: Sequence[Kind] = ()) -> list[str]:
    """The arguments whose derivatives (of these kinds, or any) are wrong."""
    if outcome.report is None:
        return []
    found = [a for a in outcome.report.arguments if a.verdict == "wrong" and (not kinds or a.kind in kinds)]
    return list(dict.fromkeys(a.name for a in found))


def _formula_verdict(outcome: Outcome, formula: FormulaReport, show: Show) -> str:
    value = f"{outcome.function} is {'' if formula.agrees else 'not '}{show(formula.expression)}"
    if not outcome.derivatives:
        return value
    names = {k: "the gradient that it returns" if outcome.both else n for k, n in outcome.derivatives.items()}
    if outcome.verdict == "cannot tell":
        return f"{value}; whether {listed([f'{name} is its {KIND_WORDS[kind]}' for kind, name in names.items()])}"
    said, every = [], []
    for kind, name in names.items():
        told = [g for g in formula.gradients if g.agrees is not None and g.kind == kind]
        wrong = [g.argument for g in told if not g.agrees] if told else _wrong_arguments(outcome, [kind])
        what = f"its {KIND_WORDS[kind]}" if formula.agrees else f"the {KIND_WORDS[kind]} of the formula"
        said.append(f"{name} is not {what} by {listed(wrong)}" if wrong else f"{name} is {what}")
        every += wrong
    return f"{value}, {'but' if formula.agrees and every else 'and'} {listed(said)}"


def value_sentence(formula: FormulaReport, f: str) -> str:
    """How the value of the function and that of the formula compare."""
    if formula.agrees:
        points = counted(len(formula.values) or 2, "point")
        return f"{f} and the formula agree to {size(max(formula.error, 1e-16))} at {points}"
    shown = "; ".join(f"{number(own)}, not {number(right)}" for own, right in formula.values)
    if formula.ratio is not None:
        return f"{f} is {ratio(formula.ratio)} times the formula ({shown})"
    if formula.offset is not None:
        return f"{f} is the formula plus {number(formula.offset)} ({shown})"
    return f"{f} gives {shown}" if shown else f"{f} and the formula differ"


# ---------------------------------------------------------------------------------------------- edits


def edit_sentence(right: Node, edit: Edit, show: Show) -> str:
    """``you have A x where Aᵀ (A x − b) is right: the factor Aᵀ is missing``."""
    what = " and ".join(change_words(change, show) for change in edit.changes)
    return f"you have {show(edit.formula)} where {show(right)} is right: {what}"


def change_words(change: Change, show: Show) -> str:
    """What was done to the right formula, as the slip that it is."""
    before, after = change.before, change.after
    if change.kind == "coefficient" and after is None and isinstance(before, Number):
        return _factor_words(before.value)
    if change.kind == "sign":
        return "the sign is wrong" if isinstance(before, Number) else f"the sign of {show(before)} is wrong"
    if change.kind in ("term", "factor"):
        return f"the {change.kind} {show(before)} is missing"
    if change.kind == "transpose":
        return _transpose_words(before, show)
    shown = f"{show(after) if after is not None else '?'} instead of {show(before)}"
    return {
        "order": f"the order is swapped, {shown}",
        "elementwise": f"an elementwise product stands for a matrix product, {shown}",
        "matrix product": f"a matrix product stands for an elementwise product, {shown}",
        "function": f"a function is left out, {shown}",
        "power": f"the power is wrong, {shown}",
    }.get(change.kind, shown)


def _factor_words(factor: Fraction) -> str:
    if abs(factor) < 1:
        return f"a factor {1 / factor} is missing".replace("-", "−")
    return f"it is {factor} times too large".replace("-", "−")


def _transpose_words(before: Node, show: Show) -> str:
    if isinstance(before, Transpose):
        return f"{show(before.operand)} stands where {show(before)} belongs"
    return f"{show(transpose(before))} stands where {show(before)} belongs"
