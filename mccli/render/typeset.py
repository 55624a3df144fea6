r"""Formulas as they stand on paper: fractions, superscripts, and the notation of each operation's record.

:class:`Typesetter` makes every choice of layout and states it as a LaTeX template with holes, be it
``#x^{\top}`` or the template of a record. A notation says how it fills a template: LaTeX by substitution
(:mod:`mccli.render.latex`), MathML and Typst from the marks in it (:mod:`mccli.render.template`).
"""

from __future__ import annotations

import re
from abc import abstractmethod
from collections.abc import Mapping, Sequence

from mccli.expressions.sizes import ONE, Size
from mccli.expressions.tree import OPERATIONS, Apply, Constant, Node, Number, Symbol, apply, is_operation
from mccli.language.names import GREEK_NAME
from mccli.render.formula import ARGUMENT, BASE, FACTOR, TERM, Level, Piece, Writer, flipped_power, inverted
from mccli.render.text import size_level, size_text

_OPENS = re.compile(r"(?:[(\[{,=|&]|\\l[vV]ert|matrix\}|\\\\)\s*$")
_CLOSES = re.compile(r"\s*(?:[)\]},|&]|\\r[vV]ert|\\end|\\\\)")
_NAME = re.compile(r"([^\W\d_]+)(\d*)(?:_(\w+))?$")
_REPEATED = re.compile(r"(\w+)(?: \1)+(?!\w)")
_ACCENTS = frozenset({"hat", "tilde", "bar"})
_LATIN_SHAPED = dict(zip("ΑΒΕΖΗΙΚΜΝΟΡΤΥΧο", "ABEZHIKMNOPTYXo", strict=True))
_HEADS = {"unit": "e", "commutation": "K", "duplication": "D", "elimination": "L"}
"""Letters of constants; a constant without one keeps its name."""


class Typesetter(Writer):
    """Lays out a formula for math mode."""

    def __init__(self, names: frozenset[str]) -> None:
        super().__init__(names)
        self.forms |= {"norm1": self.vector_norm, "norminf": self.vector_norm, "eigval": self.eigenvalue}
        self.forms |= {"sv": self.singular_value}

    @abstractmethod
    def fill(self, template: str, texts: Mapping[str, str] | None = None, *, grow: bool = True) -> str:
        """A template with these texts in its holes.

        ``grow`` lets LaTeX enlarge the brackets around what is tall; MathML and Typst fit brackets by themselves.
        """

    # -- leaves

    def symbol(self, node: Symbol) -> str:
        if node.role == "differential" and len(node.name) > 1:
            return self.fill(r"\mathrm{d}" + latex_name(node.name[1:]))
        return self.fill(latex_name(node.name))

    def size(self, size: Size) -> str:
        plain = size_text(size, "-", " ")
        return self.fill(_REPEATED.sub(lambda m: f"{m[1]}^{len(m[0].split())}", plain))

    def constant(self, node: Constant, known: bool) -> Piece:  # noqa: ARG002
        sizes = [self.size(s) for s in node.sizes]
        match node.name:
            case "pi":
                return Piece(self.fill(r"\pi"), Level.ATOM)
            case "size":
                return Piece(sizes[0], size_level(node.sizes[0]))
            case "eye":
                return Piece(self.fill("I_{#n}", {"n": sizes[0]}), Level.ATOM)
            case "ones" | "zeros":
                return self.filled(node, sizes)
        texts = dict(zip("mn", sizes[:1] if node.name == "unit" else sizes, strict=False))
        head = _HEADS.get(node.name, rf"\operatorname{{{node.name}}}")
        return Piece(self.fill(f"{head}_{{{','.join(f'#{hole}' for hole in texts)}}}", texts), Level.ATOM)

    def filled(self, node: Constant, sizes: list[str]) -> Piece:
        r"""``\mathbf{1}_{n}`` and its kin."""
        head = r"\mathbf{1}" if node.name == "ones" else r"\mathbf{0}"
        texts = dict(zip("mn", sizes, strict=True))
        if node.columns == ONE:
            return Piece(self.fill(head + "_{#m}", texts), Level.ATOM)
        if node.rows == ONE:
            return Piece(self.fill(head + r"_{#n}^{\top}", texts), Level.POSTFIX)
        return Piece(self.fill(head + r"_{#m \times #n}", texts), Level.ATOM)

    # -- marks

    def group(self, text: str) -> str:
        return self.fill("(#x)", {"x": text})

    def raised(self, base: str, exponent: Node, *, entrywise: bool = False) -> str:
        if isinstance(exponent, Number):
            power = self.fill(str(exponent.value))
        else:
            power = self.at(ARGUMENT, exponent)
        if entrywise:
            shown = power if _is_one_word(exponent) else self.group(power)
            return self.fill(r"#b^{\circ #p}", {"b": base, "p": shown})
        return self.fill("#b^#p" if len(power) == 1 else "#b^{#p}", {"b": base, "p": power})

    def marked(self, template: str, node: Node, known: bool) -> Piece:
        """A node with a mark behind it: transposed, or inverse."""
        return Piece(self.fill(template, {"x": self.at(BASE, node, known)}), Level.POSTFIX)

    def transposed(self, node: Node, known: bool) -> Piece:
        power = flipped_power(node)
        if power is not None:
            base, exponent = power
            turned = self.marked(r"#x^{\top}", base, known).text
            return Piece(self.raised(self.group(turned), exponent), Level.POSTFIX)
        if is_operation(node, "inv"):
            return self.marked(r"#x^{-\top}", node.children()[0], known)
        return self.marked(r"#x^{\top}", node, known)

    def fraction(self, above: str, below: Piece) -> Piece:
        return Piece(self.fill(r"\frac{#a}{#b}", {"a": above, "b": below.text}), Level.POSTFIX)

    def top(self, front: list[Piece], back: list[Piece]) -> str:
        return self.joined(front, back).text

    def leads(self, below: Piece) -> bool:  # noqa: ARG002
        return True

    # -- operations

    def vector_norm(self, node: Apply) -> Piece:
        """A norm of the entries: for a matrix that of vec, since the bars would mean an operator norm."""
        operand = node.arguments[0]
        if ONE not in operand.shape:
            operand = apply("vec", operand)
        return Piece(self.fill(node.operation.latex, {"x": self.at(ARGUMENT, operand)}, grow=False), Level.ATOM)

    def singular_value(self, node: Apply) -> Piece:
        """The largest singular value of a matrix is its spectral norm."""
        if node.sizes != (ONE,) or ONE in node.arguments[0].shape:
            return self.call(node)
        inner = {"X": self.at(ARGUMENT, node.arguments[0])}
        return Piece(self.fill(OPERATIONS["normspec"].latex, inner, grow=False), Level.ATOM)

    def eigenvalue(self, node: Apply) -> Piece:
        """The smallest and the largest eigenvalue have names."""
        argument, place = node.arguments[0], node.sizes[0]
        if place != ONE and place != argument.rows:
            return self.call(node)
        named = OPERATIONS["eigmin" if place == ONE else "eigmax"]
        return Piece(self.fill(named.latex, {"X": self.at(ARGUMENT, argument)}), Level.ATOM)

    def inverse(self, node: Apply, known: bool) -> Piece:
        """``X^{-1}``."""
        return self.marked("#x^{-1}", node.arguments[0], known)

    def repeated(self, node: Node, count: int, known: bool) -> Piece:
        operand = inverted(node)
        if operand is not None:
            return self.marked(f"#x^{{-{count}}}", operand, known)
        return super().repeated(node, count, known)

    def absolute(self, node: Apply) -> Piece:
        """Bars that know their side."""
        inner = self.at(ARGUMENT, node.arguments[0])
        return Piece(self.fill(r"\lvert #x \rvert", {"x": inner}, grow=False), Level.ATOM)

    def series(self, node: Apply) -> Piece:
        *ends, body = node.arguments
        texts = [*(self.at(ARGUMENT, n) for n in ends), self.at(TERM, body)]
        record = node.operation
        return Piece(self.fill(record.latex, dict(zip(record.parameters, texts, strict=True))), Level.SUM)

    def call(self, node: Apply) -> Piece:
        """An operation by its template."""
        record = node.operation
        template = record.latex
        if record.declared is not None:
            name, kind, order = record.declared
            slope = kind == "scalar" and node.arguments[0].is_scalar
            template = _declared_template(name, "elementwise" if slope else kind, order, record.parameters)
        holes = dict(zip(record.parameters, node.arguments, strict=True))
        sizes = dict(zip(record.size_parameters, node.sizes, strict=True))
        texts = {name: self.at(_place(template, name), value) for name, value in holes.items()}
        texts |= {name: self.size(value) for name, value in sizes.items()}
        return Piece(self.fill(template, texts), _template_level(template))


def latex_name(name: str) -> str:
    r"""A symbol: ``μ1`` is ``\mu_{1}``, ``y_hat`` is ``\hat{y}``, ``lv`` is ``\mathit{lv}``."""
    match = _NAME.match(name)
    if match is None:
        return rf"\mathit{{{name}}}"
    head, digits, subscript = match.group(1), match.group(2), match.group(3) or ""
    text = _letter(head) if len(head) == 1 else rf"\mathit{{{_letters(head)}}}"
    if subscript in _ACCENTS:
        text, subscript = rf"\{subscript}{{{text}}}", ""
    elif len(subscript) > 1 and subscript.isalpha():
        subscript = rf"\mathrm{{{subscript}}}"
    below = ",".join(part for part in (digits, subscript.replace("_", ",")) if part)
    return f"{text}_{{{below}}}" if below else text


def _letter(character: str) -> str:
    if character in _LATIN_SHAPED:
        return rf"\mathrm{{{_LATIN_SHAPED[character]}}}"
    return rf"\{GREEK_NAME[character]}" if character in GREEK_NAME else character


def _letters(head: str) -> str:
    r"""Several letters; a blank ends a command that a letter follows, as in ``\lambda x``."""
    text = ""
    for character in map(_letter, head):
        ended = not re.search(r"\\[A-Za-z]+$", text) or character.startswith("\\")
        text += character if ended else f" {character}"
    return text


def _declared_template(name: str, kind: str, order: int, parameters: Sequence[str]) -> str:
    """The template of a function that the user declared, or of a derivative of it."""
    letters = latex_name(name)
    holes = ", ".join(f"#{parameter}" for parameter in parameters)
    if kind == "elementwise":
        return f"{letters}{chr(39) * order}({holes})"
    if kind == "array" and order:
        return rf"\mathrm{{{'JH'[order - 1]}}}_{{{letters}}}({holes})"
    nabla = {0: "", 1: r"\nabla ", 2: r"\nabla^2 "}[order]
    return f"{nabla}{letters}({holes})"


def _place(template: str, name: str) -> Level:
    """The level that an argument needs where it stands in a template."""
    before, _, after = template.partition(f"#{name}")
    if _OPENS.search(before) and _CLOSES.match(after):
        return ARGUMENT
    return BASE if after.startswith("^") else FACTOR


def _template_level(template: str) -> Level:
    """How tightly a filled template holds together."""
    if re.fullmatch(r"#\w+\^\{.*\}", template):
        return Level.POSTFIX
    if template.startswith(("#", "\\log\\")) or re.search(r"#\w+$", template):
        return Level.PRODUCT
    return Level.ATOM


def _is_one_word(exponent: Node) -> bool:
    """Whether an exponent is a letter or a whole number, which needs no brackets behind another sign."""
    match exponent:
        case Number():
            return exponent.value >= 0 and exponent.value.denominator == 1
        case Symbol():
            return latex_name(exponent.name).isalnum()
        case Constant():
            return exponent.name == "size" and exponent.sizes[0].letter is not None
    return False
