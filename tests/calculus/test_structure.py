"""Variables by which mc does not derive, and those that lie in curved sets."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from mccli.calculus.derivation import derive
from mccli.calculus.needs import needs
from mccli.errors import DeriveError
from mccli.language.declare import read_scope
from mccli.language.elaborate import elaborate
from mccli.numeric.evaluate import Evaluator
from mccli.numeric.sample import points

Array = NDArray[Any]


@pytest.mark.parametrize(("text", "by"), [("x'*x", "x"), ("a'*x", "x"), ("tr(A*X)", "X"), ("||A*x - a||^2", "x")])
def test_a_complex_symbol_is_refused_wherever_it_stands(text: str, by: str) -> None:
    """Also where the derivative is taken by a real one: the transpose of mc does not conjugate."""
    names = {c for c in text if c.isalpha() and c not in "tr"}
    for name in sorted(names):
        found = elaborate(text, read_scope(properties=[f"{name}:complex"]), scalar=True)
        with pytest.raises(DeriveError, match=f"complex variables are not derived .{name} is declared") as refusal:
            derive(found.expression, found.symbols, [found.symbols[by]])
        assert refusal.value.notes == ("mc lookup --family complex lists the known ones",)


def test_complex_changes_nothing_but_the_symbol() -> None:
    for text in ("x'*A*x", "tr(A*A')", "(A*x)'*(A*x)", "sum(conj(x).*x)"):
        real = elaborate(text, read_scope(["A:n,n"]))
        found = elaborate(text, read_scope(["A:n,n"], ["A:complex", "x:complex"]))
        assert type(found.expression) is type(real.expression)
        assert found.expression.shape == real.expression.shape


def test_whole_numbers_are_refused() -> None:
    found = elaborate("c*c", read_scope(properties=["c:integer"]), scalar=True)
    with pytest.raises(DeriveError, match="declared integer"):
        derive(found.expression, found.symbols, [found.symbols["c"]])


CURVED = [
    ("tr(A*X)", "X", "orthogonal", ()),
    ("tr(X'*A*X*B)", "X", "orthogonal", ()),
    ("sum(sin(X)) + tr(A*X*X)", "X", "orthogonal", ()),
    ("a'*x", "x", "unit", ()),
    ("x'*A*x + sum(exp(x))", "x", "unit", ()),
    ("x'*log(x)", "x", "simplex", ()),
    ("x'*A*x", "x", "simplex", ()),
]


@pytest.mark.parametrize(("text", "by", "name", "shapes"), CURVED, ids=[f"{t} {n}" for t, _, n, _ in CURVED])
def test_the_gradient_is_tangent_and_gives_the_change_along_curves(
    text: str, by: str, name: str, shapes: tuple[str, ...]
) -> None:
    """Curves that stay in the set, written out here: their derivative is <gradient, velocity>."""
    found = elaborate(text, read_scope(shapes, [f"{by}:{name}"]), scalar=True)
    x = found.symbols[by]
    gradient = derive(found.expression, found.symbols, [x]).gradients[0].full
    supply = points(list(found.symbols.values()), found.letters, needs(found.expression), found.expression, 3)
    for number in range(3):
        at = next(supply)
        start = at.arrays[by]
        curve, velocity = a_curve(name, start, np.random.default_rng(number))
        value = Evaluator(at.arrays, at.sizes).value(gradient)
        step = 1e-4
        ends = [
            float(Evaluator({**at.arrays, by: curve(t)}, at.sizes).value(found.expression)[0, 0])
            for t in (2 * step, step, -step, -2 * step)
        ]
        slope = (8 * (ends[1] - ends[2]) - (ends[0] - ends[3])) / (12 * step)
        assert abs(slope - float(np.sum(value * velocity))) <= 1e-7 * max(1.0, abs(slope))
        normal = {"unit": start.T @ value, "orthogonal": start.T @ value + value.T @ start, "simplex": np.sum(value)}
        assert np.max(np.abs(normal[name])) <= 1e-9 * max(1.0, float(np.max(np.abs(value))))


def a_curve(name: str, start: Array, rng: np.random.Generator) -> tuple[Callable[[float], Array], Array]:
    """A curve through a point that stays in the set, and its velocity there."""
    drawn = rng.normal(size=start.shape)
    if name == "simplex":
        direction = (drawn - np.mean(drawn)) * 0.01
        return lambda t: start + t * direction, direction
    if name == "unit":
        side = drawn - np.sum(drawn * start) * start
        length = float(np.sqrt(np.sum(side * side)))
        return lambda t: np.cos(t) * start + np.sin(t) * side / length, side / length
    turning = rng.normal(size=(len(start), len(start)))
    skew = turning - turning.T
    return lambda t: rotation(t * skew) @ start, skew @ start


def rotation(skew: Array) -> Array:
    """The exponential of a skew matrix, by its Taylor series."""
    total = term = np.eye(len(skew))
    for i in range(1, 20):
        term = term @ skew / i
        total = total + term
    return np.asarray(total)
