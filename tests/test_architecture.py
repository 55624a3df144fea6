"""The floors of the house, from the import statements; and a few rules that keep the code readable and safe."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent / "mccli"

FLOORS: tuple[frozenset[str], ...] = (
    frozenset({"folders"}),
    frozenset({"completion"}),
    frozenset({"errors"}),
    frozenset({"expressions"}),
    frozenset({"language"}),
    frozenset({"modular"}),
    frozenset({"calculus"}),
    frozenset({"identities"}),
    frozenset({"numeric"}),
    frozenset({"codegen", "render", "symbolic"}),
    frozenset(
        {
            "cli",
            "api",
            "identity",
            "convexity",
            "derivatives",
            "solving",
            "session",
            "declarations",
            "testing",
            "__init__",
            "__main__",
            "entry",
        }
    ),
)
"""From the ground up: a module imports from its own floor or from one below it."""

TREE_ONLY = {
    "render": frozenset({"calculus", "identities", "numeric"}),
    "codegen": frozenset({"calculus", "identities"}),
}
"""Rooms that know the tree and not the calculus, high as they are."""

ONLY_IN: dict[str, frozenset[str]] = {
    "numpy": frozenset({"numeric"}),
    "sympy": frozenset({"symbolic"}),
    "typer": frozenset({"cli"}),
    "rich": frozenset({"cli"}),
    "click": frozenset({"cli"}),
    "yaml": frozenset({"identities"}),
}
"""Libraries, each with the one room that knows it."""

NO_LOCAL_IMPORTS = frozenset({"expressions", "language", "modular", "calculus", "identities"})
MOST_LINES = 60
RUNNERS = frozenset({"eval", "exec", "compile", "__import__"})
ALLOWED_RUNNERS = {
    ("numeric/evaluate.py", "eval"): "_compiled(record.value)",
    ("numeric/evaluate.py", "compile"): "text",
}
"""Where text is run: the value of an operation's own record, in the evaluator, and nowhere else."""

Function = ast.FunctionDef | ast.AsyncFunctionDef


def modules() -> list[Path]:
    """Every module of the package."""
    return sorted(ROOT.rglob("*.py"))


def name_of(path: Path) -> str:
    """The path of a module as it is said here."""
    return path.relative_to(ROOT).as_posix()


def room(path: Path) -> str:
    """The package, or the module at the top, that a file belongs to."""
    parts = path.relative_to(ROOT).parts
    return parts[0] if len(parts) > 1 else path.stem


def floor(name: str) -> int:
    """The number of the floor of a room."""
    return next(i for i, rooms in enumerate(FLOORS) if name in rooms)


def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


def imported(tree: ast.AST) -> Iterator[tuple[str, int]]:
    """Every imported module with its line; relative imports are refused elsewhere."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module, node.lineno
            yield from ((f"{node.module}.{alias.name}", node.lineno) for alias in node.names)


def rooms_used(path: Path) -> Iterator[tuple[str, int]]:
    """The rooms of mccli that a module imports from."""
    for module, line in imported(tree_of(path)):
        parts = module.split(".")
        if parts[0] == "mccli" and len(parts) > 1:
            known = any(parts[1] in rooms for rooms in FLOORS)
            if known or (ROOT / parts[1]).is_dir() or (ROOT / f"{parts[1]}.py").is_file():
                yield parts[1], line


PATHS = modules()
EACH = pytest.mark.parametrize("path", PATHS, ids=[name_of(p) for p in PATHS])


def test_every_room_has_a_floor() -> None:
    known = frozenset().union(*FLOORS)
    assert {room(p) for p in PATHS} <= known


@EACH
def test_imports_only_go_down(path: Path) -> None:
    own = floor(room(path))
    upwards = [f"{path.name}:{line} imports {name}" for name, line in rooms_used(path) if floor(name) > own]
    assert not upwards


@EACH
def test_rooms_on_one_floor_do_not_lean_on_each_other(path: Path) -> None:
    """codegen, render and symbolic stand side by side; render may be asked to print by the others."""
    here = room(path)
    if here in ("codegen", "render", "symbolic"):
        beside = FLOORS[floor(here)] - {here, "render"}
        assert not [f"{path.name}:{line} imports {name}" for name, line in rooms_used(path) if name in beside]


@pytest.mark.parametrize(
    "path",
    [pytest.param(p, id=name_of(p)) for p in PATHS],
)
def test_render_and_codegen_know_the_tree_alone(path: Path) -> None:
    unwanted = TREE_ONLY.get(room(path), frozenset())
    assert not [f"{path.name}:{line} imports {name}" for name, line in rooms_used(path) if name in unwanted]


@EACH
def test_each_library_is_known_in_one_room(path: Path) -> None:
    found = [(module.split(".")[0], line) for module, line in imported(tree_of(path))]
    known = [(lib, line) for lib, line in found if lib in ONLY_IN]
    assert not [f"{path.name}:{line} imports {lib}" for lib, line in known if room(path) not in ONLY_IN[lib]]


@EACH
def test_imports_are_absolute(path: Path) -> None:
    relative = [n.lineno for n in ast.walk(tree_of(path)) if isinstance(n, ast.ImportFrom) and n.level]
    assert not relative


# ---------------------------------------------------------------------------------------------- running text


@EACH
def test_no_text_is_run(path: Path) -> None:
    for node in ast.walk(tree_of(path)):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in RUNNERS):
            continue
        allowed = ALLOWED_RUNNERS.get((name_of(path), node.func.id))
        assert allowed is not None, f"{node.func.id} at {name_of(path)}:{node.lineno}"
        assert node.args
        assert ast.unparse(node.args[0]) == allowed


@EACH
def test_nothing_that_runs_text_goes_by_another_name(path: Path) -> None:
    """No alias of eval, no pickle, no shell: what a person types is parsed by mc's own parser only."""
    forbidden = {"pickle", "marshal", "shelve", "code", "codeop"}
    assert not [m for m, _ in imported(tree_of(path)) if m.split(".")[0] in forbidden]
    nodes = list(ast.walk(tree_of(path)))
    called = {id(n.func) for n in nodes if isinstance(n, ast.Call)}
    names = [n for n in nodes if isinstance(n, ast.Name) and n.id in ("eval", "exec", "__import__")]
    assert not [n.lineno for n in names if id(n) not in called]


@EACH
def test_sympy_never_parses_what_a_person_typed(path: Path) -> None:
    """sympify, parse_expr, lambdify and S("...") run their argument through eval."""
    runners = {"sympify", "parse_expr", "lambdify"}
    used = {n.attr for n in ast.walk(tree_of(path)) if isinstance(n, ast.Attribute)}
    used |= {n.id for n in ast.walk(tree_of(path)) if isinstance(n, ast.Name)}
    assert not used & runners


# ---------------------------------------------------------------------------------------------- size and order


def functions(tree: ast.AST) -> Iterator[Function]:
    """Every function, however deep."""
    return (n for n in ast.walk(tree) if isinstance(n, Function))


@pytest.mark.parametrize("path", [pytest.param(p, id=name_of(p)) for p in PATHS])
def test_functions_are_short(path: Path) -> None:
    long = [f"{f.name}: {_length(f)} lines" for f in functions(tree_of(path)) if _length(f) > MOST_LINES]
    assert not long


def _length(function: Function) -> int:
    assert function.end_lineno is not None
    return function.end_lineno - function.lineno + 1


@EACH
def test_no_import_hides_in_a_function(path: Path) -> None:
    """Heavy libraries may be imported late in the upper rooms; the lower ones have nothing to hide."""
    if room(path) not in NO_LOCAL_IMPORTS:
        return
    hidden = [
        f"{function.name}:{node.lineno}"
        for function in functions(tree_of(path))
        for node in ast.walk(function)
        if isinstance(node, ast.Import | ast.ImportFrom)
    ]
    assert not hidden


def test_there_is_no_drawer_for_odds_and_ends() -> None:
    assert not [name_of(p) for p in PATHS if p.stem in ("utils", "util", "misc", "common")]
