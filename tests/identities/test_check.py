"""A deliberately wrong record of each kind is refused, with file, line and field."""

from __future__ import annotations

from pathlib import Path

import pytest

from mccli.errors import McError
from mccli.identities.build import read_families
from mccli.identities.read import read_family
from mccli.numeric.records.check import check_record
from mccli.numeric.records.whole import whole_mistakes

GOOD = """\
family: own
records:
- id: trace-axb
  name: Trace of A X B
  level: standard
  expression: tr(A*X*B)
  variable: X
  shapes: {A: "m,n", X: "n,p", B: "p,m"}
  gradient: A'*B'
  proof: ["tr(A*dX*B)", "tr(B*A*dX)"]
  why: Turn the trace until dX stands last.
  sources: [own notes]
"""

GOOD_JACOBIAN = """\
family: own
records:
- id: softmax
  name: Softmax
  level: standard
  expression: softmax(x)
  variable: x
  shapes: {x: n}
  jacobian: diag(softmax(x)) - softmax(x)*softmax(x)'
  sources: [own notes]
"""

GOOD_HESSIAN = """\
family: own
records:
- id: form
  name: Quadratic form
  level: standard
  expression: x'*A*x
  variable: x
  shapes: {A: "n,n", x: n}
  hessian: A + A'
  proof: ["(A + A')*dx"]
  sources: [own notes]
"""

GOOD_DIFFERENTIAL = """\
family: own
records:
- id: product
  name: Product
  level: standard
  expression: X*Y
  variable: X, Y
  shapes: {X: "m,n", Y: "n,p"}
  differential: dX*Y + X*dY
  sources: [own notes]
"""

GOOD_SYMMETRIC = """\
family: own
records:
- id: symmetric
  name: Log determinant by the entries
  level: standard
  expression: logdet(X)
  variable: X
  shapes: {X: "n,n"}
  assume: [X positive definite]
  convention: entries
  gradient: 2*inv(X) - inv(X).*eye(n)
  sources: [own notes]
"""

GOOD_POWER = """\
family: own
records:
- id: power
  name: Sum of powers
  level: standard
  expression: sum(x.^k)
  variable: x
  shapes: {k: scalar, x: n}
  assume: [k positive integer]
  gradient: k*x.^(k-1)
  sources: [own notes]
"""

GOOD_NORM = """\
family: own
records:
- id: norm
  name: Norm
  level: standard
  expression: sqrt(sum(x.^2))
  variable: x
  shapes: {x: n}
  assume: [x != 0]
  gradient: x/norm2(x)
  sources: [own notes]
"""

GOOD_TOEPLITZ = """\
family: own
records:
- id: toeplitz
  name: Trace of a Toeplitz matrix and another
  level: standard
  expression: tr(A*X)
  variable: X
  shapes: {A: "n,n", X: "n,n"}
  assume: [X Toeplitz]
  convention: toeplitz
  gradient: toepsum(A')
  sources: [own notes]
"""


def mistakes_in(tmp_path: Path, text: str) -> list[McError]:
    """Everything that every check finds in a file."""
    path = tmp_path / "own.yaml"
    path.write_text(text, encoding="utf-8")
    families, found = read_families([path])
    mistakes: list[McError] = list(found)
    for record in (r for f in families for r in f.records):
        try:
            check_record(record)
        except McError as error:
            mistakes.append(error)
    return mistakes or list(whole_mistakes(families, own=False))


@pytest.mark.parametrize(
    "good", [GOOD, GOOD_JACOBIAN, GOOD_HESSIAN, GOOD_DIFFERENTIAL, GOOD_SYMMETRIC, GOOD_POWER, GOOD_NORM]
)
def test_the_records_before_they_are_spoilt(tmp_path: Path, good: str) -> None:
    assert not mistakes_in(tmp_path, good)


WRONG: list[tuple[str, str, str, str]] = [
    # a good record, what is replaced, by what, and what the message must say
    (GOOD, "gradient: A'*B'", "gradient: B'*A'", "own.yaml:9: trace-axb: gradient"),
    (GOOD, "gradient: A'*B'", "gradient: B*A", "own.yaml:9: trace-axb: gradient: has the shape"),
    (GOOD, "gradient: A'*B'", "gradient: 2*A'*B'", "own.yaml:9: trace-axb: gradient: does not hold"),
    (GOOD, "gradient: A'*B'", "gradient: A'*B' + 1e-6*ones(n,p)", "own.yaml:9: trace-axb: gradient: does not hold"),
    (GOOD, "gradient: A'*B'", "gradient: A'*C", "own.yaml:9: trace-axb: gradient: C is not declared"),
    (GOOD, "gradient: A'*B'", "gradient: A'*(B'", "own.yaml:9: trace-axb: gradient"),
    (GOOD, "tr(B*A*dX)", "tr(A*B*dX)", "own.yaml:10: trace-axb: proof"),
    (GOOD, "tr(B*A*dX)", "2*tr(B*A*dX)", "own.yaml:10: trace-axb: proof: does not hold"),
    (GOOD, "tr(A*dX*B)", "-tr(A*dX*B)", "own.yaml:10: trace-axb: proof: does not hold"),
    (GOOD, 'B: "p,m"', 'B: "m,p"', "own.yaml:6: trace-axb: expression"),
    (GOOD, 'B: "p,m"', 'B: "p,m,q"', "own.yaml:8: trace-axb: shapes"),
    (GOOD, ', B: "p,m"', "", "own.yaml:6: trace-axb: expression: B is not declared"),
    (GOOD, "variable: X", "variable: Z", "own.yaml:7: trace-axb: variable: Z has no shape"),
    (GOOD, "variable: X", "variable: X, A", "own.yaml:7: trace-axb: variable: several variables"),
    (GOOD, "level: standard", "level: must", "own.yaml:5: trace-axb: level: 'must' is not one of"),
    (GOOD, "  gradient: A'*B'\n", "", "own.yaml:3: trace-axb: has no result"),
    (GOOD, "  sources: [own notes]\n", "", "own.yaml:3: trace-axb: lacks sources"),
    (GOOD, "sources: [own notes]", "sources: own notes", "own.yaml:12: trace-axb: sources: must be a list"),
    (GOOD, "sources: [own notes]", "sources: [own notes, '']", "own.yaml:12: trace-axb: sources: is empty"),
    (GOOD, "  why:", "  wy:", "own.yaml:11: trace-axb: wy: no such field"),
    (GOOD, "  why:", "  level: special\n  why:", "level stands here twice"),
    (GOOD, "id: trace-axb", "id: Trace AXB", "is no id"),
    (GOOD, "family: own", "famly: own", "own.yaml:1: famly: no such field"),
    (GOOD, "why: Turn", "why: Turn `tr(A*` and", "own.yaml:11: trace-axb: why: the formula 'tr(A*' cannot be read"),
    (GOOD, "why: Turn", "why: Turn ` the", "own.yaml:11: trace-axb: why: a formula is not closed"),
    (GOOD, "  gradient:", "  assume: [A nice]\n  gradient:", "'A nice' is no assumption that mc knows"),
    (GOOD, "  gradient:", "  define: [f]\n  gradient:", "own.yaml:9: trace-axb: define"),
    (GOOD, "records:", "records: []\nextra:", "extra: no such field"),
    (GOOD, "records:\n- id", "records:\n- - id", "own.yaml"),
    (GOOD, "expression: tr(A*X*B)", "expression: tr(A*X*B", "own.yaml:6: trace-axb: expression"),
    (
        GOOD,
        "expression: tr(A*X*B)",
        "expression: tr(foo(A*X*B))",
        "own.yaml:6: trace-axb: expression: unknown function",
    ),
    (GOOD, "expression: tr(A*X*B)", "expression: [tr(A*X*B)]", "own.yaml:6: trace-axb: expression: must be a text"),
    (GOOD, "name: Trace of A X B", "name: " + "x" * 70, "own.yaml:4: trace-axb: name: is longer than"),
    (GOOD_JACOBIAN, "softmax(x)*softmax(x)'", "softmax(x)'*softmax(x)*eye(n)", "own.yaml:9: softmax: jacobian"),
    (GOOD_JACOBIAN, "- softmax(x)*softmax(x)'", "+ softmax(x)*softmax(x)'", "softmax: jacobian: does not hold"),
    (GOOD_HESSIAN, "hessian: A + A'", "hessian: 2*A", "own.yaml:9: form: hessian: does not hold"),
    (GOOD_HESSIAN, "hessian: A + A'", "hessian: 1/2*(A + A')", "own.yaml:9: form: hessian: does not hold"),
    (GOOD_HESSIAN, "(A + A')*dx", "2*A*dx", "own.yaml:10: form: proof: does not hold"),
    (GOOD_DIFFERENTIAL, "dX*Y + X*dY", "dX*Y", "own.yaml:9: product: differential: does not hold"),
    (GOOD_DIFFERENTIAL, "dX*Y + X*dY", "dX*Y + dY*X", "own.yaml:9: product: differential"),
    (GOOD_SYMMETRIC, "2*inv(X) - inv(X).*eye(n)", "inv(X)", "own.yaml:11: symmetric: gradient: does not hold"),
    (GOOD_SYMMETRIC, "convention: entries", "convention: projection", "symmetric: gradient: does not hold"),
    (GOOD_SYMMETRIC, "convention: entries", "convention: rows", "own.yaml:10: symmetric: convention"),
]

BEYOND_POINTS: list[tuple[str, str, str]] = [
    # what agrees at points of ordinary size and scale, or to many digits
    (GOOD, "gradient: A'*B'", "gradient: A'*B' + 1e-9*ones(n,p)"),
    (GOOD, "gradient: A'*B'", "gradient: A'*B' + 1e-15*X"),
    (GOOD, "gradient: A'*B'", "gradient: A'*B' + relu(n - 7)*X"),
    (GOOD, "gradient: A'*B'", "gradient: A'*B' + (n-2)*(n-3)*(n-4)*(n-5)*(n-6)*(n-7)*X"),
    (GOOD, "gradient: A'*B'", "gradient: A'*B' + 1e-9*(n-2)*(n-3)*(n-4)*(n-5)*(n-6)*(n-7)*(n-8)*(n-9)*X"),
    (GOOD, "tr(B*A*dX)", "tr(B*A*dX) + 1e-9*tr(dX*X')"),
    (GOOD, "tr(B*A*dX)", "tr(B*A*dX) + relu(m - 7)*tr(B*A*dX)"),
    (GOOD_JACOBIAN, "jacobian: diag(softmax(x))", "jacobian: diag(softmax(x)) + 1e-9*eye(n)"),
    (GOOD_JACOBIAN, "jacobian: diag(softmax(x))", "jacobian: diag(softmax(x)) + relu(n - 7)*eye(n)"),
    (GOOD_JACOBIAN, "jacobian: diag(softmax(x))", "jacobian: diag(softmax(x)) + relu(sum(x) - 50)*eye(n)"),
    (GOOD_HESSIAN, "hessian: A + A'", "hessian: A + A' + 1e-9*eye(n)"),
    (GOOD_HESSIAN, "hessian: A + A'", "hessian: A + A' + relu(n - 7)*A"),
    (GOOD_DIFFERENTIAL, "dX*Y + X*dY", "dX*Y + X*dY + 1e-9*dX*dY"),
    (GOOD_DIFFERENTIAL, "dX*Y + X*dY", "dX*Y + X*dY + relu(p - 7)*dX*Y"),
    (GOOD_SYMMETRIC, "2*inv(X)", "2*inv(X) + 1e-9*eye(n)"),
    (GOOD_POWER, "k*x.^(k-1)", "k*x.^(k-1) + (k-2)*(k-3)*(k-4)*(k-5)*x"),
    (GOOD_NORM, "x/norm2(x)", "x/norm2(x) + 1e-9*x"),
    (GOOD_NORM, "x/norm2(x)", "x/norm2(x) + relu(n - 7)*x"),
    (GOOD_NORM, "x/norm2(x)", "x/norm2(x) + relu(norm2(x) - 100)*x"),
    (GOOD_NORM, "x/norm2(x)", "x/norm2(x) + relu(1/norm2(x) - 20)*x"),
    (GOOD_NORM, "sqrt(sum(x.^2))", "sqrt(sum(x.^2)) + sum(relu(x - 100*ones(n,1)))"),
    (GOOD_NORM, "sqrt(sum(x.^2))", "sqrt(sum(x.^2)) + relu(n - 7)*sum(x)"),
]


@pytest.mark.parametrize(("good", "old", "new"), BEYOND_POINTS, ids=[new for _, _, new in BEYOND_POINTS])
def test_what_agrees_at_ordinary_points_is_refused(tmp_path: Path, good: str, old: str, new: str) -> None:
    assert old in good
    found = mistakes_in(tmp_path, good.replace(old, new, 1))
    assert any("does not hold" in mistake.message for mistake in found), [m.message for m in found]


def test_what_the_engine_does_not_derive_is_looked_at_beyond_ordinary_points(tmp_path: Path) -> None:
    assert not mistakes_in(tmp_path, GOOD_TOEPLITZ)
    for wrong in ("relu(n - 7)*X", "relu(normF(X) - 400)*X", "1e-6*X"):
        found = mistakes_in(tmp_path, GOOD_TOEPLITZ.replace("toepsum(A')", f"toepsum(A') + {wrong}"))
        assert any("does not hold" in mistake.message for mistake in found), wrong


@pytest.mark.parametrize(
    ("good", "old", "new", "said"), WRONG, ids=[f"{o.strip()[:24]}>{n.strip()[:24]}" for _, o, n, _ in WRONG]
)
def test_a_wrong_record_is_refused(tmp_path: Path, good: str, old: str, new: str, said: str) -> None:
    assert old in good
    found = mistakes_in(tmp_path, good.replace(old, new, 1))
    assert found, "nothing was found wrong"
    assert any(said in mistake.message for mistake in found), [m.message for m in found]


def test_an_assumed_symmetry_is_not_taken_silently(tmp_path: Path) -> None:
    """2 A x holds only for a symmetric A; the points are not symmetric unless that is assumed."""
    text = GOOD_HESSIAN.replace("hessian: A + A'\n  proof: [\"(A + A')*dx\"]", "gradient: 2*A*x")
    assert mistakes_in(tmp_path, text)
    assert not mistakes_in(tmp_path, text.replace("  gradient", "  assume: [A symmetric]\n  gradient"))


def test_ids_and_names_are_unique(tmp_path: Path) -> None:
    second = GOOD.partition("records:\n")[2]
    found = [m.message for m in mistakes_in(tmp_path, GOOD + second)]
    assert any("the id trace-axb stands twice" in m for m in found)
    assert any("the name 'Trace of A X B' stands twice" in m for m in found)


def test_an_alias_must_state_the_same(tmp_path: Path) -> None:
    alias = """\
  aliases:
  - id: other
    name: Other letters
    expression: tr(P*Z*Q)
    variable: Z
    shapes: {P: "m,n", Z: "n,p", Q: "p,m"}
"""
    assert not mistakes_in(tmp_path, GOOD + alias)
    wrong = alias.replace("tr(P*Z*Q)", "tr(P*Z*Q)^2")
    assert any("states another function" in m.message for m in mistakes_in(tmp_path, GOOD + wrong))


@pytest.mark.parametrize(
    "text", ["", "- a\n- b\n", "family: x\n", "a: [", "\x00", "!!python/object/apply:os.system [echo]"]
)
def test_a_file_that_is_no_record_file(tmp_path: Path, text: str) -> None:
    path = tmp_path / "own.yaml"
    path.write_text(text, encoding="utf-8")
    family, mistakes = read_family(path)
    assert family is None
    assert "own.yaml" in mistakes[0].message


def test_a_good_record_survives_a_bad_neighbour(tmp_path: Path) -> None:
    bad = GOOD.partition("records:\n")[2].replace("id: trace-axb", "id: other").replace("variable: X", "variable: Z")
    path = tmp_path / "own.yaml"
    path.write_text(GOOD + bad, encoding="utf-8")
    family, mistakes = read_family(path)
    assert family is not None
    assert [r.id for r in family.records] == ["trace-axb"]
    assert len(mistakes) == 1
