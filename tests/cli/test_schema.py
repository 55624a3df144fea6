"""``--format json`` of every command is what its JSON Schema in ``data/schema`` says, over many kinds of answers."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from referencing import Registry, Resource

from mccli.cli.app import COMMANDS
from mccli.cli.main import main
from mccli.folders import data_folder

FOLDER = Path(data_folder()) / "schema"
SCRIPT = """
import numpy as np

def mc_example(rng):
    return {"x": rng.standard_normal(3), "A": rng.standard_normal((3, 3))}

def f(x, A):
    return x @ A @ x

def grad_f(x, A):
    return 2 * A @ x

def g(x):
    return float(x @ x)

def grad_g(x):
    return 2 * x

def h(x):
    raise ValueError("no")

def grad_h(x):
    return x
"""
RECORDS = """
family: mine
records:
- id: half-right
  name: Half right
  level: standard
  expression: x'*A*x
  variable: x
  shapes: {x: n, A: "n,n"}
  gradient: 2*A*x
  why: It is not.
  sources: [my notes]
"""

DERIVE: Sequence[tuple[str, ...]] = (
    ("||A x - b||^2", "--wrt", "x"),
    ("x'Ax/(x'x)", "--wrt", "x", "--no-steps"),
    ("log det X", "--wrt", "X", "--assume", "X:spd"),
    ("tr(A X)", "--wrt", "X", "--assume", "X:diagonal", "--no-check"),
    ("L(W x + b)", "--wrt", "W,b", "--define", "L(z): scalar"),
    ("sum(swish(x))", "--wrt", "x", "--define", "swish(t) = t*sigmoid(t)"),
    ("a^2 x'x", "--wrt", "a", "--shape", "a:scalar"),
    ("np.sum((A @ x - b)**2)", "--wrt", "x"),
    ("A X B", "--wrt", "X"),
    ("A X B", "--wrt", "X", "--layout", "numerator"),
    ("||A x - b||^2", "--wrt", "x", "--order", "2"),
    ("x'A y", "--wrt", "x,y", "--order", "2"),
    ("tanh(W x + b)", "--wrt", "W", "--upstream", "G"),
    ("tr(A X B)", "--wrt", "X", "--along", "V"),
    ("X^-1", "--wrt", "X", "--differential"),
)
LOOKUP: Sequence[tuple[str, ...]] = (
    ("tr(AXB)",),
    ("trace-axb",),
    ("normal equations",),
    ("gausian likelyhood",),
    ("1/2 x'Ax - b'x -> Ax - b",),
    ("tr(X'AX) + sum(exp(X))",),
    ("hessian of x'Ax",),
    ("d(X^-1)",),
    ("sum(cos(x)) + x'x", "--wrt", "x"),
    ("--family", "trace"),
)
ANSWERS = {
    "derive": DERIVE,
    "lookup": LOOKUP,
    "shape": (("tr(AXB)",), ("A x - b", "--shape", "A:3,4"), ("np.trace(A @ X.T)",), ("lambda",)),
    "ops": ((), ("logdet",), ("kron",)),
    "sheet": (("trace",), ("--all",), ("det", "--level", "essential")),
    "solve": (("||A x - b||^2", "--wrt", "x"), ("x'A x - 2 b'x", "--wrt", "x", "--assume", "A:spd", "--no-steps")),
    "check": (("{folder}/records.yaml",),),
    "verify": (
        ("{folder}/script.py:f", "--of", "x'Ax", "--wrt", "x"),
        ("{folder}/script.py:g", "--shape", "x:3"),
        ("{folder}/script.py",),
    ),
}
"""For every command that has ``--format json``, what stands behind its name."""
WITHOUT = {"completion", "help", "repl"}
"""Commands whose output is text alone."""
MISTAKES = (
    ("derive", "x'(A x", "--wrt", "x"),
    ("derive", "sum(softmaks(x))", "--wrt", "x"),
    ("derive", "x'Ax/x'x", "--wrt", "x"),
    ("derive", "x'x", "--wrt", "x", "--shpe", "x:n"),
    ("derive", "x'x", "--wrt", "x", "--color", "green"),
    ("shape", "A + B", "--shape", "A:3,4", "--shape", "B:4,3"),
    ("lookup", "no such thing at all"),
    ("ops", "logdte"),
    ("sheet", "trce"),
    ("check", "no-such-file.yaml"),
    ("verify", "no-such-file.py:f"),
    ("derve", "x'x"),
)


@cache
def registry() -> Registry[Any]:
    """All schemas, by their names."""
    found = [json.loads(path.read_text(encoding="utf-8")) for path in sorted(FOLDER.glob("*.json"))]
    return Registry().with_resources((schema["$id"], Resource.from_contents(schema)) for schema in found)


def assert_valid(document: object, name: str) -> None:
    """The document is what the schema says."""
    validator = Draft202012Validator(registry()[f"{name}.json"].contents, registry=registry())
    found = [f"{'/'.join(map(str, e.absolute_path))}: {e.message}" for e in validator.iter_errors(document)]
    assert not found, "\n".join(found)[:2000]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a script and records."""
    (tmp_path / "script.py").write_text(SCRIPT, encoding="utf-8")
    (tmp_path / "records.yaml").write_text(RECORDS, encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.json")), ids=lambda path: path.stem)
def test_every_schema_is_one_and_is_strict(path: Path) -> None:
    schema = json.loads(path.read_text(encoding="utf-8"))
    assert schema["$id"] == path.name
    Draft202012Validator.check_schema(schema)
    assert not [where for where in open_objects(schema) if where != "$defs/derivation"]


def open_objects(schema: object, where: str = "") -> list[str]:
    """The objects in a schema that would let unknown fields through."""
    if isinstance(schema, list):
        return [found for i, item in enumerate(schema) for found in open_objects(item, f"{where}/{i}")]
    if not isinstance(schema, dict):
        return []
    closed = "additionalProperties" in schema or "unevaluatedProperties" in schema
    own = [where.strip("/")] if schema.get("type") == "object" and not closed else []
    return own + [found for key, value in schema.items() for found in open_objects(value, f"{where}/{key}")]


def test_every_command_has_a_schema_or_prints_text_alone() -> None:
    assert set(COMMANDS) - WITHOUT == set(ANSWERS)
    assert {path.stem for path in FOLDER.glob("*.json")} == {*ANSWERS, "error", "derive-batch"}


@pytest.mark.parametrize(
    ("command", "words"),
    [(command, words) for command, cases in ANSWERS.items() for words in cases],
    ids=lambda part: part if isinstance(part, str) else " ".join(part),
)
def test_answers(command: str, words: Sequence[str], folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main([command, *(word.replace("{folder}", str(folder)) for word in words), "--format", "json"])
    document = json.loads(capsys.readouterr().out)
    assert document["command"] == command
    assert_valid(document, command)


@pytest.mark.parametrize("words", MISTAKES, ids=" ".join)
def test_mistakes(words: Sequence[str], capsys: pytest.CaptureFixture[str]) -> None:
    code = main([*words, "--format", "json"])
    printed = capsys.readouterr()
    document = json.loads(printed.err)
    assert code == document["error"]["exit_code"] != 0
    assert_valid(document, "error")
    if printed.out:  # what was looked at, where nothing was found
        assert_valid(json.loads(printed.out), words[0])


def test_a_batch(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lines = "x'Ax\ntr(\nlog det X ; --wrt X\nx'x ; --nonsense\n"
    (folder / "batch.txt").write_text(lines, encoding="utf-8")
    assert main(["derive", "--batch", str(folder / "batch.txt"), "--wrt", "x"]) == 2
    documents = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [(d["line"], "error" in d) for d in documents] == [(1, False), (2, True), (3, False), (4, True)]
    for document in documents:
        assert_valid(document, "derive-batch")


def test_a_field_that_is_not_in_the_schema_is_noticed() -> None:
    with pytest.raises(AssertionError, match="extra"):
        assert_valid({"schema": 1, "command": "shape", "error": {}, "extra": 1}, "error")
