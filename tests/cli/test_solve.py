"""``mc solve`` as a person uses it: exit codes, refusals that say what would have to be solved, formats, code."""

from __future__ import annotations

import json
import sys

import numpy as np
import pytest

from mccli import solving
from mccli.cli.main import main
from mccli.errors import CheckFailed
from mccli.numeric.solution_check import SolutionCheck

SQUARES = ("solve", "||X w - y||^2", "--wrt", "w")

REFUSED = {
    "logistic": ("sum(log(1 + exp(X w))) - y'X w --wrt w", "Xᵀ"),
    "lasso": ("||X w - y||^2 + lambda norm1(w) --wrt w", "2 Xᵀ (X w − y) + λ sign(w) = 0"),
    "linear": ("a'x --wrt x", "a = 0"),
    "constant": ("a'a --wrt x --shape x:n", "does not depend on x"),
    "number": ("5 --wrt x --shape x:n", "does not depend on x"),
    "no variable": ("a'x --wrt z", "it has a, x"),
    "which variable": ("a'x", "add --wrt NAME"),
    "singular": ("(a'x - 1)^2 --wrt x", "(aᵀ x) a = a"),
    "vector": ("A x --wrt x", "scalar function"),
    "inequality": ("x'x --wrt x --subject-to A_x<=b", "equality constraints only"),
    "no equation": ("x'x --wrt x --subject-to A_x", "one equation"),
    "two equations": ("x'x --wrt x --subject-to A_x=b=c", "one equation"),
    "empty side": ("x'x --wrt x --subject-to A_x=", "one equation"),
    "bad bracket": ("x'x --wrt x --subject-to (A_x=b", "never closed"),
    "misfit": ("x'x --wrt x --subject-to A_x=b_c'", "in the constraint A x = b c'"),
    "foreign": ("x'x --wrt x --subject-to a=b", "does not contain x"),
    "contradiction": ("x'x --wrt x --subject-to sum(x)=1 --subject-to sum(x)=2", "−1 = 0"),
    "format": ("x'x --wrt x --format yaml", "--format"),
    "code": ("x'x --wrt x --code fortran", "--code"),
    "both": ("x'x --wrt x --code numpy --format json", "exclude one another"),
    "structured": ("||X - A||^2 --wrt X --assume X:orthogonal", "declared orthogonal"),
    "complex": ("||X - A||^2 --wrt X --assume X:complex", "complex"),
}
"""The words after ``mc solve``, with _ for a space inside a constraint, and what the message says."""


def words_of(line: str) -> list[str]:
    """The expression, then the options."""
    expression, *rest = line.split(" --")
    options = [word.replace("_", " ") for part in rest for word in f"--{part}".split(" ", 1)]
    return ["solve", expression, *options]


@pytest.mark.parametrize("name", REFUSED)
def test_a_refusal_says_why(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    line, said = REFUSED[name]
    code = main(words_of(line))
    printed = capsys.readouterr()
    assert (code, printed.out) == (2, "")
    assert said in printed.err
    assert "Traceback" not in printed.err


def test_a_solution_ends_well(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(SQUARES) == 0
    printed = capsys.readouterr()
    rows = [line.split("\t") for line in printed.out.splitlines()]
    assert ["solution", "w", "(Xᵀ X)⁻¹ Xᵀ y", "n", ""] in rows
    assert {len(row) for row in rows} == {5}
    assert printed.err == ""


def test_steps_and_check_can_be_left_out(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*SQUARES, "--no-steps", "--no-check"]) == 0
    kinds = [line.split("\t")[0] for line in capsys.readouterr().out.splitlines()]
    assert kinds == ["function", "solution", "shapes", "needs", "minimum", "fitted"]


def test_a_solution_that_fails_its_check_is_not_printed(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    failed = SolutionCheck(points=1, worst=0.5, failed="the gradient by w")
    monkeypatch.setattr(solving, "_checks", lambda _: [failed])
    assert main(SQUARES) == 1
    printed = capsys.readouterr()
    assert printed.out == ""
    assert "the gradient by w" in printed.err
    with pytest.raises(CheckFailed):
        solving.solve("||X w - y||^2", wrt="w")


def test_json_has_everything(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["solve", "a'x", "--wrt", "x", "--subject-to", "x'x = 4", "--format", "json"]) == 0
    record = json.loads(capsys.readouterr().out)
    assert record["schema"] == 1
    assert [p["unknowns"][0]["ascii"] for p in record["points"]] == ["2*a/norm2(a)", "-2*a/norm2(a)"]
    assert [c["hessian"] for c in record["checks"]] == ["negative definite", "positive definite"]
    assert record["constraints"] == [{"left": "xᵀ x", "right": "4", "multiplier": "λ"}]


@pytest.mark.parametrize("output", ["latex", "markdown"])
@pytest.mark.parametrize("steps", ["--steps", "--no-steps"])
def test_typeset_forms_balance(output: str, steps: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["solve", "||x||^2", "--wrt", "x", "--subject-to", "A x = b", "--format", output, steps]) == 0
    printed = capsys.readouterr().out
    body = printed[printed.index("\\begin") : printed.index("\\end")]
    assert body.count("{") == body.count("}")
    assert not set("λ∇∂ℒ−") & set(body)
    assert r"\mathcal{L}" in body or steps == "--no-steps"


def test_code_runs(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["solve", "||A X B - C||_F^2", "--wrt", "X", "--code", "numpy"]) == 0
    space: dict[str, object] = {}
    exec(capsys.readouterr().out, space)  # mc's own text
    rng = np.random.default_rng(1)
    a, b, c = rng.normal(size=(5, 3)), rng.normal(size=(2, 4)), rng.normal(size=(5, 4))
    expected = np.linalg.pinv(a) @ c @ np.linalg.pinv(b)
    np.testing.assert_allclose(space["solution"](A=a, B=b, C=c), expected, rtol=1e-9)  # type: ignore[operator]


def test_code_needs_one_point(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["solve", "a'x", "--wrt", "x", "--subject-to", "x'x = 1", "--code", "numpy"]) == 2
    assert "one stationary point" in capsys.readouterr().err


@pytest.mark.parametrize("width", ["40", "80", "120"])
def test_no_line_is_wider_than_the_terminal(
    width: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", width)
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    assert main(["solve", "1/2 x'P x + q'x", "--wrt", "x", "--subject-to", "A x = b", "--assume", "P:spd"]) == 0
    lines = capsys.readouterr().out.splitlines()
    widest = max(len(line) for line in lines)
    assert widest <= int(width) or width == "40"  # one formula without a place to break may stand out there
    assert len(lines) > 10


def test_large_sizes_are_checked_at_small_ones(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*SQUARES, "--shape", "X:100000,300"]) == 0
    assert "X 100000×300" in capsys.readouterr().out


def test_ascii_is_ascii(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["solve", "v'S v", "--wrt", "v", "--subject-to", "v'v = 1", "--ascii"]) == 0
    assert capsys.readouterr().out.isascii()


def test_a_where_clause_and_constraints_go_together(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["solve", "w'S w where S: spd", "--wrt", "w", "--subject-to", "sum(w) = 1", "--no-steps"]) == 0
    assert "global: ℒ is convex" in capsys.readouterr().out


@pytest.mark.parametrize("constraint", ["A x = b", "A x - b = 0", "0 = A x - b", "b - A x = 0"])
def test_a_constraint_may_be_written_as_a_difference_that_is_zero(
    constraint: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["solve", "||x||^2", "--wrt", "x", "--subject-to", constraint]) == 0
    rows = [line.split("\t") for line in capsys.readouterr().out.splitlines()]
    assert ["solution", "x", "Aᵀ (A Aᵀ)⁻¹ b", "m", ""] in rows
