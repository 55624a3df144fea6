"""Every mutant of every rule is killed: a checker that cannot fail is a defect.

A mutant that has the value of the original rule at many other points is equivalent and does not count; one
that cannot be built for any choice of shapes never comes to be. What is left must be noticed.
"""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache

import numpy as np
import pytest
from operation_cases import (
    FIXED,
    GENERIC,
    AdjointProbe,
    Array,
    Case,
    Probe,
    adjoint_error,
    adjoint_node,
    adjoint_probes,
    cases,
    deviation,
    differential_error,
    has_rule,
    moving_sets,
    probes,
    random_array,
    rule_node,
    sample,
    value_at,
    vec_error,
    vec_node,
    with_rule,
)
from rule_mutants import Mutant, mutants

from mccli.calculus.differential import differential_symbol
from mccli.errors import DeriveError, McError
from mccli.expressions.operation import UNKNOWN, Operation
from mccli.expressions.operations import OPERATIONS
from mccli.expressions.tree import Node, Symbol
from mccli.language.rules import THROUGH_MEANING, meaning
from mccli.numeric.sample import Point

CHECKED_AT = (3, 201)
"""Points at which a mutant must be noticed, and their seed."""
COMPARED_AT = (8, 907)
"""Points at which a mutant that was not noticed is compared with the original rule."""

FEWEST = 3000
"""Some 3,700 mutants are killed; far fewer would mean that the generator is broken."""

NOT_REFUSED_YET = frozenset({"k"})
"""The exponent of mpow: a known bug, see test_operations."""

BY_NUMBERS, BY_SHAPES, BY_REFUSAL = "killed by numbers", "killed by shapes", "killed by a refusal"
EQUIVALENT, SURVIVED, NO_MUTANT = "equivalent", "survived", "cannot be built"
KILLED = frozenset({BY_NUMBERS, BY_SHAPES, BY_REFUSAL})


@dataclass(frozen=True)
class Target:
    """A rule text of an operation: ``field`` is "d", "means", "adjoint:x" or "vec:x"."""

    name: str
    field: str

    @property
    def record(self) -> Operation:
        return OPERATIONS[self.name]

    @property
    def text(self) -> str:
        if self.field.startswith("adjoint:"):
            return self.record.adjoint[self.field.removeprefix("adjoint:")]
        if self.field.startswith("vec:"):
            return self.record.vec[self.field.removeprefix("vec:")]
        return str(getattr(self.record, self.field))


def targets() -> Iterator[Target]:
    """Every rule text. A definition that only repeats the operation says nothing and is left out."""
    for name in GENERIC:
        record = OPERATIONS[name]
        if has_rule(record) and record.d != THROUGH_MEANING:
            yield Target(name, "d")
        if record.means and not record.means.startswith(f"{name}("):
            yield Target(name, "means")
        yield from (Target(name, f"adjoint:{p}") for p in record.adjoint)
        yield from (Target(name, f"vec:{p}") for p, rule in record.vec.items() if rule != UNKNOWN)


# ---------------------------------------------------------------------------------------------- building and noticing

Wrong = Callable[[Node], bool]
Build = Callable[[Operation], Node]
Look = tuple[Build, Wrong]
"""How to build the rule of a record for one situation, and how to tell that it is wrong there."""


@cache
def _probes(case: Case) -> list[Probe]:
    return probes(case, *CHECKED_AT)


@cache
def _adjoint_probes(case: Case, parameter: str) -> list[AdjointProbe]:
    return adjoint_probes(case, parameter, *CHECKED_AT)


def looks(target: Target) -> Iterator[Look]:
    """What the checker looks at."""
    for case in cases(target.name):
        if target.field == "d":
            for moving in moving_sets(target.record):
                yield _look_at_differential(case, moving)
        elif target.field == "means":
            yield _look_at_meaning(case)
        elif target.field.startswith("vec:"):
            yield _look_at_vec(case, target.field.removeprefix("vec:"))
        else:
            yield _look_at_adjoint(case, target.field.removeprefix("adjoint:"))


def _look_at_differential(case: Case, moving: frozenset[str]) -> Look:
    chosen = [p for p in _probes(case) if p.moving == moving]
    return lambda record: rule_node(case, moving, record), lambda node: any(
        differential_error(node, case, probe) > 1 for probe in chosen
    )


def _look_at_meaning(case: Case) -> Look:
    chosen = sample(case, *CHECKED_AT)
    return lambda record: meaning(case.node(record)), lambda node: any(
        deviation(value_at(node, point), value_at(case.node(), point)) > 1e-8 for point in chosen
    )


def _look_at_adjoint(case: Case, parameter: str) -> Look:
    chosen = _adjoint_probes(case, parameter)
    return lambda record: adjoint_node(case, parameter, record.adjoint[parameter]), lambda node: any(
        adjoint_error(node, probe) > 1 for probe in chosen
    )


def _look_at_vec(case: Case, parameter: str) -> Look:
    chosen = _adjoint_probes(case, parameter)
    return lambda record: vec_node(case, record.vec[parameter]), lambda node: any(
        vec_error(node, probe) > 1 for probe in chosen
    )


def notices(look: Look, record: Operation, shape: tuple[object, object]) -> bool | None:
    """Whether a wrong rule is noticed; None if it cannot be built in this situation."""
    build, wrong = look
    try:
        node = build(record)
        return node.shape != shape or wrong(node)
    except (McError, KeyError):
        return None
    except (ValueError, ArithmeticError, IndexError, np.linalg.LinAlgError):
        return True


def verdict(target: Target, mutant: Mutant) -> str:
    """What becomes of a mutant."""
    record = with_rule(target.record, target.field, mutant.text)
    verdicts = [notices(look, record, look[0](target.record).shape) for look in looks(target)]
    if all(v is None for v in verdicts):
        return NO_MUTANT
    if any(verdicts):
        return BY_NUMBERS
    if None in verdicts:
        return BY_SHAPES  # the original can be built for every choice of shapes
    if target.field == "d" and not refuses(target.name, record):
        return BY_REFUSAL
    return EQUIVALENT if is_equivalent(target, record) else SURVIVED


def refuses(name: str, record: Operation) -> bool:
    """Whether the rule still refuses every argument by which there is no derivative."""
    for case, parameter in itertools.product(cases(name), sorted(FIXED.get(name, frozenset()) - NOT_REFUSED_YET)):
        try:
            rule_node(case, frozenset({parameter}), record)
        except DeriveError:
            continue
        return False
    return True


# ---------------------------------------------------------------------------------------------- equivalence


def is_equivalent(target: Target, record: Operation) -> bool:
    """Whether a mutant has the value of the original rule at many points that the checker did not see."""
    for case in cases(target.name):
        for build in _builders(target, case):
            original, changed = build(target.record), build(record)
            for number, point in enumerate(sample(case, *COMPARED_AT)):
                arrays = _further_arrays(case, point, original, number)
                if deviation(value_at(changed, point, arrays), value_at(original, point, arrays)) > 1e-9:
                    return False
    return True


def _builders(target: Target, case: Case) -> list[Build]:
    if target.field == "d":
        return [lambda r, moving=m: rule_node(case, moving, r) for m in moving_sets(target.record)]  # type: ignore[misc]
    if target.field == "means":
        return [lambda r: meaning(case.node(r))]
    if target.field.startswith("vec:"):
        return [lambda r: vec_node(case, r.vec[target.field.removeprefix("vec:")])]
    parameter = target.field.removeprefix("adjoint:")
    return [lambda r: adjoint_node(case, parameter, r.adjoint[parameter])]


def _further_arrays(case: Case, point: Point, original: Node, number: int) -> dict[str, Array]:
    """Random arrays for the differentials and for M."""
    rng = np.random.default_rng([number, 5])
    arrays = {}
    for symbol in case.arguments:
        change = differential_symbol(symbol)
        arrays[change.name] = random_array(change, point.arrays[symbol.name].shape, rng)
    value = value_at(case.node(), point)
    weight = Symbol("M", case.node().shape)
    assert original.shape is not None
    return arrays | {weight.name: rng.normal(size=value.shape)}


# ---------------------------------------------------------------------------------------------- tests

TARGETS = list(targets())
BY_NAME = {name: [t for t in TARGETS if t.name == name] for name in dict.fromkeys(t.name for t in TARGETS)}


@cache
def outcomes(name: str) -> tuple[Counter[str], list[str]]:
    """Counts for an operation, and the mutants that nobody noticed."""
    counts: Counter[str] = Counter()
    survivors = []
    for target in BY_NAME[name]:
        for mutant in mutants(target.record, target.field, target.text):
            result = verdict(target, mutant)
            counts[result] += 1
            if result == SURVIVED:
                survivors.append(f"{target.name}.{target.field}: {mutant.text}  ({mutant.change})")
    return counts, survivors


@pytest.mark.parametrize("name", BY_NAME)
def test_every_mutant_is_killed(name: str) -> None:
    counts, survivors = outcomes(name)
    assert not survivors, "\n".join(survivors)
    assert any(counts[verdict_name] for verdict_name in KILLED), f"no mutant of {name} was made"


def test_there_are_enough_mutants(record_property: Callable[[str, object], None]) -> None:
    total: Counter[str] = Counter()
    for name in BY_NAME:
        total += outcomes(name)[0]
    for verdict_name, count in total.items():
        record_property(verdict_name, count)
    print(f"\nmutants: {dict(total)}")
    killed = sum(total[verdict_name] for verdict_name in KILLED)
    assert killed >= FEWEST
    assert total[BY_NUMBERS] >= killed / 2, "most mutants must be noticed by their values"
    assert total[EQUIVALENT] < killed / 4, "too many mutants are called equivalent"


def test_every_rule_text_is_mutated() -> None:
    """Rules that are not mutated are those that say nothing of their own."""
    left_out = {n for n in GENERIC if n not in BY_NAME}
    assert all(not has_rule(OPERATIONS[n]) and not OPERATIONS[n].means for n in left_out), left_out


@pytest.mark.parametrize(
    ("name", "field", "wrong"),
    [
        ("inv", "d", "-inv(X)*dX"),
        ("inv", "d", "-inv(X)*dX'*inv(X)"),
        ("logdet", "d", "tr(inv(X)'*dX)"),
        ("det", "d", "tr(inv(X)*dX)"),
        ("softmax", "d", "softmax(x).*dx"),
        ("pinv", "d", "-pinv(X)*dX*pinv(X)"),
        ("chol", "d", "chol(A)*tril(inv(chol(A))*dA*inv(chol(A))')"),
        ("kron", "d", "kron(dA, B) + kron(dA, B)"),
        ("sylvester", "adjoint:C", "sylvester(A, B, M)"),
        ("norm2", "d", "inner(x, dx)"),
        ("rowsums", "vec:x", "kron(eye(rows(x)), ones(1, cols(x)))"),
        ("sylvester", "vec:C", "inv(kron(A, eye(cols(C))) + kron(eye(rows(C)), B'))"),
        ("kron", "vec:B", "kron(vec(A), eye(rows(B)*cols(B)))"),
    ],
)
def test_a_wrong_rule_from_the_books_is_noticed(name: str, field: str, wrong: str) -> None:
    """Mistakes that symmetric samples or textbook special cases let through."""
    target = Target(name, field)
    record = with_rule(target.record, field, wrong)
    verdicts = [notices(look, record, look[0](target.record).shape) for look in looks(target)]
    assert any(v is not False for v in verdicts)
    assert verdict(target, Mutant(wrong, "by hand")) in KILLED
