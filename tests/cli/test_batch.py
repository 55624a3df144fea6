"""``mc derive --batch``: what a line is, what comes out for it, and how it ends."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Sequence
from io import StringIO
from pathlib import Path
from typing import Any

import pytest

from mccli import api
from mccli.cli.main import main
from mccli.errors import CheckFailed

Answered = tuple[int, list[dict[str, Any]], str]
Run = Callable[..., Answered]


@pytest.fixture
def run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    """Derive the lines of a text; the exit code, the documents, and what is said on standard error."""

    def answered(text: str | bytes, *options: str) -> Answered:
        path = tmp_path / "lines.txt"
        path.write_bytes(text.encode() if isinstance(text, str) else text)
        code = main(["derive", "--batch", str(path), *options])
        printed = capsys.readouterr()
        return code, [json.loads(line) for line in printed.out.splitlines()], printed.err

    return answered


def single(words: Sequence[str], capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    """What ``mc derive --format json`` says."""
    assert main(["derive", *words, "--format", "json"]) == 0
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    return found


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("||A x - b||^2", ("||A x - b||^2", "--wrt", "x")),
        ("  x'Ax  ", ("x'Ax", "--wrt", "x")),
        ("x'Ax ; --assume A:symmetric", ("x'Ax", "--wrt", "x", "--assume", "A:symmetric")),
        ("x'Ax;--assume A:symmetric # why not", ("x'Ax", "--wrt", "x", "--assume", "A:symmetric")),
        ("x'Ax where A: symmetric; x: n", ("x'Ax where A: symmetric; x: n", "--wrt", "x")),
        ("x'Ax where A: symmetric; x: 3 ; --no-steps", ("x'Ax where A: symmetric; x: 3", "--wrt", "x", "--no-steps")),
        ("log det X ; --wrt X", ("log det X", "--wrt", "X")),
        ("-x'x", ("-x'x", "--wrt", "x")),
        ("x'A y ; --wrt=y", ("x'A y", "--wrt", "y")),
        ('sum(f(x)) ; --define "f(t): elementwise"', ("sum(f(x))", "--wrt", "x", "--define", "f(t): elementwise")),
        ("A x", ("A x", "--wrt", "x")),
        ("x'A x ; --order 2", ("x'A x", "--wrt", "x", "--order", "2")),
    ],
)
def test_a_line_is_a_command(line: str, words: Sequence[str], run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    code, (document,), said = run(f"{line}\n", "--wrt", "x", "--no-check")
    assert (code, said, document.pop("line")) == (0, "", 1)
    assert document == single([*words, "--no-check"], capsys)


def test_comments_and_empty_lines_are_skipped_and_counted(run: Run) -> None:
    _, documents, _ = run("# first\n\nx'x   # two\r\n   \n\tb'x\n#x'x", "--wrt", "x", "--no-check")
    assert [d["line"] for d in documents] == [3, 5]
    assert [d["expression"]["input"] for d in documents] == ["x'x", "b'x"]


@pytest.mark.parametrize("text", ["", "\n\n", "# nothing\n"])
def test_nothing_to_do_is_done(text: str, run: Run) -> None:
    assert run(text, "--wrt", "x") == (0, [], "")


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("tr(", "ends too early|never closed"),
        ("x'x ; --nonsense", "mc derive has no option --nonsense"),
        ("x'x ; --define 'f", "the options cannot be read"),
        ("x'x ; --format latex", "a line cannot have --format"),
        ("x'x ; --format=json", "a line cannot have --format=json"),
        ("x'x ; --batch other", "a line cannot have --batch"),
        ("x'x ; --help", "a line cannot have --help"),
        ("x'x ; --code numpy", "a line cannot have --code"),
        ("x'x ; --order two", "--order takes a whole number, not two"),
        ("x'x ; --wrt z", "the expression has no variable z"),
        ("x'A x ; --assume A:symetric", "did you mean symmetric"),
        ("; --wrt x", "needs an expression"),
        ("(" * 5000, "nested too deeply|never closed"),
    ],
)
def test_a_bad_line_is_said_and_the_rest_is_done(line: str, said: str, run: Run) -> None:
    code, documents, message = run(f"b'x\n{line}\nx'x\n", "--wrt", "x", "--no-check")
    assert code == 2
    assert [d["line"] for d in documents] == [1, 2, 3]
    assert ["error" in d for d in documents] == [False, True, False]
    assert "line 2: " in message
    assert message.endswith("1 of 3 lines failed: 2\n")
    found = documents[1]["error"]
    assert any(part in found["message"] + " ".join(found["notes"]) for part in said.split("|"))
    assert "line 2" not in found["message"]


def test_bytes_that_are_no_text(run: Run) -> None:
    code, documents, _ = run(b"x'x\n\xff\xfe\x00\nb'x\n", "--wrt", "x", "--no-check")
    assert (code, ["error" in d for d in documents]) == (2, [False, True, False])


def test_the_fix_of_a_line_is_a_command(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    _, (document,), message = run("sum(softmaks(x)) ; --no-steps\n", "--wrt", "x", "--no-check")
    fix = 'mc derive "sum(softmax(x))" --wrt x --no-check --no-steps'
    assert document["error"]["fix"] == fix
    assert f"= fix: {fix}\n" in message
    assert main(["derive", "sum(softmax(x))", "--wrt", "x", "--no-check", "--no-steps"]) == 0
    assert capsys.readouterr().out


def test_a_failed_check_is_1_and_bad_input_2(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: object, **__: object) -> None:
        raise CheckFailed("the check failed")

    monkeypatch.setattr(api.Result, "check", fails)
    assert run("x'x\n", "--wrt", "x")[0] == 1
    assert run("x'x\ntr(\n", "--wrt", "x")[0] == 2


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("x'x",), "--batch reads the expressions from a file"),
        (("--format", "latex"), "a batch is answered in JSON"),
        (("--format=text",), "a batch is answered in JSON"),
    ],
)
def test_what_the_command_cannot_have(options: Sequence[str], said: str, run: Run) -> None:
    code, documents, message = run("x'x\n", "--wrt", "x", *options)
    assert (code, documents) == (2, [])
    assert said in message


def test_json_may_be_asked_for(run: Run) -> None:
    assert run("x'x\n", "--wrt", "x", "--no-check", "--format", "json")[0] == 0


def test_a_missing_file(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["derive", "--batch", "no-such-file", "--wrt", "x"]) == 2
    assert capsys.readouterr().err.startswith("error[file]: cannot read no-such-file")


def test_standard_input(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(sys, "stdin", StringIO("x'x\nb'x\n"))
    assert main(["derive", "--batch", "-", "--wrt", "x", "--no-check"]) == 0
    assert [json.loads(line)["line"] for line in capsys.readouterr().out.splitlines()] == [1, 2]
