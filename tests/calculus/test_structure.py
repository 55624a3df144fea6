"""Variables by which mc does not derive, and what it says then."""

from __future__ import annotations

import pytest

from mccli.calculus.derivation import derive
from mccli.errors import DeriveError
from mccli.language.declare import read_scope
from mccli.language.elaborate import elaborate


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


@pytest.mark.parametrize("name", ["orthogonal", "unit", "simplex", "integer"])
def test_curved_sets_are_refused(name: str) -> None:
    text, by = ("tr(A*X)", "X") if name == "orthogonal" else ("c*c", "c") if name == "integer" else ("a'*x", "x")
    found = elaborate(text, read_scope(properties=[f"{by}:{name}"]), scalar=True)
    with pytest.raises(DeriveError, match=f"declared {name}"):
        derive(found.expression, found.symbols, [found.symbols[by]])
