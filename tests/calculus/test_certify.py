"""The certificate can fail: whatever is spoilt in a derivation, it notices; right derivations pass."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np
import pytest

import mccli
from mccli.calculus.derivation import Derivation, derive
from mccli.calculus.steps import Step
from mccli.errors import DomainError
from mccli.expressions.tree import Node, Number, Sum, add, apply, is_zero, multiply, scaled, transpose
from mccli.language.declare import read_scope
from mccli.language.elaborate import elaborate
from mccli.numeric.certify import certify
from mccli.numeric.evaluate import Evaluator
from mccli.numeric.sample import holds, points

Spoil = Callable[[Node], Node]


@dataclass(frozen=True)
class Example:
    """An expression with its variable and declarations."""

    text: str
    variable: str = "X"
    shapes: tuple[str, ...] = ()
    properties: tuple[str, ...] = ()

    def derive(self) -> tuple[Derivation, frozenset[str]]:
        """The derivation and the size letters."""
        found = elaborate(self.text, read_scope(self.shapes, self.properties), scalar=True)
        return derive(found.expression, found.symbols, [found.symbols[self.variable]]), found.letters


EXAMPLES = [
    Example("tr(A*X*B)"),
    Example("tr(A*X*B*X'*C)"),
    Example("||A*x - b||^2", "x"),
    Example("1/2*||A*x - b||^2 + a*||x||^2", "x", ("a:scalar",)),
    Example("logdet(X)"),
    Example("x'*inv(X)*y"),
    Example("det(X'*A*X)"),
    Example("sum(log(1 + exp(-y .* (A*x))))", "x"),
    Example("normF(Y - W2*tanh(W1*X + b*ones(1,n)))^2", "W1", ("X:m,n",)),
    Example("x'*A*x/(x'*x)", "x"),
    Example("tr(expm(X)*A)"),
    Example("log(tr(X'*X))"),
    Example("softmax(A*x)'*b", "x"),
    Example("sum(kron(A,X)*y)"),
    Example("a'*X*b + c*tr(X)", "X", ("c:scalar", "X:n,n")),
    Example("tr(A*X*B)", "X", (), ("X:symmetric",)),
    Example("logdet(X) + x'*X*y", "X", (), ("X:spd",)),
    Example("tr(A*X) + x'*X*X*y", "X", (), ("X:diagonal",)),
    Example("tr(A*X*B)", "X", (), ("X:skew",)),
    Example("tr(A*inv(X))", "X", (), ("X:lower",)),
    Example("eigmax(X)", "X", (), ("X:symmetric",)),
    Example("normnuc(X)", "X"),
    Example("norm1(X - A)"),
    Example("L(A*x) + x'*x", "x"),
]


def _label(example: Example) -> str:
    return f"{example.text} by {example.variable} {' '.join(example.properties)}".strip()


def derived(example: Example) -> tuple[Derivation, frozenset[str]]:
    if example.text.startswith("L("):
        found = elaborate(example.text, read_scope(definitions=["L(z): scalar"]), scalar=True)
        return derive(found.expression, found.symbols, [found.symbols["x"]]), found.letters
    return example.derive()


PARAMETERS = pytest.mark.parametrize("example", EXAMPLES, ids=[_label(e) for e in EXAMPLES])


@PARAMETERS
def test_right_derivations_pass(example: Example) -> None:
    derivation, letters = derived(example)
    certificate = certify(derivation, letters)
    assert certificate.passed, certificate
    assert certificate.points == 3
    assert certificate.worst <= certificate.tolerance


# ---------------------------------------------------------------------------------------------- spoilt gradients


def _first_term_lost(node: Node) -> Node:
    if isinstance(node, Sum):
        return add(*(scaled(c, n) for c, n in node.terms[1:]))
    return scaled(0, node)


SPOILT: dict[str, Spoil] = {
    "doubled": lambda g: scaled(2, g),
    "halved": lambda g: scaled(Fraction(1, 2), g),
    "negated": lambda g: scaled(-1, g),
    "transposed": transpose,
    "zero": lambda g: scaled(0, g),
    "a term lost": _first_term_lost,
    "slightly off": lambda g: scaled(Fraction(10_001, 10_000), g),
    "entry by entry squared": lambda g: apply("hadamard", g, g) if not g.is_scalar else multiply(g, g),
}


def _with_gradient(derivation: Derivation, spoil: Spoil, forms: tuple[str, ...]) -> Derivation | None:
    """The derivation with its gradient changed in the named forms; None if the change changes nothing."""
    gradient = derivation.gradients[0]
    changed = {form: spoil(getattr(gradient, form)) for form in forms}
    if all(node == getattr(gradient, form) for form, node in changed.items()):
        return None
    return replace(derivation, results=(replace(gradient, **changed),))


@pytest.mark.parametrize("forms", [("full",), ("named",), ("full", "named")], ids=["full", "named", "both"])
@pytest.mark.parametrize("kind", SPOILT)
@PARAMETERS
def test_a_spoilt_gradient_fails(example: Example, kind: str, forms: tuple[str, ...]) -> None:
    derivation, letters = derived(example)
    spoilt = _with_gradient(derivation, SPOILT[kind], forms)
    if spoilt is None or _only_equal_in_value(example, kind):
        return
    certificate = certify(spoilt, letters)
    assert not certificate.passed
    assert certificate.failed


def _only_equal_in_value(example: Example, kind: str) -> bool:
    """Whether a change of form leaves the value: the transpose of a gradient in a space of symmetric matrices."""
    symmetric = any(p in ("X:symmetric", "X:spd", "X:diagonal") for p in example.properties)
    return kind == "transposed" and symmetric


@PARAMETERS
def test_every_spoilt_gradient_changes_something(example: Example) -> None:
    """The test above does not pass by leaving everything out."""
    derivation, _ = derived(example)
    changed = [k for k, spoil in SPOILT.items() if _with_gradient(derivation, spoil, ("full",)) is not None]
    assert len(changed) >= 6


OUTSIDE: dict[str, tuple[Example, Spoil]] = {
    "symmetric": (Example("tr(A*X*B)", "X", (), ("X:symmetric",)), lambda g: add(g, _skew_part(g))),
    "skew": (Example("tr(A*X*B)", "X", (), ("X:skew",)), lambda g: add(g, apply("hadamard", g, g))),
    "diagonal": (Example("tr(A*X)", "X", (), ("X:diagonal",)), lambda g: add(g, apply("triu", _full(g)))),
    "lower": (Example("tr(A*inv(X))", "X", (), ("X:lower",)), lambda g: add(g, transpose(g))),
}


def _full(gradient: Node) -> Node:
    column = apply("rowsums", gradient)
    upper = apply("triu", multiply(column, transpose(column)))
    return add(upper, scaled(-1, apply("Diag", apply("diag", upper))))


def _skew_part(gradient: Node) -> Node:
    column = apply("rowsums", gradient)
    outer = multiply(column, transpose(apply("sin", column)))
    return add(outer, scaled(-1, transpose(outer)))


@pytest.mark.parametrize("structure", ["symmetric", "skew", "diagonal", "lower"])
def test_a_gradient_outside_the_space_of_the_variable_fails(structure: str) -> None:
    """mc says that the gradient lies in the space; differences inside the space alone cannot see that."""
    example, spoil = OUTSIDE[structure]
    derivation, letters = derived(example)
    gradient = derivation.gradients[0]
    if structure == "lower":
        spoil = lambda g: add(g, apply("triu", transpose(_strict(g))))  # noqa: E731
    wrong = replace(gradient, full=spoil(gradient.full), named=spoil(gradient.named))
    assert not certify(replace(derivation, results=(wrong,)), letters).passed


def _strict(lower: Node) -> Node:
    return add(lower, scaled(-1, apply("Diag", apply("diag", lower))))


# ---------------------------------------------------------------------------------------------- spoilt lines

LINE_CHANGES: dict[str, Spoil] = {
    "doubled": lambda n: scaled(2, n),
    "negated": lambda n: scaled(-1, n),
    "a term lost": _first_term_lost,
}


def _with_step(derivation: Derivation, position: int, spoil: Spoil) -> Derivation:
    steps = list(derivation.steps)
    old = steps[position]
    steps[position] = Step(old.left, spoil(old.expression), old.rules)
    return replace(derivation, steps=tuple(steps))


def _compared(derivation: Derivation, position: int) -> bool:
    """Whether another line says that it equals this one."""
    heads = list(itertools.accumulate((s.left for s in derivation.steps), lambda a, b: b or a))
    return heads.count(heads[position]) > 1


def _positions(example: Example, compared: bool) -> list[int]:
    derivation, _ = derived(example)
    return [i for i, s in enumerate(derivation.steps)
            if _compared(derivation, i) == compared and not is_zero(s.expression)]  # fmt: skip


@pytest.mark.parametrize("kind", LINE_CHANGES)
@PARAMETERS
def test_a_spoilt_line_fails(example: Example, kind: str) -> None:
    derivation, letters = derived(example)
    for position in _positions(example, compared=True):
        certificate = certify(_with_step(derivation, position, LINE_CHANGES[kind]), letters, count=1)
        assert not certificate.passed, derivation.steps[position].left
        assert certificate.failed.startswith("a line of the derivation")


@PARAMETERS
def test_a_spoilt_line_that_stands_alone_fails(example: Example) -> None:
    derivation, letters = derived(example)
    alone = _positions(example, compared=False)
    if not alone:
        pytest.skip("every line is compared with another")
    for position in alone:
        spoilt = _with_step(derivation, position, LINE_CHANGES["doubled"])
        assert not certify(spoilt, letters, count=1).passed, derivation.steps[position].left


@PARAMETERS
def test_lines_that_are_all_wrong_in_one_way_fail(example: Example) -> None:
    """The lines of df must equal the differential of f, not only one another."""
    derivation, letters = derived(example)
    spoilt = derivation
    heads = list(itertools.accumulate((s.left for s in derivation.steps), lambda a, b: b or a))
    for position, head in enumerate(heads):
        if head == f"d{derivation.function}":
            spoilt = _with_step(spoilt, position, LINE_CHANGES["doubled"])
    assert not certify(spoilt, letters, count=1).passed


# ---------------------------------------------------------------------------------------------- the domain


@pytest.mark.parametrize(
    ("text", "variable", "properties"),
    [
        ("sum(log(x))", "x", ()),
        ("sum(log(A*x))", "x", ()),
        ("log(det(X))", "X", ()),
        ("sqrt(x'*A*x)", "x", ()),
        ("tr(logm(X))", "X", ()),
        ("sum(arcsin(x))", "x", ()),
        ("logdet(A*X)", "X", ()),
        ("sum(1./x)", "x", ()),
        ("norm2(x)", "x", ()),
        ("max(x)", "x", ()),
        ("eigmin(X)", "X", ("X:symmetric",)),
        ("sum(sqrt(x))", "x", ("x:positive",)),
        ("tr(chol(X))", "X", ("X:spd",)),
        ("normnuc(X)", "X", ()),
    ],
)
def test_points_respect_the_domain(text: str, variable: str, properties: tuple[str, ...]) -> None:
    example = Example(text, variable, (), properties)
    derivation, letters = example.derive()
    assert certify(derivation, letters).passed
    symbols = list(derivation.symbols.values())
    for point in itertools.islice(points(symbols, letters, derivation.needs, derivation.expression, 1), 5):
        evaluator = Evaluator(point.arrays, point.sizes)
        assert np.all(np.isfinite(evaluator.value(derivation.expression)))
        assert all(holds(need.kind, evaluator.value(need.node)) for need in derivation.needs)


@pytest.mark.parametrize("text", ["log(-x'*x)", "sqrt(-1 - ||x||^2)", "arcsin(2 + x'*x)", "sum(log(-exp(x)))"])
def test_a_function_that_is_defined_nowhere_is_refused(text: str) -> None:
    derivation, letters = Example(text, "x").derive()
    with pytest.raises(DomainError):
        certify(derivation, letters)


def test_the_certificate_is_deterministic() -> None:
    derivation, letters = Example("x'*inv(X)*y").derive()
    assert certify(derivation, letters) == certify(derivation, letters)
    assert certify(derivation, letters, seed=5).passed


@pytest.mark.parametrize("text", ["tr(pinv(X)*X)", "10^6*sum(softmax(x))", "tr(X*inv(A*X)*A)"])
def test_a_constant_function_gives_no_false_alarm(text: str) -> None:
    """Rounding in a gradient that cancels to 0 is no mistake."""
    derivation, letters = Example(text, "x" if "softmax" in text else "X").derive()
    assert certify(derivation, letters).passed


@pytest.mark.parametrize("text", ["tanh(sum(X'))", "tanh(5*sum(X))", "sigmoid(10*tr(X))"])
def test_a_saturated_function_gives_no_false_alarm(text: str) -> None:
    derivation, letters = Example(text, "X", ("X:h,m",) if "tr" not in text else ()).derive()
    for seed in range(20):
        assert certify(derivation, letters, count=2, seed=seed).passed


@pytest.mark.parametrize("text", ["sum(sin(X))", "x'*X*x + tr(X)", "x'*softmax(x) + sum(sin(X))"])
def test_a_gradient_that_vanishes_in_the_space_gives_no_false_alarm(text: str) -> None:
    derivation, letters = Example(text, "X", (), ("X:skew",)).derive()
    assert certify(derivation, letters).passed


@pytest.mark.parametrize("text", ["tr(lyap(A*X,C))", "tr(sylvester(A*X,A*X,C))", "tr(stein(A*X,C))"])
def test_matrix_equations_are_sampled_where_they_have_one_solution(text: str) -> None:
    derivation, letters = Example(text).derive()
    assert certify(derivation, letters).passed


def test_a_scalar_and_a_size_do_not_get_in_the_way() -> None:
    derivation, letters = Example("a*n*tr(X)", "X", ("a:scalar", "X:n,n")).derive()
    assert certify(derivation, letters).passed
    wrong = _with_gradient(derivation, lambda g: multiply(Number(Fraction(3, 2)), g), ("full",))
    assert wrong is not None
    assert not certify(wrong, letters).passed


@pytest.mark.parametrize("text", ["tr(X)", "log det X", "sum(X)/1000"])
def test_a_hessian_by_a_large_matrix_is_checked_at_small_sizes(text: str) -> None:
    found = mccli.derive(text, "X", shapes="X:1000,1000", order=2)
    assert found.certificate is not None
    assert found.certificate.sizes["n1000"] < 10
    assert str(found.derivatives["X"].shape) == "1000000×1000000"
