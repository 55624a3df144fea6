"""Names for expressions, put into the tree: spans, copies, captured names, limits."""

from __future__ import annotations

import pytest

from mccli.errors import AmbiguityError, McError, NameMistake, ShapeError, SyntaxMistake
from mccli.language.declare import Scope, function_spellings, read_scope
from mccli.language.definitions import Definition, moved_tree, names_in, used_definitions
from mccli.language.elaborate import Elaborated, elaborate
from mccli.language.parser import parse
from mccli.render.text import text


def scope_with(*lines: str, base: Scope | None = None) -> Scope:
    """A scope with definitions such as ``f = x'x`` and ``q(x) = x'S x``."""
    scope = base or Scope()
    for line in lines:
        head, _, body = line.partition("=")
        name, bracket, inside = head.strip().rstrip(")").partition("(")
        parameters = tuple(p.strip() for p in inside.split(",")) if bracket else ()
        tree = parse(body, functions=function_spellings(scope), names=[*scope.known(), *parameters]).tree
        definition = Definition(line, parameters, moved_tree(tree, len(head) + 1))
        scope = scope._replace(expressions={**scope.expressions, name: definition})
    return scope


def read(expression: str, *lines: str) -> Elaborated:
    return elaborate(expression, scope_with(*lines), scalar=True)


def test_without_definitions_nothing_changes() -> None:
    assert elaborate("x'A x", Scope()) == elaborate("x'A x", scope_with())


def test_the_text_stays_the_one_that_was_typed() -> None:
    assert read("f + 1", "f = x'x").text == "f + 1"


def test_subexpressions_are_those_of_all_texts() -> None:
    found = {s.text: str(s.shape[0]) for s in read("2 r", "r = A x - b").subexpressions}
    assert found["A x - b"] == found["b"] == found["2 r"] == "m"


def test_remarks_speak_of_the_right_place() -> None:
    scope = scope_with("p = x + c", base=read_scope(["c:scalar"]))
    assert elaborate("2 p", scope).notes == ("the scalar c is added to every entry",)


def test_a_mistake_points_into_the_definition_it_is_in() -> None:
    scope = scope_with("r = A x - b", base=read_scope(["A:3,4", "x:4"]))
    scope = scope._replace(shapes=read_scope(["A:3,4", "x:5"]).shapes)
    with pytest.raises(ShapeError) as caught:
        elaborate("r'r", scope)
    error = caught.value
    assert error.source == "r = A x - b"
    marked = {error.source[m.span.start : m.span.end] for m in error.marks}
    assert {"A", "x"} <= marked
    assert error.notes[-1] == "this is in the definition of r"
    assert error.fix is None


def test_a_mistake_beside_a_name_points_at_the_name() -> None:
    with pytest.raises(ShapeError) as caught:
        elaborate("r + y", scope_with("r = A x", base=read_scope(["A:3,4", "y:5"])))
    error = caught.value
    assert error.source == "r + y"
    assert {(m.label, error.source[m.span.start : m.span.end]) for m in error.marks} >= {("3", "r"), ("5", "y")}


def test_a_product_with_a_name_is_no_call() -> None:
    with pytest.raises(ShapeError):
        elaborate("A r", scope_with("r = x - y", base=read_scope(["A:3,4", "x:5"])))


def test_names_bind_as_brackets_do() -> None:
    assert text(read("s'x", "s = y + z").expression) == "(y + z)ᵀ x"
    assert text(read("2 p .* q", "p = x", "q = y").expression) == "2 x ∘ y"
    assert text(read("s^2", "s = a'x").expression) == "(aᵀ x)²"


def test_arguments_are_looked_up_outside() -> None:
    assert text(read("q(q(x) x)", "q(x) = x'S x").expression) == "(xᵀ S x)³"
    assert text(read("k(y, x)", "k(x, y) = x'M y").expression) == "yᵀ M x"


@pytest.mark.parametrize(
    ("expression", "lines"),
    [
        ("k(u)", ("h = a'x", "k(x) = h + x'x")),
        ("series(r, 0, 3, h)", ("h = r'r",)),
        ("series(r, 0, 3, q(r x))", ("h = r'r", "q(x) = h x'x")),
    ],
)
def test_a_name_that_would_be_captured_is_refused(expression: str, lines: tuple[str, ...]) -> None:
    with pytest.raises(NameMistake, match="two meanings"):
        read(expression, *lines)


def test_an_index_of_its_own_is_no_symbol() -> None:
    expected = elaborate("series(r, 0, 3, A^r)", Scope()).expression
    assert read("series(r, 0, 3, A^r)", "r = x'x").expression == expected
    assert read("p", "p = series(r, 0, 3, A^r)").expression == expected


def test_definitions_in_circles_and_with_other_arguments_are_refused() -> None:
    circle = scope_with("f = x'x", "g = f + 1")
    again = Definition("f = g", (), parse("g", functions={}).tree)
    with pytest.raises(NameMistake, match="by itself"):
        elaborate("g", circle._replace(expressions={**circle.expressions, "f": again}))
    with pytest.raises(NameMistake, match="1 argument, not 2"):
        read("q(x, y)", "q(x) = x'x")
    with pytest.raises(AmbiguityError, match="no function"):
        read("f(x)", "f = x'x")


def test_doubling_has_an_end() -> None:
    lines = ["a0 = x'x", *(f"a{i} = a{i - 1} a{i - 1}" for i in range(1, 30))]
    with pytest.raises(SyntaxMistake, match="too long"):
        read("a29", *lines)


def test_names_are_found_through_definitions() -> None:
    scope = scope_with("r = A x - b", "q(x) = x'S x", "f = q(r)")
    assert names_in(scope.expressions["f"].tree) == {"q", "r"}
    assert used_definitions(frozenset({"f", "y"}), scope.expressions) == {"f", "q", "r"}


def test_every_mistake_has_its_place() -> None:
    for expression in ("k(u)", "f + (", "A f(g)", "f(x)"):
        with pytest.raises(McError) as caught:
            read(expression, "f = x'x", "h = a'x", "k(x) = h + x'x", "g = x")
        error = caught.value
        assert error.source
        assert all(0 <= m.span.start <= m.span.end <= len(error.source) for m in error.marks)
