r"""Formulas as LaTeX, from the ``latex`` templates of the operations.

The result needs amsmath. Products, traces, inverses, powers and norms are read back by mc's own parser.
"""

from __future__ import annotations

import re

from mccli.expressions.sizes import ONE, Size
from mccli.expressions.tree import Apply, Constant, Node, Number, Symbol, apply, is_operation
from mccli.language.names import GREEK_NAME
from mccli.render.formula import ARGUMENT, BASE, FACTOR, TERM, Level, Piece, Writer, flipped_power, inverted
from mccli.render.text import size_level, size_text


def latex(node: Node) -> str:
    """The formula as LaTeX for math mode."""
    return _LatexWriter(node.symbols).write(node)


_TALL = re.compile(r"\\frac|\\sum|\\left|\\begin")
_HOLE = re.compile(r"#([A-Za-z]+)")
_OPENS = re.compile(r"(?:[(\[{,=|&]|\\l[vV]ert|matrix\}|\\\\)\s*$")
_CLOSES = re.compile(r"\s*(?:[)\]},|&]|\\r[vV]ert|\\end|\\\\)")
_NAME = re.compile(r"([^\W\d_]+)(\d*)(?:_(\w+))?$")
_REPEATED = re.compile(r"(\w+)(?: \1)+(?!\w)")
_ACCENTS = frozenset({"hat", "tilde", "bar"})
_LATIN_SHAPED = dict(zip("ΑΒΕΖΗΙΚΜΝΟΡΤΥΧο", "ABEZHIKMNOPTYXo", strict=True))


class _LatexWriter(Writer):
    """Writes a formula for math mode."""

    infix = r" \odot "
    divide = r" \oslash "
    dot = r" \cdot "

    def __init__(self, names: frozenset[str]) -> None:
        super().__init__(names)
        self.forms |= {"norm1": self.vector_norm, "norminf": self.vector_norm, "eigval": self.eigenvalue}
        self.forms |= {"sv": self.singular_value}

    # -- leaves

    def symbol(self, node: Symbol) -> str:
        if node.role == "differential" and len(node.name) > 1:
            return r"\mathrm{d}" + latex_name(node.name[1:])
        return latex_name(node.name)

    def size(self, size: Size) -> str:
        return _REPEATED.sub(lambda m: f"{m[1]}^{len(m[0].split())}", size_text(size, "-", " "))

    def constant(self, node: Constant, known: bool) -> Piece:  # noqa: ARG002
        sizes = [self.size(s) for s in node.sizes]
        match node.name:
            case "pi":
                return Piece(r"\pi", Level.ATOM)
            case "size":
                return Piece(sizes[0], size_level(node.sizes[0]))
            case "eye":
                return Piece(f"I_{{{sizes[0]}}}", Level.ATOM)
            case "ones" | "zeros":
                return self.filled(node, sizes)
        head = {"unit": "e", "commutation": "K", "duplication": "D", "elimination": "L"}[node.name]
        shown = sizes[:1] if node.name == "unit" else sizes
        return Piece(f"{head}_{{{','.join(shown)}}}", Level.ATOM)

    def filled(self, node: Constant, sizes: list[str]) -> Piece:
        r"""``\mathbf{1}_{n}`` and its kin."""
        head = r"\mathbf{1}" if node.name == "ones" else r"\mathbf{0}"
        if node.columns == ONE:
            return Piece(f"{head}_{{{sizes[0]}}}", Level.ATOM)
        if node.rows == ONE:
            return Piece(rf"{head}_{{{sizes[1]}}}^{{\top}}", Level.POSTFIX)
        return Piece(f"{head}_{{{sizes[0]} \\times {sizes[1]}}}", Level.ATOM)

    # -- marks

    def group(self, text: str) -> str:
        return rf"\left({text}\right)" if _TALL.search(text) else f"({text})"

    def raised(self, base: str, exponent: Node, *, entrywise: bool = False) -> str:
        plain = str(exponent.value) if isinstance(exponent, Number) else self.at(ARGUMENT, exponent)
        if entrywise:
            return rf"{base}^{{\circ {plain if plain.isalnum() else self.group(plain)}}}"
        return f"{base}^{plain}" if len(plain) == 1 else f"{base}^{{{plain}}}"

    def transposed(self, node: Node, known: bool) -> Piece:
        power = flipped_power(node)
        if power is not None:
            base, exponent = power
            raised = self.raised(self.group(rf"{self.at(BASE, base, known)}^{{\top}}"), exponent)
            return Piece(raised, Level.POSTFIX)
        if is_operation(node, "inv"):
            return Piece(rf"{self.at(BASE, node.children()[0], known)}^{{-\top}}", Level.POSTFIX)
        return Piece(rf"{self.at(BASE, node, known)}^{{\top}}", Level.POSTFIX)

    def fraction(self, above: str, below: Piece) -> Piece:
        return Piece(rf"\frac{{{above}}}{{{below.text}}}", Level.POSTFIX)

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
        inner = self.at(ARGUMENT, operand)
        return Piece(node.operation.latex.replace("#x", inner), Level.ATOM)

    def singular_value(self, node: Apply) -> Piece:
        """The largest singular value of a matrix is its spectral norm."""
        if node.sizes != (ONE,) or ONE in node.arguments[0].shape:
            return self.call(node)
        return Piece(rf"\lVert {self.at(ARGUMENT, node.arguments[0])} \rVert_2", Level.ATOM)

    def eigenvalue(self, node: Apply) -> Piece:
        """The smallest and the largest eigenvalue have names."""
        place, size = node.sizes[0], node.arguments[0].rows
        shown = r"\min" if place == ONE else r"\max" if place == size else self.size(place)
        return Piece(rf"\lambda_{{{shown}}}{self.group(self.at(ARGUMENT, node.arguments[0]))}", Level.ATOM)

    def inverse(self, node: Apply, known: bool) -> Piece:
        """``X^{-1}``."""
        return Piece(f"{self.at(BASE, node.arguments[0], known)}^{{-1}}", Level.POSTFIX)

    def repeated(self, node: Node, count: int, known: bool) -> Piece:
        operand = inverted(node)
        if operand is not None:
            return Piece(f"{self.at(BASE, operand, known)}^{{-{count}}}", Level.POSTFIX)
        return super().repeated(node, count, known)

    def absolute(self, node: Apply) -> Piece:
        """Bars that know their side."""
        return Piece(rf"\lvert {self.at(ARGUMENT, node.arguments[0])} \rvert", Level.ATOM)

    def series(self, node: Apply) -> Piece:
        index, low, high, body = node.arguments
        ends = rf"\sum_{{{self.at(ARGUMENT, index)}={self.at(ARGUMENT, low)}}}^{{{self.at(ARGUMENT, high)}}}"
        return Piece(f"{ends} {self.at(TERM, body)}", Level.SUM)

    def call(self, node: Apply) -> Piece:
        """An operation by its template."""
        record = node.operation
        template = record.latex
        if record.declared is not None:
            template = _declared_template(*record.declared, record.parameters[0])
        holes = dict(zip(record.parameters, node.arguments, strict=True))
        sizes = dict(zip(record.size_parameters, node.sizes, strict=True))
        texts = {name: self.at(_place(template, name), value) for name, value in holes.items()}
        texts |= {name: self.size(value) for name, value in sizes.items()}
        shown = _stretched(template) if any(_TALL.search(t) for t in texts.values()) else template
        return Piece(_HOLE.sub(lambda m: texts[m.group(1)], shown), _template_level(template))


def latex_name(name: str) -> str:
    r"""A symbol: ``μ1`` is ``\mu_{1}``, ``y_hat`` is ``\hat{y}``, ``lv`` is ``\mathit{lv}``."""
    match = _NAME.match(name)
    if match is None:
        return rf"\mathit{{{name}}}"
    head, digits, subscript = match.group(1), match.group(2), match.group(3) or ""
    text = _letter(head) if len(head) == 1 else rf"\mathit{{{''.join(map(_letter, head))}}}"
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


def _declared_template(name: str, kind: str, order: int, parameter: str) -> str:
    """The template of a function that the user declared, or of a derivative of it."""
    letters = latex_name(name)
    if kind == "elementwise":
        return f"{letters}{chr(39) * order}(#{parameter})"
    if kind == "array" and order:
        return rf"\mathrm{{J}}_{{{letters}}}(#{parameter})"
    nabla = {0: "", 1: r"\nabla ", 2: r"\nabla^2 "}[order]
    return f"{nabla}{letters}(#{parameter})"


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


def _stretched(template: str) -> str:
    """A template whose brackets grow with what is inside."""
    stretched = template.replace("(", r"\left(").replace(")", r"\right)")
    return re.sub(r"\\([lr])([vV]ert)", lambda m: rf"\{'left' if m[1] == 'l' else 'right'}\{m[1]}{m[2]}", stretched)
