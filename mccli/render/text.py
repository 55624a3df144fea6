"""Formulas as one line of text, in Unicode or in ASCII.

Everything printed can be read again: ``elaborate(text(node), scope)`` gives a node with the same key when
the same symbols are declared.
"""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from typing import NamedTuple

from mccli.expressions.graph import walk
from mccli.expressions.sizes import ONE, Monomial, Size
from mccli.expressions.tree import Apply, Constant, Node, Number, Product, Sum, Symbol
from mccli.language.names import GREEK_NAME
from mccli.render.formula import ARGUMENT, BASE, FACTOR, Level, Piece, Writer, flipped_power, inverted


class Notation(NamedTuple):
    """The glyphs of a notation; an empty string stands for a form that the notation writes as a call."""

    minus: str
    times: str
    hadamard: str
    divide: str
    kron: str
    comma: str
    transpose: str
    inverse: tuple[str, str]
    pseudo_inverse: tuple[str, str]
    norm: str
    bar: str
    identity: str
    sigmoid: str
    pi: str
    digits: str


UNICODE = Notation(
    minus="−", times=" ", hadamard=" ∘ ", divide=" ./ ", kron=" ⊗ ", comma=", ", transpose="ᵀ", inverse=("⁻¹", "⁻ᵀ"),
    pseudo_inverse=("⁺", "⁺ᵀ"), norm="‖", bar="|", identity="I", sigmoid="σ", pi="π", digits="⁰¹²³⁴⁵⁶⁷⁸⁹",
)  # fmt: skip
ASCII = Notation(
    minus="-", times="*", hadamard=".*", divide="./", kron="", comma=",", transpose="'", inverse=("", ""),
    pseudo_inverse=("", ""), norm="", bar="", identity="", sigmoid="", pi="pi", digits="",
)  # fmt: skip

_SUBSCRIPTS = {"norm2": "", "normF": "_F", "norm1": "₁", "norminf": "_∞", "normnuc": "_*", "sv": "₂"}


def text(node: Node, *, ascii_only: bool = False) -> str:
    """The formula in one line."""
    return _TextWriter(ASCII if ascii_only else UNICODE, node.symbols).write(node)


class _TextWriter(Writer):
    """Writes a formula with the glyphs of a notation."""

    def __init__(self, notation: Notation, names: frozenset[str]) -> None:
        super().__init__(names)
        self.notation = notation
        self.minus, self.times = notation.minus, notation.times
        self.infix, self.divide = notation.hadamard, notation.divide
        self.sized_forms |= {"pinv": self.inverse}
        self.forms |= {
            "kron": self.kron, "eigval": self.eigenvalue, "rowsums": self.axis_sum, "colsums": self.axis_sum,
            **dict.fromkeys(_SUBSCRIPTS, self.norm),
        }  # fmt: skip

    # -- leaves

    def symbol(self, node: Symbol) -> str:
        return self.name(node.name)

    def name(self, name: str) -> str:
        """A name in the letters of the notation."""
        return name if self.notation.digits else ascii_name(name)

    def size(self, size: Size) -> str:
        return size_text(size, self.minus, "*")

    def constant(self, node: Constant, known: bool) -> Piece:
        if node.name == "pi":
            return Piece(self.notation.pi, Level.ATOM)
        if node.name == "size":
            return Piece(size_text(node.sizes[0], self.minus, self.times), size_level(node.sizes[0]))
        if node.name == "eye" and known and self.notation.identity and "I" not in self.names:
            return Piece(self.notation.identity, Level.ATOM)
        return self.called(node.name, (self.size(s) for s in node.sizes), ",")

    # -- marks

    def group(self, text: str) -> str:
        return f"({text})"

    def called(self, name: str, arguments: Iterable[str], comma: str = "") -> Piece:
        """``name(a, b)``."""
        return Piece(f"{name}({(comma or self.notation.comma).join(arguments)})", Level.ATOM)

    def raised(self, base: str, exponent: Node, *, entrywise: bool = False) -> str:
        plain = self.at(ARGUMENT, exponent)
        if self.notation.digits and not entrywise and plain.isdigit():
            return base + self.digits(int(plain))
        bare = isinstance(exponent, Symbol | Number | Constant) and plain.isalnum() and plain[0] not in "TH"
        return f"{base}{'.^' if entrywise else '^'}{plain if bare else self.group(plain)}"

    def digits(self, value: int) -> str:
        """A number in superscript."""
        return "".join(self.notation.digits[int(c)] for c in str(value))

    def transposed(self, node: Node, known: bool) -> Piece:
        mark = self.notation.transpose
        power = flipped_power(node)
        if power is not None:
            base, exponent = power
            return Piece(self.raised(self.group(self.at(BASE, base, known) + mark), exponent), Level.POSTFIX)
        suffixes = self.suffixes(node)
        if suffixes:
            return Piece(self.at(BASE, node.children()[0], known) + suffixes[1], Level.POSTFIX)
        return Piece(self.at(BASE, node, known) + mark, Level.POSTFIX)

    def fraction(self, above: str, below: Piece) -> Piece:
        return Piece(f"{above}/{self.closed(below, FACTOR)}", Level.QUOTIENT)

    def leads(self, below: Piece) -> bool:
        return self.times != " " or below.level < FACTOR or below.text[0] in "(‖|" or below.text[-1] == ")"

    # -- operations

    def call(self, node: Apply) -> Piece:
        arguments = [self.at(ARGUMENT, n) for n in node.arguments] + [self.size(s) for s in node.sizes]
        return self.called(self.function(node), arguments)

    def function(self, node: Apply) -> str:
        """The name of an operation as it is typed."""
        if node.operation.declared is not None:
            name, kind, order = node.operation.declared
            slope = kind == "scalar" and node.arguments[0].is_scalar and bool(self.notation.digits)
            return self.declared(name, "elementwise" if slope else kind, order)
        if node.operation.name == "sigmoid" and self.notation.sigmoid and not self.names & {"σ"}:
            return self.notation.sigmoid
        return node.operation.name

    def declared(self, name: str, kind: str, order: int) -> str:
        """A declared function or a derivative of it: ∇L, φ', Jg; of one scalar, f' as for an elementwise one."""
        letters = bool(self.notation.digits)
        plain = self.name(name)
        if kind == "elementwise" and letters and order < 3:
            return plain + "'" * order
        prefix = {
            ("scalar", 1): "∇" if letters else "grad", ("scalar", 2): "hess", ("array", 1): "J",
            ("array", 2): "H", ("elementwise", 1): "d",
        }.get((kind, order), f"d{order}" if order else "")  # fmt: skip
        return prefix + plain

    def series(self, node: Apply) -> Piece:
        return self.called("series", (self.at(ARGUMENT, n) for n in node.arguments), ", ")

    def suffixes(self, node: Node) -> tuple[str, str] | None:
        """What marks an inverse and a transposed inverse, where the notation has marks for them."""
        name = node.operation.name if isinstance(node, Apply) else ""
        marks = {"inv": self.notation.inverse, "pinv": self.notation.pseudo_inverse}.get(name)
        return marks if marks and marks[0] else None

    def inverse(self, node: Apply, known: bool) -> Piece:
        """``X⁻¹`` or ``inv(X)``."""
        suffixes = self.suffixes(node)
        if suffixes is None:
            return self.call(node)
        return Piece(self.at(BASE, node.arguments[0], known) + suffixes[0], Level.POSTFIX)

    def repeated(self, node: Node, count: int, known: bool) -> Piece:
        operand = inverted(node)
        if operand is not None and self.suffixes(node):
            minus = self.notation.inverse[0][0]
            return Piece(self.at(BASE, operand, known) + minus + self.digits(count), Level.POSTFIX)
        return super().repeated(node, count, known)

    def kron(self, node: Apply) -> Piece:
        """``A ⊗ B`` or ``kron(A,B)``."""
        if not self.notation.kron:
            return self.call(node)
        return Piece(self.notation.kron.join(self.at(FACTOR, n) for n in node.arguments), Level.PRODUCT)

    def absolute(self, node: Apply) -> Piece:
        """``|t|`` of a scalar, otherwise a call."""
        if not node.is_scalar or not self.notation.bar:
            return self.call(node)
        return self.between(self.notation.bar, node.arguments[0], "")

    def norm(self, node: Apply) -> Piece:
        """``‖x‖₁`` where the bars are read as this norm, otherwise a call."""
        operand, name = node.arguments[0], node.operation.name
        if name == "sv" and node.sizes == (ONE,) and ONE not in operand.shape and not self.notation.norm:
            return self.called("normspec", [self.at(ARGUMENT, operand)])
        matrix = ONE not in operand.shape
        fits = {"sv": matrix and node.sizes == (ONE,), "norm1": not matrix, "norminf": not matrix, "norm2": not matrix}
        if not self.notation.norm or not fits.get(name, True):
            return self.call(node)
        return self.between(self.notation.norm, operand, _SUBSCRIPTS[name])

    def between(self, bar: str, operand: Node, subscript: str) -> Piece:
        """An operand between bars, which do not nest."""
        inner = self.at(ARGUMENT, operand)
        return Piece(f"{bar}{self.group(inner) if bar in inner else inner}{bar}{subscript}", Level.ATOM)

    def axis_sum(self, node: Apply) -> Piece:
        """Sums along an axis as in MATLAB."""
        axis = "1" if node.operation.name == "colsums" else "2"
        return self.called("sum", [self.at(ARGUMENT, node.arguments[0]), axis])

    def eigenvalue(self, node: Apply) -> Piece:
        """The smallest and the largest eigenvalue have names."""
        argument, place = node.arguments[0], node.sizes[0]
        if place == ONE or place == argument.rows:
            return self.called("eigmin" if place == ONE else "eigmax", [self.at(ARGUMENT, argument)])
        return self.call(node)


def ascii_name(name: str) -> str:
    """A name with its Greek letters spelled out."""
    return "".join(GREEK_NAME.get(c, c) for c in name)


def size_level(size: Size) -> Level:
    """How tightly the text of a size holds together."""
    if size.letter:
        return Level.ATOM
    return Level.PRODUCT if len(size.terms) == 1 else Level.SUM


def size_text(size: Size, minus: str, times: str) -> str:
    """A size as the reader takes it: without powers, products before the division."""
    parts: list[str] = []
    for monomial, coefficient in sorted(size.terms, key=lambda t: (-sum(p for _, p in t[0]), t[0])):
        negative = coefficient < 0
        parts.append((f" {minus} " if negative else " + ") if parts else (minus if negative else ""))
        parts.append(_monomial_text(monomial, abs(coefficient), times))
    return "".join(parts) or "0"


def _monomial_text(monomial: Monomial, coefficient: Fraction, times: str) -> str:
    letters = [letter for letter, power in monomial for _ in range(power)]
    whole = [str(coefficient.numerator)] if coefficient.numerator != 1 or not letters else []
    below = f"/{coefficient.denominator}" if coefficient.denominator != 1 else ""
    return times.join(whole + letters) + below


# ---------------------------------------------------------------------------------------------- length

_LENGTHS: dict[int, int] = {}


def length(node: Node) -> int:
    """About how many characters the formula takes; linear in the size of the graph."""
    if node.key not in _LENGTHS:
        for current in walk(node):
            if current.key not in _LENGTHS:
                _LENGTHS[current.key] = _own_length(current) + sum(_LENGTHS[n.key] for n in current.children())
    return _LENGTHS[node.key]


def _own_length(node: Node) -> int:
    match node:
        case Symbol():
            return len(node.name)
        case Number():
            return len(str(node.value))
        case Constant():
            return 1 if node.name in ("eye", "pi") else 1 + sum(len(str(s)) for s in node.sizes)
        case Sum():
            return 2 + 3 * len(node.terms) + sum(len(str(abs(c))) for c, _ in node.terms if abs(c) != 1)
        case Product():
            return len(node.scalars) + len(node.chain) + (len(str(node.coefficient)) if node.coefficient != 1 else 0)
        case Apply():
            return len(node.operation.name) + 2 * len(node.arguments)
    return 1
