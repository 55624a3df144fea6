"""Advice in the notation of a session, and what a TAB offers."""

from __future__ import annotations

import pytest

from mccli.cli.repl_complete import Completer
from mccli.errors import McError
from mccli.session.advice import advice, fix_for, in_session
from mccli.session.session import Session


@pytest.mark.parametrize(
    ("told", "said"),
    [
        ("declare it: --shape x:scalar", "declare it: x : scalar"),
        ("declare some: --shape α:scalar --shape β:scalar", "declare some: α : scalar β : scalar"),
        ("declare it: --shape A:m,n", "declare it: A : m x n"),
        ('declare it: --define "φ(t): elementwise"', "declare it: φ(t): elementwise"),
        ("--assume S:spd", "S : spd"),
        ("the expression has A, x; add --wrt NAME", "the expression has A, x; say wrt NAME"),
        ("no advice", "no advice"),
    ],
)
def test_options_are_lines(told: str, said: str) -> None:
    assert advice(told) == said


def mistake(session: Session, line: str) -> McError:
    with pytest.raises(McError) as caught:
        session.run(line)
    return caught.value


@pytest.mark.parametrize(
    ("lines", "line", "fix"),
    [
        (["A : 3 x 4", "x : 3"], "A x", "A' x"),
        (["A : 3 x 4", "x : 3"], "f = A x", "f = A' x"),
        (["x : n"], "tr(x", None),
    ],
)
def test_a_fix_is_a_line_that_works(lines: list[str], line: str, fix: str | None) -> None:
    session = Session()
    for earlier in lines:
        session.run(earlier)
    offered = fix_for(session, mistake(session, line), line)
    if fix is not None:
        assert offered is not None
        assert offered.replace(" ", "") == fix.replace(" ", "")
    if offered is not None:
        assert session.works([offered])


def test_every_mistake_speaks_of_lines_only() -> None:
    """No option of another command is offered where it cannot be typed."""
    session = Session()
    session.run("f = x'A x + λ")
    for line in (
        "grad f",
        "λ μ ν ξ ρ τ α β",
        "phi(x)",
        "x/y",
        "f(x)",
        "hessian A x x",
        "S : nonsense",
    ):
        error = in_session(mistake(session, line))
        assert "--" not in " ".join((error.message, *error.notes)), line


def test_candidates() -> None:
    session = Session()
    for line in ("residual = A x - b", "x : n", "x'x"):
        session.run(line)
    offer = Completer(lambda: session)
    assert offer("hes", 0, 3) == ["hess", "hessian"]
    assert offer("2 res", 2, 5) == ["residual"]
    assert "ans" in offer("a", 0, 1)
    assert offer("A : symm", 4, 8) == ["symmetric"]
    assert offer("clear resi", 6, 10) == ["residual"]
    assert offer("help lay", 5, 8) == ["layouts"]
    assert offer("logde", 0, 5) == ["logdet("]
    assert offer("grad logde", 5, 10) == ["logdet("]
    assert "trace-axb" in {f"trace-{end}" for end in offer("lookup trace-ax", 13, 15)}
    assert offer("zzzz", 0, 4) == []
    assert "hessian" not in offer("x + hes", 4, 7)
