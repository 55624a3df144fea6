"""The light reading of symbols against the parser: on every expression of the database, and on other notations."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from mccli.cli.completion_build import text
from mccli.completion.symbols import symbols
from mccli.completion.table import Table
from mccli.identities.build import database
from mccli.identities.statement import understand
from mccli.language.declare import read_scope
from mccli.language.elaborate import elaborate
from mccli.language.names import canonical_name

TABLE = Table(text())
RECORDS = [record for family in database()[0] for record in family.records if not record.let]


def light(expression: str, *declared: Iterable[str]) -> set[str]:
    """The symbols by the light reading, in mc's spelling."""
    return {canonical_name(name) for name in symbols(expression, TABLE, *declared)}


def test_the_database_is_read_as_the_parser_reads_it() -> None:
    assert len(RECORDS) > 800
    wrong = {}
    for record in RECORDS:
        sizes = [letter for shape in record.shapes.values() for size in shape for letter in size if letter.isalpha()]
        functions = [definition.partition("(")[0] for definition in record.define]
        found, real = light(record.expression, record.shapes, sizes, functions), set(understand(record).symbols)
        if found != real:
            wrong[record.id] = found ^ real
    assert not wrong


@pytest.mark.parametrize("expression", [
    "AXB",
    "tr(AXB)",
    "x'Ax",
    "x^T A x",
    "xᵀAx",
    "||A x - b||^2",
    "‖X‖_F^2",
    "||x||_1 + ||x||_2",
    "log det X",
    "a'X⁻¹b",
    "X^{-T}",
    "2A'(Ax-b)",
    "A @ X.T @ B",
    "np.trace(A @ np.linalg.inv(X))",
    "np.linalg.norm(X, 'fro')**2",
    "np.sum(X, axis=0) @ w",
    r"\operatorname{tr}(\mathbf{A}\mathbf{X})",
    r"\|Ax-b\|_2^2",
    r"\mathbf{x}^\top \mathbf{A} \mathbf{x}",
    r"\lambda x^{T} x",
    r"\frac{1}{2} x^\top \Sigma^{-1} x",
    r"\left\| \hat{y} - y \right\|^2",
    r"\log\det X",
    "W1 x + b1",
    "W_1 x + b_1",
    "W₁ x + b₁",
    "mu_1' x",
    "λ/2 ||w||^2",
    "lambda/2 ||w||^2",
    "σ(W x + b)",
    "sum(exp(X))",
    "x'x where x: n",
    "x'Ax where A: n×n, symmetric",
    r"\sigma_{ij} x'x",
    "A.*X",
    "kron(A, x)",
    "x'I x",
    "sigmoid(w'x)",
    "softmax(x)'y",
])  # fmt: skip
def test_other_notations_are_read_as_the_parser_reads_them(expression: str) -> None:
    assert light(expression) == set(elaborate(expression, read_scope()).symbols)


@pytest.mark.parametrize("expression", ["", "tr(", "x'", "\\", r"\hat{", "||x", "np.", "a_{", "^", "'", '"fro', "∇"])
def test_an_unfinished_expression_is_no_trouble(expression: str) -> None:
    assert light(expression) <= {"a", "x", "f", "r", "o"}


def test_symbols_are_spelled_as_typed() -> None:
    assert symbols(r"\lambda x_1 + λ μ", TABLE) == ["lambda", "x_1", "μ"]
