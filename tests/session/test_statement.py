"""What a line of a session is taken for."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mccli.errors import McError
from mccli.session.session import Session
from mccli.session.statement import Ask, Command, Declare, DeclareFunction, Define, read_question, read_statement


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        ("A : m x n", Declare),
        ("A: 3x4, symmetric", Declare),
        ("A is symmetric", Declare),
        ("x in R^n", Declare),
        ("x ∈ ℝ^n", Declare),
        (r"x \in \mathbb{R}^n", Declare),
        ("a, b : scalar", Declare),
        ("L(z): scalar", DeclareFunction),
        ("phi(t): elementwise", DeclareFunction),
        ("f = x'x", Define),
        ("f := x'x", Define),
        ("f(x) = x'x", Define),
        ("f(x, y) = x'y", Define),
        ("f = np.sum(X, axis=0)", Define),
        ("np.sum(X, axis=0)", Ask),
        ("x'x", Ask),
        ("tr(A X) where X: m×n", Ask),
        ("help", Command),
        ("vars", Command),
        ("undo 3", Command),
        ("?", Command),
        ("exit", Command),
    ],
)
def test_kinds_of_lines(line: str, kind: type) -> None:
    assert isinstance(read_statement(line), kind)


@pytest.mark.parametrize("line", ["", "   ", "# a comment", "  # another"])
def test_lines_with_nothing_in_them(line: str) -> None:
    assert read_statement(line) is None


@pytest.mark.parametrize(
    ("line", "asked"),
    [
        ("grad f wrt x", Ask("gradient", "f", ("x",))),
        ("grad f wrt x, y", Ask("gradient", "f", ("x", "y"))),
        ("grad f x", Ask("gradient", "f x", (), ("f", "x"))),
        ("hessian (x'A x) x", Ask("hessian", "(x'A x) x", (), ("x'A x", "x"))),
        ("jacobian of A x by x", Ask("jacobian", "A x", ("x",))),
        ("d f", Ask("differential", "f")),
        ("d tr(A X)", Ask("differential", "tr(A X)")),
        ("d(x'x)", Ask("differential", "x'x")),
        ("d f / d x", Ask("derivative", "f", ("x",))),
        ("df/dx", Ask("derivative", "f", ("x",))),
        ("d 1/2 x'x / dx", Ask("derivative", "1/2 x'x", ("x",))),
        ("d^2 f / dx^2", Ask("hessian", "f", ("x",))),
        ("d/dx (x'x)", Ask("derivative", "x'x", ("x",))),
        ("d'x", Ask("value", "d'x")),
        ("d - C x", Ask("value", "d - C x")),
        ("d + 1", Ask("value", "d + 1")),
        ("det(X)/delta", Ask("value", "det(X)/delta")),
        ("diag(x)", Ask("value", "diag(x)")),
        ("x'x", Ask("value", "x'x")),
        ("gamma x", Ask("value", "gamma x")),
    ],
)
def test_questions(line: str, asked: Ask) -> None:
    assert read_question(line) == asked


def test_names_that_begin_with_d() -> None:
    """``dist/dx`` is the derivative of ist only where nothing is called dist."""
    assert read_question("dist/dx", {"dist"}) == Ask("value", "dist/dx")
    assert read_question("df", {"f"}) == Ask("differential", "f")
    assert read_question("df", ()) == Ask("value", "df")


WORDS = [
    "A", "x", "f", "f(x)", "=", ":", "m x n", ",", "symmetric", "d", "/", "dx", "grad", "hessian", "'", "(", ")", "||",
    "^2", "+", "-", "ans", "where", "undo", "clear", "vars", "why", "check", "tr(", "phi(t)", "t", "sigmoid(t)", "#",
    "scalar", "spd", "2", "λ", "∂", "∇", "wrt", "lookup", "1'", ".*", "save", "L(z): scalar", "S", "\\", "{", "T",
    "solve", "subject to",
]  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(st.lists(st.lists(st.sampled_from(WORDS), max_size=7), max_size=6))
def test_no_line_breaks_a_session(lines: list[list[str]]) -> None:
    """Whatever is typed is answered or refused, and what is refused leaves everything as it was."""
    session = Session()
    for words in lines:
        line = " ".join(words)
        if "save" in words:
            continue
        before, count = session.state, len(session.lines)
        try:
            session.run(line)
        except McError:
            assert session.state is before
            assert len(session.lines) == count
