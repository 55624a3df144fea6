"""Formulas as MathML: well-formed, of Core elements only, and with the structure of the formula."""

from __future__ import annotations

from xml.etree import ElementTree
from xml.etree.ElementTree import Element

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from samples import CONSTANT_NODES, OPERATION_NODES
from test_latex import FORMULAS_IN_LATEX
from test_text import FORMULAS, OPERATION_EXAMPLES, SCOPE
from trees import M, N, nodes

from mccli.expressions.sizes import ONE, SCALAR
from mccli.expressions.tree import Node, Symbol, multiply, scaled, transpose
from mccli.language.elaborate import elaborate
from mccli.render.mathml import NAMESPACE, mathml
from mccli.render.text import text

CHILDREN = {
    "math": range(1, 99), "mrow": range(1, 99), "mi": range(1), "mn": range(1), "mo": range(1), "mtext": range(1),
    "mspace": range(1), "msup": range(2, 3), "msub": range(2, 3), "msubsup": range(3, 4), "mfrac": range(2, 3),
    "msqrt": range(1, 2), "mover": range(2, 3), "munderover": range(3, 4), "mtable": range(1, 9), "mtr": range(1, 9),
    "mtd": range(1, 2),
}  # fmt: skip
"""How many children each element of MathML Core has here."""

ATTRIBUTES = {
    "math": {"display", "alttext"}, "mi": {"mathvariant"}, "mo": {"form", "stretchy", "lspace", "rspace"},
    "mspace": {"width"}, "mover": {"accent"}, "mrow": {"style"},
}  # fmt: skip

SKETCHES = [
    ("2*A'*(A*x-b)", "[2·sup(A ⊤)·([[A·x]−b])]"),
    ("(A*x)'*b", "[sup(x ⊤)·sup(A ⊤)·b]"),
    ("(X+Y)'*x", "[sup(([X+Y]) ⊤)·x]"),
    ("inv(X)'", "sup(X [−⊤])"),
    ("inv(X'*Y*X)", "sup(([sup(X ⊤)·Y·X]) [−1])"),
    ("inv(X'*Y*X)'", "sup(([sup(X ⊤)·Y·X]) [−⊤])"),
    ("X*X*X", "sup(X 3)"),
    ("inv(X)*inv(X)*Y", "[sup(X [−2])·Y]"),
    ("inv(X)'*inv(X)'*Y", "[sup((sup(X [−⊤])) 2)·Y]"),
    ("(X')^k", "sup((sup(X ⊤)) k)"),
    ("X^(k-1)", "sup(X [k−1])"),
    ("pinv(A)'", "sup((sup(A +)) ⊤)"),
    ("norm2(A*x-b)^2", "sup(‖[[A·x]−b]‖ 2)"),
    ("normF(X)^4*x", "[subsup(‖X‖ F 4)·x]"),
    ("norminf(x)", "sub(‖x‖ ∞)"),
    ("normnuc(X)", "sub(‖X‖ ∗)"),
    ("norm1(X)", "sub(‖[vec@(X)]‖ 1)"),
    ("tr(A*B)", "[tr@([A·B])]"),
    ("det(X)*inv(X)'", "[[det@(X)]·sup(X [−⊤])]"),
    ("logdet(X)", "[log@|[det@X]|]"),
    ("logdet(X)^2", "sup(([log@|[det@X]|]) 2)"),
    ("-a/(a'*x)^2", "−frac(a sup(([sup(a ⊤)·x]) 2))"),
    ("1/2*x'*X*x", "[frac(1 2)·[sup(x ⊤)·X·x]]"),
    ("c*(x'*y)/(t*v)", "frac([c·[sup(x ⊤)·y]] [t·v])"),
    ("A'*(A*x-b)/norm2(A*x-b)", "frac([sup(A ⊤)·([[A·x]−b])] ‖[[A·x]−b]‖)"),
    ("x.*y", "[x⊙y]"),
    ("c./x./y", "[c⊘([x⊙y])]"),
    ("2./x", "[2⊘x]"),
    ("x.^(k-1)", "sup(x [∘([k−1])])"),
    ("kron(A+B',B)", "[([A+sup(B ⊤)])⊗B]"),
    ("x - (mean(x)+c)", "[x+([−[mean@(x)]−c])]"),
    ("-(X+Y)*x", "−[([X+Y])·x]"),
    ("exp(-x'*x/(2*t^2))", "[exp@([−frac([sup(x ⊤)·x] [2·sup(t 2)])])]"),
    ("1/sqrt(c)", "frac(1 sqrt(c))"),
    ("c^(1/3)", "sup(c [1/3])"),
    ("2*2^k", "[2⋅sup(2 k)]"),
    ("abs(c)*x/abs(t)", "frac([|c|·x] |t|)"),
    ("series(r,0,k-1,X^r*Y*X^(k-1-r))", "[underover(∑ [r=0] [k−1])[sup(X r)·Y·sup(X [k−1−r])]]"),
    ("vcat(A, X + Y)", "[table(tr(A) tr([X+Y]))]"),
    ("hcat(A,P)'", "sup([table(tr(A P))] ⊤)"),
    ("sum(X,2)", "[X·𝟏]"),
    ("ones(m,1)'*A", "[subsup(𝟏 m ⊤)·A]"),
    ("eigmax(S)", "[sub(λ max)@(S)]"),
    ("commutation(m,n)", "sub(K [m,n])"),
    ("gradL(x)", "[∇L@(x)]"),
    ("d2phi(x)", "[sup(φ ″)@(x)]"),
    ("W1*y_hat", "[sub(W 1)·over(y ˆ)]"),
    ("lv", "𝑙𝑣"),
]
"""Formulas, and their elements in words: ``sup(base exponent)``, rows in square brackets, · for times, @ applied."""


def parsed(formula: str) -> Element:
    """The element tree, names without their namespace."""
    root = ElementTree.fromstring(formula)
    for element in root.iter():
        element.tag = element.tag.removeprefix(f"{{{NAMESPACE}}}")
    return root


def sketch(element: Element) -> str:
    """An element in words."""
    texts = [sketch(child) for child in element if child.tag != "mspace"]
    if not len(element):
        return (element.text or "").replace("\u2062", "·").replace("\u2061", "@")
    if element.tag == "mrow":
        return "".join(texts) if _is_fence(element) else f"[{''.join(texts)}]"
    if element.tag in ("math", "mtd"):
        return "".join(texts)
    return f"{element.tag.removeprefix('m')}({' '.join(texts)})"


def _is_fence(row: Element) -> bool:
    return row[0].get("form") == "prefix" and row[-1].get("form") == "postfix"


TEX = {
    "⊤": r"\top ", "−": "-", "⊙": r"\odot ", "⊗": r"\otimes ", "⋅": r"\cdot ", "∞": r"\infty ", "∗": "*",
    "\u2061": "", "\u2062": " ", "∇": r"\nabla ", "′": "'", "″": "''", "𝑙𝑣": r"\mathit{lv}", "∘": r"\circ ",
}  # fmt: skip


def tex(element: Element) -> str:
    """An element as LaTeX that mc reads: a way back that knows nothing of the templates."""
    parts = [tex(child) for child in element if child.tag != "mspace"]
    name = TEX.get(element.text or "", element.text or "")
    match element.tag:
        case "mi" if len(name) > 1 and name.isalpha() and name.isascii():
            return rf"\operatorname{{{name}}}"
        case "mi" | "mn" | "mo":
            return name
        case "msup" if parts[1].startswith("'"):
            return "".join(parts)
        case "msup":
            return f"{parts[0]}^{{{parts[1]}}}"
        case "msub":
            return f"{parts[0]}_{{{parts[1]}}}"
        case "msubsup":
            return f"{parts[0]}_{{{parts[1]}}}^{{{parts[2]}}}"
        case "mfrac":
            return rf"\frac{{{parts[0]}}}{{{parts[1]}}}"
        case "msqrt":
            return rf"\sqrt{{{parts[0]}}}"
        case "mover":
            return rf"\hat{{{parts[0]}}}"
    return "".join(parts)


@pytest.mark.parametrize(("typed", "expected"), SKETCHES)
def test_the_structure_of_a_formula(typed: str, expected: str) -> None:
    assert sketch(parsed(mathml(elaborate(typed, SCOPE).expression))) == expected


@pytest.mark.parametrize("typed", [row[0] for row in FORMULAS_IN_LATEX])
def test_the_structure_says_what_the_formula_says(typed: str) -> None:
    node = elaborate(typed, SCOPE).expression
    assert elaborate(tex(parsed(mathml(node))), SCOPE).expression.key == node.key


@pytest.mark.parametrize("typed", [row[0] for row in FORMULAS] + list(OPERATION_EXAMPLES.values()))
def test_every_formula_is_well_formed(typed: str) -> None:
    _assert_well_formed(elaborate(typed, SCOPE).expression)


@pytest.mark.parametrize("name", OPERATION_NODES)
def test_every_operation_is_well_formed(name: str) -> None:
    _assert_well_formed(OPERATION_NODES[name])


@pytest.mark.parametrize("name", CONSTANT_NODES)
def test_every_constant_is_well_formed(name: str) -> None:
    _assert_well_formed(CONSTANT_NODES[name])


@settings(max_examples=100, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(st.sampled_from([SCALAR, (N, ONE), (M, N)]).flatmap(lambda shape: nodes(shape, 3)))
def test_random_trees_are_well_formed(node: Node) -> None:
    _assert_well_formed(node)


def _assert_well_formed(node: Node) -> None:
    """Elements and attributes of MathML Core, each with as many children as it takes; nothing empty."""
    root = parsed(mathml(node))
    assert root.get("alttext") == text(node)
    for element in root.iter():
        assert len(element) in CHILDREN[element.tag], element.tag
        assert set(element.keys()) <= ATTRIBUTES.get(element.tag, set())
        assert bool(element.text) == (element.tag in ("mi", "mn", "mo", "mtext"))
        assert not (element.tail or "").strip()
        assert element.tag != "mrow" or len(element) > 1 or element.get("style")


def test_a_transposed_product_is_raised_as_a_whole() -> None:
    root = parsed(mathml(elaborate("inv(X*Y)'", SCOPE).expression))
    power = root.find("msup")
    assert power is not None
    group, exponent = power
    assert [child.text for child in group if child.tag == "mo"] == ["(", ")"]
    assert [child.text for child in group[1]] == ["X", "\u2062", "Y"]
    assert [child.text for child in exponent] == ["−", "⊤"]


def test_differentials_have_an_upright_d() -> None:
    change = Symbol("dX", (N, N), role="differential")
    root = parsed(mathml(multiply(transpose(change), Symbol("x", (N, ONE)))))
    letter = root.find("./mrow/msup/mrow/mi")
    assert letter is not None
    assert (letter.text, letter.get("mathvariant")) == ("d", "normal")


def test_a_superscript_goes_above_a_subscript() -> None:
    change = Symbol("dW1", (M, N), role="differential")
    assert sketch(parsed(mathml(transpose(change)))) == "[dsubsup(W 1 ⊤)]"
    assert sketch(parsed(mathml(transpose(Symbol("W1", (M, N)))))) == "subsup(W 1 ⊤)"


def test_a_minus_sign_in_front_is_no_difference() -> None:
    root = parsed(mathml(scaled(-1, Symbol("x", (N, ONE)))))
    assert [(child.text, child.get("form")) for child in root] == [("−", "prefix"), ("x", None)]


def test_words_and_capital_greek_letters_keep_their_slant() -> None:
    assert "<mi>𝑏𝑎𝑡𝑐ℎ</mi>" in mathml(Symbol("batch", SCALAR))
    assert '<mi mathvariant="normal">Σ</mi>' in mathml(Symbol("Σ", (N, N)))
    assert "<mi>σ</mi>" in mathml(Symbol("σ", SCALAR))
    assert "<mi>𝜆𝑥</mi>" in mathml(Symbol("λx", SCALAR))


def test_brackets_grow_around_fractions_only() -> None:
    assert 'stretchy="false"' not in mathml(elaborate("log(c/t)", SCOPE).expression)
    assert mathml(elaborate("(X + Y)*x", SCOPE).expression).count('stretchy="false"') == 2


def test_everything_is_escaped() -> None:
    node = Symbol('a<b&"c"', SCALAR)
    assert parsed(mathml(node)).get("alttext") == 'a<b&"c"'


def test_a_formula_on_its_own_line() -> None:
    node = Symbol("x", (N, ONE))
    assert mathml(node, display=True) == mathml(node).replace(" alttext", ' display="block" alttext')
    assert mathml(node) == f'<math xmlns="{NAMESPACE}" alttext="x"><mi>x</mi></math>'
