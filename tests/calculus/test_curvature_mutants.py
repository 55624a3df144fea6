"""Every broken rule of convexity is caught: by numbers, at functions that must not get a certificate."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from curvature_cases import NEITHER, OPEN, Case, judged
from hypothesis import HealthCheck, Phase, given, settings
from random_curved import Curved, curved
from test_curvature_random import examined

from mccli.calculus.curvature import certificate as curvature
from mccli.calculus.curvature import domain as curvature_domain
from mccli.calculus.curvature import products as curvature_products
from mccli.calculus.curvature import ranges as curvature_ranges
from mccli.calculus.curvature import rules as curvature_rules
from mccli.calculus.curvature.bend import AFFINE, CONCAVE, CONVEX, Bend
from mccli.calculus.curvature.forms import Forms, Semidefinite
from mccli.calculus.curvature.products import Products
from mccli.calculus.curvature.ranges import POSITIVE, Ranges
from mccli.calculus.curvature.reason import Reason
from mccli.calculus.curvature.rules import Rules
from mccli.calculus.curvature.special import _RULES as SPECIAL
from mccli.calculus.curvature.special import Special
from mccli.calculus.curvature.tables import FUNCTIONS, SMOOTH, Known
from mccli.errors import DomainError
from mccli.expressions.tree import is_operation, scaled
from mccli.numeric.curvature_check import check

Patch = pytest.MonkeyPatch
SURE = Semidefinite(Reason("surely"))


def _table(name: str, *known: Known) -> Callable[[Patch], None]:
    return lambda patch: patch.setitem(FUNCTIONS, name, known)


def _put(owner: Any, name: str, value: Any) -> Callable[[Patch], None]:
    return lambda patch: patch.setattr(owner, name, value)


def _always(answer: Any) -> Callable[..., Any]:
    return lambda *_given: answer


def _same_kind(bend: Bend, *_signs: bool) -> str:
    return bend.kind


def _joined_by_any(kinds: set[str]) -> str:
    return CONVEX if CONVEX in kinds else CONCAVE if CONCAVE in kinds else AFFINE


def _any_term(self: Forms, node: Any) -> Semidefinite | None:
    return next((p for c, n in node.terms if (p := self.psd(scaled(c, n))) is not None), None)


def _everywhere_symmetric(patch: Patch) -> None:
    made = Forms.__init__

    def init(self: Forms, *args: Any, **kept: Any) -> None:
        made(self, *args, **{**kept, "symmetric_space": True})

    patch.setattr(Forms, "__init__", init)


def _odd_powers(patch: Patch) -> None:
    """Odd powers are convex on the whole line."""
    facts = curvature_rules.power_facts
    patch.setattr(curvature_rules, "power_facts", lambda p: (Known(CONVEX, "everywhere"),) if p % 2 else facts(p))


def _positive_logs(patch: Patch) -> None:
    operation = Ranges._of_operation
    patch.setattr(Ranges, "_of_operation", lambda self, n: POSITIVE if is_operation(n, "log") else operation(self, n))


def _any_form(patch: Patch) -> None:
    """x'M x is convex whatever M is."""
    found = Products.quadratic

    def quadratic(self: Products, chain: Any) -> Bend | None:
        return found(self, chain) or (Bend(CONVEX, Reason("a form")) if len(chain) == 3 else None)

    patch.setattr(Products, "quadratic", quadratic)


def _without_monotonicity(patch: Patch) -> None:
    def composed(*given: Any) -> Bend | None:
        _, _, known, inside = given
        fits = inside.is_convex if known.kind == CONVEX else inside.is_concave
        return Bend(known.kind, Reason("composed"), inside.domain) if fits and not known.side else None

    patch.setattr(Rules, "_composed", composed)


EIGENVALUE = Bend(CONVEX, Reason("an eigenvalue"))

MUTANTS: dict[str, Callable[[Patch], None]] = {
    "sigmoid is convex": _table("sigmoid", Known(CONVEX, "everywhere")),
    "log is convex": _table("log", Known(CONVEX, "everywhere", domain="positive")),
    "abs rises everywhere": _table("abs", Known(CONVEX, "everywhere")),
    "relu is concave": _table("relu", Known(CONCAVE, "everywhere")),
    "softsign is concave everywhere": _table("softsign", Known(CONCAVE, "everywhere")),
    "squares rise everywhere": _put(curvature_rules, "power_facts", _always((Known(CONVEX, "everywhere"),))),
    "odd powers are convex": _odd_powers,
    "the sign of a factor is forgotten": _put(curvature_products, "turned", _same_kind),
    "the sign of a term is forgotten": _put(curvature_rules, "turned", _same_kind),
    "one convex term makes a sum convex": _put(curvature_rules, "joined", _joined_by_any),
    "one psd term makes a sum psd": _put(Forms, "_sum", _any_term),
    "every diagonal matrix is psd": _put(Forms, "_diagonal_of", _always(SURE)),
    "every congruence is psd": _put(Forms, "_congruence", _always(SURE)),
    "every Kronecker product is psd": _put(Forms, "_both", _always(SURE)),
    "Cauchy-Schwarz without its condition": _put(Ranges, "at_most_one", _always(True)),
    "kinks are smooth": _put(curvature_domain, "SMOOTH", SMOOTH | {"abs", "relu", "clip", "step", "max", "norm1"}),
    "holes in the domain are forgotten": _put(curvature, "convex_domain", _always(())),
    "every space is symmetric": _everywhere_symmetric,
    "every eigenvalue is convex": lambda patch: patch.setitem(SPECIAL, "eigval", _always(EIGENVALUE)),
    "every power is positive": _put(Ranges, "_of_power", _always(POSITIVE)),
    "logarithms are positive": _positive_logs,
    "symbols are positive": _put(curvature_ranges, "_of_symbol", _always(POSITIVE)),
    "every quadratic form is convex": _any_form,
    "monotonicity is forgotten": _without_monotonicity,
    "t log(u) is convex": _put(Products, "_is_multiple", _always(True)),
    "log det of any matrix": _put(Special, "_is_symmetric_affine", _always(True)),
}


def _wrong(case: Case) -> bool:
    """Whether a case gets a certificate that numbers refute."""
    read, variable, second, found = judged(case)
    if not found.certain:
        return False
    try:
        return bool(check(found, read.expression, second, variable, list(read.symbols.values()), read.letters)[1])
    except DomainError:
        return False


@pytest.mark.parametrize("name", MUTANTS)
def test_a_broken_rule_is_caught(name: str, monkeypatch: Patch) -> None:
    MUTANTS[name](monkeypatch)
    assert any(_wrong(case) for case in (*NEITHER, *OPEN))


def test_no_rule_as_it_stands_is_caught() -> None:
    assert not any(_wrong(case) for case in (*NEITHER, *OPEN))


@pytest.mark.slow
@pytest.mark.parametrize("name", MUTANTS)
def test_a_broken_rule_is_caught_by_random_functions(name: str, monkeypatch: Patch) -> None:
    MUTANTS[name](monkeypatch)

    @given(curved())
    @settings(
        max_examples=8000, deadline=None, database=None, phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    def examine(case: Curved) -> None:
        examined(case)

    with pytest.raises(AssertionError, match="but"):
        examine()
