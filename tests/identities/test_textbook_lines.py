"""Lines of textbooks and lecture notes, typed as they stand there, find the right record first.

Each line with the ids that are right for it (an alias counts through its record) and, where it matters, with what the
text around it declares. Where a record assumes something that the line does not say, it is the first one under a
condition.
"""

from __future__ import annotations

import pytest
from record_questions import library

from mccli.identities.lookup import look_up
from mccli.identities.matched import Match
from mccli.language.declare import Scope, read_scope

LINES: tuple[tuple[str, str], ...] = (
    # gradients by a vector
    ("a'x", "dot-product"),
    ("a'x -> a", "dot-product"),
    ("x'a", "dot-product dot-product-reversed"),
    ("f(x) = a'x", "dot-product"),
    ("y = x^2", "scalar-square"),
    ("x'Ax", "quadratic-form-general"),
    ("x'Ax -> (A+A')x", "quadratic-form-general"),
    ("x'Ax -> 2Ax where A: symmetric", "quadratic-form-symmetric"),
    ("x'Ax where A: symmetric", "quadratic-form-symmetric"),
    ("x'x", "squared-norm norm-two-squared"),
    ("x'x -> 2x", "squared-norm norm-two-squared"),
    ("f = x'x", "squared-norm norm-two-squared"),
    ("norm2(x)^2", "squared-norm norm-two-squared"),
    ("norm2(x)^2 -> 2x", "squared-norm norm-two-squared"),
    ("||x||^2 -> 2x", "squared-norm norm-two-squared"),
    ("||Ax-b||^2", "squared-error-vector"),
    ("||Ax-b||^2 -> 2A'(Ax-b)", "squared-error-vector"),
    ("norm2(Ax-b)^2 -> 2A'(Ax-b)", "squared-error-vector"),
    ("1/2 norm2(Cx-d)^2", "half-squared-error-vector"),
    ("log(a'x)", "log-dot-product"),
    ("log(a'x) -> a/(a'x)", "log-dot-product"),
    ("sigmoid(w'x)", "sigmoid-neuron-weights sigmoid-neuron-input"),
    ("log(1+exp(w'x))", "softplus-neuron-weights softplus-neuron-input"),
    ("log(1+exp(w'x)) -> sigmoid(w'x) w", "softplus-neuron-weights softplus-neuron-input"),
    ("norm1(x)", "norm-one"),
    ("norm1(x) -> sign(x)", "norm-one"),
    ("norm2(x)", "norm-two"),
    ("norm2(x) -> x/norm2(x)", "norm-two"),
    ("norm2(Ax-b)", "norm-two-affine"),
    ("1/2 x'Ax - b'x where A: symmetric", "quadratic-linear-symmetric"),
    ("1/2 x'Ax - b'x -> Ax - b where A: symmetric", "quadratic-linear-symmetric"),
    ("f = 1/2 x'Ax where A: symmetric", "half-quadratic-form quadratic-form-symmetric"),
    ("L(w) = 1/(2m) norm2(Xw-y)^2", "linear-regression-half-mean half-squared-error-vector"),
    ("norm2(Xw-y)^2 by w", "linear-regression-sum squared-error-vector linear-regression-expanded"),
    ("w'X'Xw - 2y'Xw + y'y by w", "linear-regression-expanded linear-regression-sum squared-error-vector"),
    ("L = w'X'Xw - 2y'Xw + y'y by w", "linear-regression-expanded linear-regression-sum squared-error-vector"),
    ("(x-mu)'inv(S)(x-mu) where S: spd", "mahalanobis-x"),
    ("v'Sv - lambda(v'v-1) by v where S: symmetric, lambda: scalar", "lagrangian-pca"),
    # gradients by a matrix
    ("a'Wb", "bilinear-form-wrt-matrix"),
    ("a'Wb -> ab'", "bilinear-form-wrt-matrix"),
    ("a'Xb", "bilinear-form-wrt-matrix"),
    ("a'Xb -> ab'", "bilinear-form-wrt-matrix"),
    ("a'X'b", "bilinear-form-transposed-wrt-matrix"),
    ("a'X'b -> ba'", "bilinear-form-transposed-wrt-matrix"),
    ("tr(AX)", "trace-ax"),
    ("tr(AX) -> A'", "trace-ax"),
    ("tr(AW)", "trace-ax"),
    ("tr(AW) -> A'", "trace-ax"),
    ("tr(X'A)", "trace-xta"),
    ("tr(X'A) -> A", "trace-xta"),
    ("tr(A'X)", "trace-atx"),
    ("tr(A'X) -> A", "trace-atx"),
    ("tr(AXB)", "trace-axb"),
    ("tr(AXB) -> A'B'", "trace-axb"),
    ("tr(X'AX)", "trace-xtbx"),
    ("tr(X'AX) -> (A+A')X", "trace-xtbx"),
    ("tr(X'AX) -> 2AX where A: symmetric", "trace-xtax-symmetric"),
    ("tr(X'X)", "trace-xtx norm-frobenius-squared"),
    ("tr(X'X) -> 2X", "trace-xtx norm-frobenius-squared"),
    ("tr(W'W) -> 2W", "trace-xtx norm-frobenius-squared"),
    ("norm_F(W)^2", "norm-frobenius-squared trace-xtx"),
    ("norm_F(X)^2 -> 2X", "norm-frobenius-squared trace-xtx"),
    ("||X||_F^2", "norm-frobenius-squared trace-xtx"),
    ("norm_F(AX-B)^2", "frobenius-least-squares"),
    ("||AX-B||_F^2", "frobenius-least-squares"),
    ("1/2 norm_F(AX-B)^2", "half-frobenius-least-squares"),
    ("log det W", "logdet log-det-literal"),
    ("log det W -> inv(W)'", "logdet log-det-literal"),
    ("log det X", "logdet log-det-literal"),
    ("log det X -> inv(X)'", "logdet log-det-literal"),
    ("logdet(X) -> inv(X)'", "logdet"),
    ("log|det X| -> inv(X)'", "logdet log-det-literal flow-linear-logdet"),
    ("log det W where W: spd", "logdet-positive-definite"),
    ("det X", "determinant"),
    ("det X -> det(X) inv(X)'", "determinant"),
    ("a'X^-1 b", "bilinear-inverse quadratic-inverse-sym"),
    ("a'X^-1 b -> -inv(X)'ab'inv(X)'", "bilinear-inverse"),
    ("tr(AX^-1)", "trace-inverse-a"),
    ("tr(AX^-1) -> -(inv(X) A inv(X))'", "trace-inverse-a"),
    ("tr(A X^-1 B)", "trace-axinvb"),
    ("tr(A X^-1 B) -> -inv(X)'A'B'inv(X)'", "trace-axinvb"),
    ("-log det X + tr(SX)", "neg-logdet-plus-trace graphical-lasso-smooth"),
    ("det(X)/delta where delta: scalar", "determinant"),
    ("d tr(AX)/dX", "trace-ax"),
    # Jacobians
    ("Jacobian of Ax", "jac-linear"),
    ("Ax", "jac-linear"),
    ("Ax -> A", "jac-linear"),
    ("Jacobian of softmax(x)", "jac-softmax"),
    ("softmax(x)", "jac-softmax diff-softmax"),
    ("softmax(x) -> diag(softmax(x)) - softmax(x)softmax(x)'", "jac-softmax"),
    ("x .* y -> diag(y)", "hadamard-jacobian-x"),
    ("x .* z", "hadamard-jacobian-x"),
    ("x .* z -> diag(z)", "hadamard-jacobian-x"),
    ("Jacobian of norm2(x)^2", "jac-squared-norm"),
    ("sigmoid(z)", "act-sigmoid"),
    ("Wx+b by b", "jac-affine-bias"),
    ("Wx+b by x", "jac-affine-input"),
    ("Jacobian of g(h(x))", "jac-chain-rule"),
    # Hessians
    ("Hessian of a'x", "hess-linear"),
    ("Hessian of x'Ax", "hess-quadratic-general"),
    ("Hessian of x'Ax -> A + A'", "hess-quadratic-general"),
    ("Hessian of x'Ax -> 2A where A: symmetric", "hess-quadratic-symmetric"),
    ("Hessian of x'x", "hess-squared-norm"),
    ("Hessian of x'x -> 2I", "hess-squared-norm"),
    ("Hessian of 1/2 x'Ax - b'x -> A where A: symmetric", "hess-half-quadratic"),
    ("Hessian of norm2(Xw-y)^2 by w", "hess-least-squares linear-regression-hessian"),
    ("Hessian of norm2(Xw-y)^2 -> 2X'X by w", "hess-least-squares linear-regression-hessian"),
    ("Hessian of 1/2 norm2(Cx-d)^2", "hess-half-least-squares"),
    ("Hessian of 1/2 norm_F(AX-B)^2", "hess-frobenius-least-squares"),
    # differentials
    ("d(XY)", "diff-product"),
    ("d(XY) -> dX Y + X dY", "diff-product"),
    ("d(AB)", "diff-product"),
    ("d(X^-1)", "diff-inverse"),
    ("d(X^-1) -> -X^-1 dX X^-1", "diff-inverse"),
    ("d inv(X)", "diff-inverse"),
    ("d log det X", "diff-logdet"),
    ("d log det(X)", "diff-logdet"),
    ("d tr(X)", "diff-trace"),
    ("d(X')", "diff-transpose"),
    ("d tr(AXB)", "trace-axb"),
    ("d(x'Ax)", "diff-quadratic-form"),
    ("d(X+Y)", "diff-sum"),
    ("d tr(X'AX)", "diff-matrix-quadratic-trace"),
    ("d(normF(AX-B)^2)", "diff-residual-squared"),
    ("d(softmax(x))", "diff-softmax"),
    # chains and layers
    ("g(f(x))", "scalar-outer-chain vjp-chain-rule jac-chain-rule ridge-function diff-chain-rule"),
    ("L(Wx+b) by W", "dense-layer-single-weights"),
    ("L(Wx+b) by x", "dense-layer-single-input linear-composition-gradient"),
    ("L(sigma(Wx+b)) by W", "activation-layer-weights"),
    ("L(sigma(Wx+b)) by b", "activation-layer-bias"),
    ("L(sigma(Wx+b)) by x", "activation-layer-input"),
    ("QK' by Q, K", "diff-attention-scores diff-product"),
    ("softplus(z) - yz by z where y: scalar, z: scalar", "sigmoid-bce-logit"),
    ("-(y log(p) + (1-y) log(1-p)) by p where y: scalar, p: scalar", "bce-probability"),
)


def right(match: Match, ids: str) -> bool:
    """Whether a match is one of the records, or an alias of one."""
    records = (library().record(name) for name in ids.split())
    return match.record.id in {record.id for record in records if record is not None}


@pytest.mark.parametrize(("line", "ids"), LINES)
def test_a_line_finds_its_record(line: str, ids: str) -> None:
    assert all(library().record(name) is not None for name in ids.split())
    answer = look_up(library(), *_declared(line))
    found = [match for match in answer.matches if match.unconditional] or list(answer.matches)
    assert found, "nothing is found"
    assert right(found[0], ids), f"{found[0].record.id} comes first, then {[m.record.id for m in found[1:4]]}"


@pytest.mark.parametrize("line", [line for line, _ in LINES if "->" in line])
def test_the_result_of_a_line_agrees(line: str) -> None:
    answer = look_up(library(), *_declared(line))
    assert answer.agrees


def _declared(line: str) -> tuple[str, Scope]:
    """The line without its where clause, and the declarations of that."""
    text, _, where = line.partition(" where ")
    shapes: list[str] = []
    properties: list[str] = []
    for item in filter(None, where.split(", ")):
        (shapes if item.endswith("scalar") else properties).append(item.replace(": ", ":"))
    return text, read_scope(shapes, properties)


def test_the_wrong_result_of_a_line_differs() -> None:
    for line in ("tr(AXB) -> AB", "x'Ax -> Ax", "log det X -> X", "d(XY) -> X dY + Y dX", "x'x -> x"):
        assert look_up(library(), line, read_scope()).agrees is False, line


@pytest.mark.parametrize("line", ["x'Ax", "tr(X'AX)", "log det X", "(x-m)'inv(S)(x-m)"])
def test_a_record_that_assumes_more_comes_after_or_under_its_condition(line: str) -> None:
    answer = look_up(library(), line, read_scope())
    for match in answer.matches:
        declared = {p for s in match.statement.symbols.values() for p in s.properties}
        if declared & {"symmetric", "spd"}:
            assert match.missing
