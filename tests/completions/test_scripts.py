"""The functions of a file, read as text, against Python's own reading of many files."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from offers import described, offered

from mccli.completion.script import functions, parameters, without

ROOT = Path(__file__).resolve().parents[2]
FILES = sorted(path for folder in ("mccli", "tests", "benchmarks") for path in (ROOT / folder).rglob("*.py"))

TRICKY = '''
"""def in_a_docstring(): pass
def at_the_start_of_a_line(): pass
"""
text = 'def in_a_string(): "'  # def in_a_comment(): "
def plain(x, y=(1, 2), *rest, key: dict[str, int] = {"a": 1, ")": 2}, **options): pass
@decorated(lambda: """
def in_a_decorator(): pass
""")
async def over_lines(
    first,  # a comment, with a comma and a )
    /,
    second: str = "a, b",
    *,
    third=lambda a, b: a,
) -> None:
    def inner(): pass
short = lambda a, b=1: a
class Model:
    def method(self): pass
r"""\\\\"""
def after_a_raw_string(): pass
'''


def test_python_reads_the_same_in_every_file_here() -> None:
    assert len(FILES) > 200
    for path in FILES:
        source = path.read_text(encoding="utf-8")
        found = {name: parameters(written) for name, written in functions(source).items()}
        assert found == _by_python(source), path


def _by_python(source: str) -> dict[str, list[str]]:
    """The functions at the top of a file with the names of their parameters."""
    found = {}
    for node in ast.parse(source).body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            found[node.name] = _names(node.args)
        elif isinstance(node, ast.Assign) and isinstance(node.value, ast.Lambda):
            found[ast.unparse(node.targets[0])] = _names(node.value.args)
    return found


def _names(given: ast.arguments) -> list[str]:
    return [a.arg for a in (*given.posonlyargs, *given.args, *given.kwonlyargs)]


def test_strings_comments_and_brackets_do_not_mislead() -> None:
    found = functions(TRICKY)
    assert list(found) == list(_by_python(TRICKY))
    assert list(found) == ["plain", "over_lines", "short", "after_a_raw_string"]
    assert parameters(found["plain"]) == ["x", "y", "key"]
    assert parameters(found["over_lines"]) == ["first", "second", "third"]
    assert parameters(found["short"]) == ["a", "b"]
    assert len(without("'\"#", TRICKY)) == len(TRICKY)


@pytest.mark.parametrize("source", ["", "def", "def f", "def f(", "'", '"""', "def f(x", "x = lambda", "\\", '"\\'])
def test_an_unfinished_file_is_no_trouble(source: str) -> None:
    assert set(functions(source)) <= {"f", "x"}


def test_a_file_is_read_and_not_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "model.py").write_text("raise SystemExit\ndef f(X, w): ...\ndef _g(): ...\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    assert described("mc verify model.py:") == {"model.py:f": "X, w"}
    assert offered("mc verify model.py:_") == ["model.py:_g"]
    assert offered("mc verify model:") == ["model:f"]
    assert offered("mc verify model.py:f --wrt ") == ["X", "w"]
    assert offered("mc verify model.py:f --grad ") == ["f"]
    assert offered("mc verify nonesuch.py:") == []
    assert offered("mc verify .:") == []
