"""What ``mc lookup`` prints for people, pipes and programs, and that every word of it can be relied on."""

from __future__ import annotations

import json
import shlex
from collections.abc import Sequence
from contextlib import redirect_stderr, redirect_stdout
from io import StringIO
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest

import mccli
from mccli.cli import lookup as typer_lookup
from mccli.cli.app import run as run_typer
from mccli.cli.main import main, protect_minus
from mccli.cli.plain_options import LOOKUP, read_plainly


class Stream(StringIO):
    """A stream that shows every letter."""

    encoding = "utf-8"


def run(*words: str, given: str = "") -> tuple[int, str, str]:
    """The exit code, standard output and standard error of a lookup."""
    out, err = Stream(), Stream()
    with redirect_stdout(out), redirect_stderr(err), patch("sys.stdin", StringIO(given)):
        code = main(["lookup", *words])
    return code, out.getvalue(), err.getvalue()


def rows(*words: str) -> list[list[str]]:
    """The records of a pipe."""
    return [line.split("\t") for line in run(*words)[1].splitlines()]


def document(*words: str) -> dict[str, Any]:
    """The answer as JSON."""
    found: dict[str, Any] = json.loads(run(*words, "--format", "json")[1])
    return found


@pytest.fixture
def card(monkeypatch: pytest.MonkeyPatch) -> Any:
    """The answer as a person sees it."""
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "100")
    return lambda *words: run(*words, "--color", "never")[1]


# ------------------------------------------------------------------------------------- how it was found


@pytest.mark.parametrize(
    ("words", "how"),
    [
        (("tr(AXB)",), "exact"),
        (("3 tr(AXB)",), "up to a factor"),
        (("tr(AXB) + b'c", "--wrt", "X"), "up to constants"),
        (("L(Wx)", "--wrt", "W"), "special: b = 0"),
        (("-y'*log(softmax(z))", "--wrt", "z"), "condition: y on the simplex"),
        (("-y'*log(softmax(z))", "--wrt", "z", "--assume", "y:simplex"), "exact"),
        (("x'Ax -> 2Ax",), "condition: A symmetric"),
        (("normal equations",), "words"),
        (("trace-axb",), "id"),
        (("tr(X'AX) + sum(exp(X))", "--wrt", "X"), "derived"),
    ],
)
def test_every_record_of_a_pipe_says_how_it_was_found(words: tuple[str, ...], how: str) -> None:
    assert rows(*words)[0][6] == how
    found = document(*words)
    first = found["matches"][0] if found["matches"] else found["derived"]
    assert first["how"] == how.partition(":")[0]


def test_no_match_of_words_is_called_exact() -> None:
    for text in ("least squares", "gaussian covariance", "softmax"):
        assert {row[6] for row in rows(text)} == {"words"}
        assert "Found by words." in run(text)[2]


def test_a_condition_comes_with_the_answer_that_needs_none() -> None:
    found = rows("-y'*log(softmax(z))", "--wrt", "z")
    assert found[-1][4] == "sum(y)*softmax(z) - y"
    assert found[-1][6] == "derived"
    assert "--assume y:simplex" in run("-y'*log(softmax(z))", "--wrt", "z")[2]


def test_a_record_over_complex_numbers_is_no_answer_for_real_ones() -> None:
    for row in rows("x'Ax"):
        if row[0].startswith("wirtinger"):
            assert row[6] == "condition: x complex"


# -------------------------------------------------------------------------------------- how it was read


@pytest.mark.parametrize(
    ("typed", "meant", "said"),
    [
        ("tr A X B", "tr(AXB)", "tr(A X B)"),
        ("<A,X>", "tr(A'X)", "inner product"),
        (r"\langle A, X \rangle", "tr(A'X)", "inner product"),
        ("x·y", "x'y", "inner product"),
        ("vec(AXB)", "AXB", "vec by vec"),
        ("sum(e^x)", "sum(exp(x))", "sum(exp(x))"),
        ("cx'Ax", "c*x'Ax where c: scalar", "c is read as a number"),
    ],
)
def test_a_tolerant_reading_is_said_and_is_right(typed: str, meant: str, said: str) -> None:
    _, out, err = run(typed)
    assert said in err
    assert any(said in note for note in document(typed)["notes"])
    assert out.splitlines()[0].split("\t")[4] == rows(meant)[0][4]


@pytest.mark.parametrize(
    "typed", ["b/A", "|x|", "e^x", "softmax w'x", "tr(AX", "d^2(x'Ax)", "x'Ax +", "trace(AX) ) norm"]
)
def test_mathematics_that_cannot_be_read_is_no_search_by_words(typed: str) -> None:
    code, out, err = run(typed)
    assert (code, out) == (2, "")
    assert err.startswith("error[")


def test_words_in_unreadable_mathematics_are_a_hint_only() -> None:
    code, out, err = run("determinant of (X")
    assert (code, out) == (2, "")
    assert "as words it would be: " in err


@pytest.mark.parametrize(
    "typed",
    [
        r"\frac{\partial}{\partial x} (x'Ax)",
        r"\frac{\partial x'Ax}{\partial x}",
        r"\nabla_x (x'Ax)",
        r"\nabla_{x} x'Ax",
        r"\nabla_{\mathbf{x}} \mathbf{x}^\top A \mathbf{x}",
        r"\frac{d}{dx} x'Ax",
        r"\frac{\mathrm{d}}{\mathrm{d}x} x'Ax",
        "∇_x x'Ax",
        "d/dx (x'Ax)",
    ],
)
def test_derivatives_in_latex_name_the_variable(typed: str) -> None:
    assert rows(typed)[0][2:5] == ["x", "gradient", "(A + A')*x"]


def test_second_derivatives_in_latex_are_hessians() -> None:
    for typed in (r"\nabla^2 (x'Ax)", r"\nabla_x^2 x'Ax", r"\frac{\partial^2 x'Ax}{\partial x \partial x^\top}"):
        assert rows(typed)[0][2:5] == ["x", "hessian", "A + A'"]


def test_two_lines_of_standard_input_are_not_multiplied() -> None:
    code, out, err = run("-", given="x'x\ntr(AX)\n")
    assert (code, out) == (2, "")
    assert "2 lines" in err
    assert run("-", given="x'Ax +\n x'x\n")[0] == run("x'Ax + x'x")[0] == 0
    assert run("-", given="x'Ax +\n x'x\n")[1] == run("x'Ax + x'x")[1]


# ----------------------------------------------------------------------------------------------- claims


@pytest.mark.parametrize(
    ("typed", "agrees"),
    [
        ("tr(AXB) -> A'B'", True),
        ("tr(AXB) -> AB", False),
        ("x'Ax + exp(b'x) -> (A+A')x + exp(b'x) b", True),
        ("x'Ax + exp(b'x) -> 2A x", False),
        ("sum(tanh(x)) -> 1 ./ cosh(x).^2", True),
        ("x'Ax -> A A x x", False),
    ],
)
def test_the_verdict_on_a_claim_is_said_everywhere(typed: str, agrees: bool) -> None:
    found = document(typed)
    assert found["agrees"] is agrees
    assert ("agrees with" if agrees else "differs from") in run(typed)[2]


def test_a_claim_that_needs_a_condition_says_so() -> None:
    found = document("x'Ax -> 2Ax")
    assert (found["agrees"], found["agrees_if"]) == (True, ["A symmetric"])
    assert "it holds if A symmetric" in run("x'Ax -> 2Ax")[2]
    assert document("x'Ax -> 2Ax", "--assume", "A:symmetric")["agrees_if"] == []


@pytest.mark.parametrize("typed", ["tr(AX) ->", "tr(AX) -> ((", "tr(AX) -> A +", "x'x ->  ", "x'x -> 2 & x"])
def test_a_claim_that_cannot_be_read_is_an_error(typed: str) -> None:
    code, out, err = run(typed)
    assert (code, out) == (2, "")
    assert err.startswith("error[")


# ------------------------------------------------------------------------------------------ declarations


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("tr(AX)", "--shape", "Q:2,2"), "Q is declared but does not occur"),
        (("tr(AX)", "--assume", "Q:symmetric"), "Q is declared but does not occur"),
        (("tr(AX)", "--wrt", "Q"), "no variable Q"),
        (("tr(AX)", "--wrt", "X,A"), "X and A together"),
    ],
)
def test_what_would_be_ignored_is_refused(words: tuple[str, ...], said: str) -> None:
    code, out, err = run(*words)
    assert (code, out) == (2, "")
    assert said in err


def test_two_variables_are_for_differentials() -> None:
    assert rows("d(XY)", "--wrt", "X,Y")[0][2:4] == ["X,Y", "differential"]


STEPS: Sequence[tuple[str, ...]] = (
    ("x'Ax + sum(exp(x))",),
    ("x'Ax + sum(exp(x))", "--assume", "A:symmetric"),
    ("tr(X'AX) + sum(exp(X))", "--wrt", "X", "--shape", "X:3,2"),
    ("x'Ax + exp(b'x) + c", "--shape", "c:scalar", "--wrt", "x"),
    ("x'x + L(Wx)^2", "--wrt", "x"),
    ("phi(x)'x + x'Ax", "--define", "phi(t): elementwise", "--wrt", "x"),
    (r"\|Ax-b\|_2^2 + \mathbf{x}^\top \exp(x)", "--wrt", "x"),
    ("Hessian of x'Ax + sum(exp(x))",),
    ("sin(A x) .* x",),
    ("d(A exp(X) B)", "--wrt", "X"),
)


@pytest.mark.parametrize("words", STEPS)
def test_the_command_for_the_steps_gives_the_same_answer(words: tuple[str, ...]) -> None:
    derived = document(*words)["derived"]
    command = shlex.split(derived["command"])
    assert command[:2] == ["mc", "derive"]
    out, err = Stream(), Stream()
    with redirect_stdout(out), redirect_stderr(err):
        assert main([*command[1:], "--format", "json"]) == 0, err.getvalue()
    found = json.loads(out.getvalue())
    assert derived["result"] in json.dumps(found), (derived, found)


# ------------------------------------------------------------------------------------------------- cards


def test_conditions_keep_their_brackets(card: Any) -> None:
    shown = card("norm2((A+B)x - b)", "--wrt", "x")
    assert "Needs       (A + B) x − b ≠ 0" in shown
    assert "(P + Q) symmetric" in card("x'(P+Q)x -> 2(P+Q)x")


def test_a_sentence_is_in_one_set_of_names(card: Any) -> None:
    shown = card("tr(P Z Q)", "--wrt", "Z")
    assert "tr(Z P Q)" in shown
    assert "in the names of the record" in card("norm2((A+B)x)", "--wrt", "x")


def test_a_letter_of_the_record_is_not_taken_for_one_of_the_question(card: Any) -> None:
    assert "the record's A is A + B" in card("norm2((A+B)x - b)", "--wrt", "x")


def test_an_assumption_that_is_not_needed_is_no_need(card: Any) -> None:
    shown = card("logsumexp(z) - y'z", "--wrt", "z")
    assert "softmax(z) − y" in shown
    assert not [line for line in shown.splitlines() if line.strip().startswith("Needs") and "one-hot" in line]


def test_an_absent_hessian_is_not_confused_with_a_gradient(card: Any) -> None:
    shown = card("hessian of sum(exp(X))")
    assert "∇²f(X) = Diag(vec(exp(X)))" in shown
    assert document("hessian of sum(exp(X))")["derived"]["kind"] == "hessian"


# --------------------------------------------------------------------------------------- reading options


PLAIN: Sequence[tuple[str, ...]] = (
    ("tr(AXB)",),
    ("tr(AXB)", "--wrt", "X"),
    ("--wrt=X", "tr(AXB)"),
    ("-log|X|", "--wrt", "X", "--assume", "X:spd", "--assume", "A:symmetric"),
    ("x'x", "--count", "3", "--ascii"),
    ("--family", "trace", "--format", "json"),
    ("x'x", "--color=never", "--shape", "x:n", "--define", "L(z): scalar"),
    (),
)


@pytest.mark.parametrize("words", PLAIN)
def test_the_plain_reader_understands_what_typer_does(words: tuple[str, ...], monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[dict[str, Any]] = []
    names = ("query", "wrt", "family", "shape", "assume", "define", "count", "output", "ascii_only", "colour")

    def answer(*values: Any) -> int:
        told.append(dict(zip(names, values, strict=True)))
        return 0

    monkeypatch.setattr(typer_lookup, "answer", answer)
    run_typer(["lookup", *map(protect_minus, words)])
    plain = read_plainly(words, LOOKUP)
    assert plain is not None
    query, given = plain
    assert query == told[0]["query"].strip()
    for name, value in given.items():
        assert told[0][name] == value
    for name in names[1:]:
        assert name in given or not told[0][name] or told[0][name] in (8, "text", "auto")


@pytest.mark.parametrize(
    "words", [("--help",), ("x", "-h"), ("x", "--wrt"), ("x", "y"), ("x", "--nope"), ("x", "--count", "z"), ("--",)]
)
def test_the_rest_is_left_to_typer(words: tuple[str, ...]) -> None:
    assert read_plainly(words, LOOKUP) is None


# ---------------------------------------------------------------------------------------------- from Python


def test_python_looks_up_the_records_of_the_user(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    folder = tmp_path / "data" / "mccli"
    folder.mkdir(parents=True)
    (folder / "own.yaml").write_text(
        "family: own\nrecords:\n"
        "- id: own-quartic\n  name: Fourth power of the norm times a form\n  level: special\n"
        "  expression: (x'*x)*(b'*x)^3\n  variable: x\n"
        "  shapes: {x: n, b: n}\n  gradient: 2*(b'*x)^3*x + 3*(x'*x)*(b'*x)^2*b\n  sources: [own]\n",
        encoding="utf-8",
    )
    found = mccli.lookup("(z'z)(a'z)^3", wrt="z")
    assert found[0].id == "own-quartic"
    assert str(found[0].result) == "2 (aᵀ z)³ z + 3 (zᵀ z) (aᵀ z)² a" or found[0].result.shape == "n"


def test_python_refuses_names_that_do_not_occur() -> None:
    with pytest.raises(mccli.McError, match="no variable Q"):
        mccli.lookup("tr(AX)", wrt="Q")
