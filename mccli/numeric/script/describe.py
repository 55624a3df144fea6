"""What functions a module has and how they are declared. Runs in the child process.

Names and annotations are taken from the source text where there is one: an annotation such as
``Float[Array, "m n"]`` is wanted as it was written, not as the object it made.
"""

from __future__ import annotations

import ast
import functools
import inspect
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

from mccli.numeric.script.frameworks import plain
from mccli.numeric.script.wire import Array, Unsendable, pack

Function = Callable[..., Any]
Node = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
Description = dict[str, Any]

MOST_DEFAULT_CHARS = 80
MOST_DEFAULT_SIZE = 1 << 20


class NoSuchName(Exception):
    """The module has nothing of that name, or it is no function (``what`` says what it is)."""

    def __init__(self, name: str, what: str = "") -> None:
        super().__init__(name)
        self.name = name
        self.what = what


# ------------------------------------------------------------------------------------------ names


def function_names(module: ModuleType) -> list[str]:
    """The functions that a module defines, in the order of the file, with those that hang on them (``f.grad``)."""
    own = _defined_names(module)
    names = [n for n, value in vars(module).items() if n in own and _is_function(value) and not _dunder(n)]
    return [full for name in names for full in (name, *_attributes(name, getattr(module, name)))]


def find(module: ModuleType, name: str) -> Function:
    """The function with a dotted name."""
    value: Any = module
    for part in name.split("."):
        try:
            value = getattr(value, part)
        except AttributeError as error:
            raise NoSuchName(name) from error
    if not callable(value):
        raise NoSuchName(name, f"of type {type(value).__name__}")
    if isinstance(value, type):
        raise NoSuchName(name, "a class")
    return value  # type: ignore[no-any-return]


def _is_function(value: Any) -> bool:
    return callable(value) and not isinstance(value, type)


def _dunder(name: str) -> bool:
    return name.startswith("__") and name.endswith("__")


def _attributes(name: str, function: Any) -> list[str]:
    """Functions that the script has set on a function."""
    if not isinstance(function, type(_attributes)):
        return []
    hanging = vars(function).items()
    return [f"{name}.{key}" for key, value in hanging if _is_function(value) and not _dunder(key)]


def _defined_names(module: ModuleType) -> set[str]:
    """Names that the file itself binds other than by importing them."""
    source = _source(getattr(module, "__file__", None) or "")
    if source is not None:
        return set(_bound(source[1].body))
    return {n for n, v in vars(module).items() if getattr(v, "__module__", None) == module.__name__}


def _bound(statements: list[ast.stmt]) -> Iterator[str]:
    """Names bound by statements at the top of a file, inside ``if`` and ``try`` too."""
    for statement in statements:
        if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef):
            yield statement.name
        elif isinstance(statement, ast.Assign | ast.AnnAssign | ast.AugAssign):
            yield from (n.id for n in ast.walk(statement) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store))
        else:
            for block in ("body", "orelse", "finalbody"):
                if not isinstance(statement, ast.ClassDef):
                    yield from _bound(getattr(statement, block, []))
            for handler in getattr(statement, "handlers", []):
                yield from _bound(handler.body)


# ------------------------------------------------------------------------------------------ one function


def describe(function: Function, name: str, arrays: list[Array]) -> Description:
    """A function as JSON; arrays that are defaults are appended to ``arrays``."""
    declared = _declared(function)
    node, text = _node(declared)
    code = getattr(declared, "__code__", None)
    doc = (inspect.getdoc(function) or "").strip().splitlines() if hasattr(declared, "__code__") else []
    description: Description = {
        "name": name,
        "line": node.lineno if node is not None else getattr(code, "co_firstlineno", 0),
        "doc": doc[0] if doc else "",
        "returns": "",
        "readable": True,
        "parameters": [],
    }
    try:
        signature = inspect.signature(declared if _is_module_of_torch(function) else function)
    except (ValueError, TypeError):
        return description | {"readable": False}
    written = _annotations(node, text)
    description["returns"] = written.get("return") or _said(signature.return_annotation)
    description["parameters"] = [_parameter(p, written, arrays) for p in signature.parameters.values()]
    return description


def _declared(function: Any) -> Any:
    """The function that was written, under decorators, ``partial`` and callable objects."""
    while True:
        if isinstance(function, functools.partial):
            function = function.func
        elif hasattr(function, "__wrapped__"):
            function = function.__wrapped__
        elif _is_module_of_torch(function):
            function = function.forward
        elif hasattr(function, "__code__"):
            return function
        elif hasattr(type(function).__call__, "__code__"):
            return type(function).__call__
        else:
            return function


def _is_module_of_torch(function: Any) -> bool:
    return hasattr(function, "forward") and any(c.__module__.startswith("torch.") for c in type(function).__mro__)


def _parameter(parameter: inspect.Parameter, written: dict[str, str], arrays: list[Array]) -> Description:
    required = parameter.default is inspect.Parameter.empty
    starred = parameter.kind in (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
    return {
        "name": parameter.name,
        "required": required and not starred,
        "default": None if required else _packed_default(parameter.default, arrays),
        "default_text": "" if required else _default_text(parameter.default),
        "annotation": written.get(parameter.name) or _said(parameter.annotation),
        "kind": parameter.kind.description,
    }


def _packed_default(default: Any, arrays: list[Array]) -> Any:
    """A default that is a number or an array; None otherwise."""
    if isinstance(default, str | bool) or default is None:
        return None
    found: list[Array] = []
    try:
        pack(default, found, plain)
    except Unsendable:
        return None
    return pack(default, arrays, plain) if sum(a.size for a in found) < MOST_DEFAULT_SIZE else None


def _default_text(default: Any) -> str:
    try:
        text = f"array{default.shape}" if isinstance(default, np.ndarray) else repr(default)
    except Exception:  # the user's own __repr__
        return ""
    return text if len(text) <= MOST_DEFAULT_CHARS else text[: MOST_DEFAULT_CHARS - 1] + "…"


def _said(annotation: Any) -> str:
    """An annotation of which there is no source."""
    if annotation is inspect.Parameter.empty:
        return ""
    return annotation if isinstance(annotation, str) else getattr(annotation, "__name__", None) or str(annotation)


# ------------------------------------------------------------------------------------------ source text


@functools.lru_cache(maxsize=16)
def _source(file: str) -> tuple[str, ast.Module] | None:
    """The text of a Python file and its tree; None where there is none."""
    try:
        data = Path(file).read_bytes()
        tree = ast.parse(data)  # of bytes: it knows byte order marks and coding lines
        return data.decode("utf-8-sig"), tree
    except (OSError, SyntaxError, ValueError):
        return None


def _node(function: Any) -> tuple[Node | None, str]:
    """Where in the source a function is written, with the text of the whole file."""
    code = getattr(function, "__code__", None)
    source = _source(code.co_filename) if code is not None else None
    if code is None or source is None:
        return None, ""
    text, tree = source
    nodes = [n for n in ast.walk(tree) if isinstance(n, Node) and _first_line(n) == code.co_firstlineno]
    named = [n for n in nodes if getattr(n, "name", "<lambda>") == code.co_name]
    return (named[0] if len(named) == 1 else None), text


def _first_line(node: Node) -> int:
    decorators = getattr(node, "decorator_list", [])
    return decorators[0].lineno if decorators else node.lineno


def _annotations(node: Node | None, text: str) -> dict[str, str]:
    """The annotations as they are written, without the quotes of those that are strings."""
    if node is None:
        return {}
    args = node.args
    every = [*args.posonlyargs, *args.args, *args.kwonlyargs, args.vararg, args.kwarg]
    written = {a.arg: a.annotation for a in every if a is not None and a.annotation is not None}
    if not isinstance(node, ast.Lambda) and node.returns is not None:
        written["return"] = node.returns
    return {name: _text_of(annotation, text) for name, annotation in written.items()}


def _text_of(annotation: ast.expr, text: str) -> str:
    if isinstance(annotation, ast.Constant) and isinstance(annotation.value, str):
        return annotation.value
    return ast.get_source_segment(text, annotation) or ast.unparse(annotation)
