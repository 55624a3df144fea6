"""From the typed tree to notation: what stands where, and what needs parentheses.

:class:`Writer` knows the structure (coefficients in front, denominators, runs of equal factors, numbers
that broadcast) and asks a subclass for the marks on paper: Unicode and ASCII on one line in
:mod:`mccli.render.text`; fractions and superscripts in :mod:`mccli.render.typeset`, which LaTeX, MathML and
Typst spell. All parentheses come from one table of levels.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Sequence
from enum import IntEnum
from fractions import Fraction
from typing import NamedTuple

from mccli.expressions.sizes import ONE, SCALAR, Size
from mccli.expressions.tree import (
    OPERATIONS,
    Apply,
    Constant,
    Node,
    Number,
    Product,
    Sum,
    Symbol,
    Transpose,
    is_eye,
    is_ones,
    is_operation,
    multiply,
    number,
    transpose,
)


class Level(IntEnum):
    """How tightly a piece of text holds together; a place that needs a higher level gets parentheses."""

    SUM = 0  # a + b
    SIGN = 1  # -a
    QUOTIENT = 2  # a/b, a ./ b
    PRODUCT = 3  # a b, a ∘ b, a ⊗ b
    POSTFIX = 4  # a', a^2, a^-1
    ATOM = 5  # a, f(a), ‖a‖


ARGUMENT, TERM, ABOVE, FACTOR, BASE = Level.SUM, Level.QUOTIENT, Level.PRODUCT, Level.POSTFIX, Level.ATOM
"""The level that each place needs: between brackets, in a sum, above a slash, in a product, under a power."""

MAX_RUN = 6
"""Longest run of equal factors written as a power: the reader writes out powers up to this one."""

KEEP_SHAPE = frozenset({"inv", "hadamard", "power", "mpow"})
"""Operations through which the size of an identity is found from its surroundings."""


class Piece(NamedTuple):
    """A piece of text and how tightly it holds together.

    Of an entrywise quotient with a mere 1 above, ``under_one`` is what stands behind the 1.
    """

    text: str
    level: Level
    under_one: str = ""


class Writer(ABC):
    """Writes one formula. ``names`` are the symbols in it, which no notation may shadow."""

    def __init__(self, names: frozenset[str]) -> None:
        self.names = names
        self.sized_forms: dict[str, Callable[[Apply, bool], Piece]] = {
            "inv": self.inverse,
            "power": self.power,
            "mpow": self.matrix_power,
            "hadamard": self.entrywise,
        }
        self.forms: dict[str, Callable[[Apply], Piece]] = {
            "series": self.series,
            "abs": self.absolute,
            "sqnorm": self.squared_norm,
        }

    # -- the marks on paper

    minus = "-"
    times = " "
    infix = " ∘ "
    divide = " ./ "
    dot = "*"

    @abstractmethod
    def symbol(self, node: Symbol) -> str:
        """A symbol."""

    @abstractmethod
    def size(self, size: Size) -> str:
        """A size as an argument."""

    @abstractmethod
    def constant(self, node: Constant, known: bool) -> Piece:
        """A constant; ``known`` if its size can be found from what stands around it."""

    @abstractmethod
    def group(self, text: str) -> str:
        """Parentheses around a text."""

    @abstractmethod
    def raised(self, base: str, exponent: Node, *, entrywise: bool = False) -> str:
        """A power of an atom."""

    @abstractmethod
    def transposed(self, node: Node, known: bool) -> Piece:
        """The transpose of a node that is no sum, product or transpose."""

    @abstractmethod
    def fraction(self, above: str, below: Piece) -> Piece:
        """A quotient with a scalar denominator."""

    @abstractmethod
    def call(self, node: Apply) -> Piece:
        """An operation without a form of its own."""

    @abstractmethod
    def inverse(self, node: Apply, known: bool) -> Piece:
        """The inverse of a matrix."""

    @abstractmethod
    def absolute(self, node: Apply) -> Piece:
        """Absolute values."""

    @abstractmethod
    def series(self, node: Apply) -> Piece:
        """A finite sum."""

    @abstractmethod
    def leads(self, below: Piece) -> bool:
        """Whether a factor may follow a fraction with this denominator."""

    def numeral(self, digits: str) -> str:
        """A whole number that is not negative."""
        return digits

    def row(self, texts: Sequence[str]) -> str:
        """Texts one after the other that belong together."""
        return "".join(texts)

    def sign(self, *, negative: bool, first: bool) -> str:
        """What stands before a term of a sum."""
        if first:
            return self.minus if negative else ""
        return f" {self.minus} " if negative else " + "

    def beside(self, right: str) -> str:
        """What stands between a factor and the next one."""
        return self.dot if right[0].isdigit() else self.times

    # -- nodes

    def write(self, node: Node) -> str:
        """The whole formula."""
        return self.piece(node).text

    def at(self, level: Level, node: Node, known: bool = False) -> str:
        """The node as it stands in a place that needs ``level``."""
        return self.closed(self.piece(node, known), level)

    def closed(self, piece: Piece, level: Level) -> str:
        """The piece, in parentheses if it is too loose for its place."""
        return piece.text if piece.level >= level else self.group(piece.text)

    def piece(self, node: Node, known: bool = False) -> Piece:
        """The text of a node and its level."""
        match node:
            case Symbol():
                return Piece(self.symbol(node), Level.ATOM)
            case Number():
                return self.number(node.value)
            case Constant():
                return self.constant(node, known)
            case Sum():
                return self.sum(node, known)
            case Transpose():
                return self.transposed(node.operand, known)
            case Product():
                return self.signed(node.coefficient, node, known)
            case Apply():
                return self.apply(node, known)
        raise TypeError(f"no node: {node!r}")

    def apply(self, node: Apply, known: bool) -> Piece:
        """An operation in its own form, or as a call."""
        name = node.operation.name
        if name in self.sized_forms:
            return self.sized_forms[name](node, known)
        return self.forms.get(name, self.call)(node)

    def number(self, value: Fraction) -> Piece:
        """An exact number."""
        if value < 0:
            return Piece(self.minus + self.number(-value).text, Level.SIGN)
        if value.denominator != 1:
            below = Piece(self.numeral(str(value.denominator)), Level.ATOM)
            return self.fraction(self.numeral(str(value.numerator)), below)
        return Piece(self.numeral(str(value.numerator)), Level.ATOM)

    # -- sums

    def sum(self, node: Sum, known: bool) -> Piece:
        """Terms with their signs; an array of equal entries is written as a number that broadcasts."""
        terms = _readable_order(node.terms)
        spread = any(not _is_spread(n) for _, n in terms)
        sizes = _known_beside([n for _, n in terms], known, spread)
        parts: list[str] = []
        for (coefficient, term), sized in zip(terms, sizes, strict=True):
            piece = self.term(coefficient, term, sized, spread)
            mark = self.sign(negative=piece.level == Level.SIGN, first=not parts)
            parts += [mark, piece.text.removeprefix(self.minus)]
        return Piece(self.row(parts), Level.SUM)

    def term(self, coefficient: Fraction, node: Node, known: bool, spread: bool) -> Piece:
        """One term with its sign in front."""
        scalar = _spread_value(coefficient, node) if spread else None
        if scalar is not None:
            piece = self.piece(scalar)
        else:
            piece = self.signed(coefficient, node, known)
        return piece if piece.level >= Level.SIGN else Piece(self.group(piece.text), Level.ATOM)

    # -- products

    def signed(self, coefficient: Fraction, node: Node, known: bool) -> Piece:
        """A coefficient times a node (whose own coefficient is not looked at), the sign in front."""
        scalars, chain = _factors(node)
        if coefficient >= 0:
            return self.product(coefficient, scalars, chain, known)
        body = self.product(-coefficient, scalars, chain, known)
        if coefficient == -1 and len(scalars) + len(chain) == 1 and _is_sum((*scalars, *chain)[0]):
            # the reader takes a minus sign into a sum, but not the number -1
            factors = [self.group(self.minus + self.numeral("1")), self.times, self.closed(body, FACTOR)]
            return Piece(self.row(factors), Level.PRODUCT)
        return Piece(self.minus + self.closed(body, TERM), Level.SIGN)

    def product(self, coefficient: Fraction, scalars: Sequence[Node], chain: Sequence[Node], known: bool) -> Piece:
        """A product with a positive coefficient; scalar factors with negative exponents stand below a slash."""
        above, below = _split_fraction(scalars)
        front = self.scalars(coefficient.numerator if below else coefficient, above, last=not chain)
        back = self.chain(chain, known)
        if not below:
            return self.joined(front, back)
        bottom = self.below(coefficient.denominator, below)
        if len(chain) == 1 and _is_sum(chain[0]) and front and self.leads(bottom):
            lead = self.fraction(self.joined(front, []).text, bottom)
            return self.joined([Piece(lead.text, Level.POSTFIX)], back)
        return self.fraction(self.top(front, back), bottom)

    def top(self, front: list[Piece], back: list[Piece]) -> str:
        """What stands above a slash."""
        if not front and not back:
            return self.numeral("1")
        return self.closed(self.joined(front, back), ABOVE)

    def scalars(self, coefficient: Fraction | int, above: list[Node], *, last: bool) -> list[Piece]:
        """The coefficient and the scalar factors above the slash, inner products behind the others."""
        pieces = [Piece(self.number(Fraction(coefficient)).text, Level.POSTFIX)] if coefficient != 1 else []
        inner = [n for n in above if isinstance(n, Product)]
        pieces += [self.piece(n) for n in above if not isinstance(n, Product)]
        open_end = last and len(inner) == 1
        for node in inner:
            text = self.joined([], self.chain(node.chain, False)).text
            pieces.append(Piece(text, Level.PRODUCT) if open_end else Piece(self.group(text), Level.ATOM))
        return pieces

    def chain(self, chain: Sequence[Node], known: bool) -> list[Piece]:
        """The factors of a product of matrices, runs of equal ones as powers."""
        runs = _runs(chain)
        pieces: list[Piece] = []
        for (node, count), sized in zip(runs, _known_beside([n for n, _ in runs], known), strict=True):
            pieces.append(self.repeated(node, count, sized) if count > 1 else self.piece(node, sized))
        return pieces

    def repeated(self, node: Node, count: int, known: bool) -> Piece:
        """A run of equal factors as a power."""
        return Piece(self.raised(self.at(BASE, node, known), number(count)), Level.POSTFIX)

    def joined(self, front: list[Piece], back: list[Piece]) -> Piece:
        """Factors side by side. Only the last may be loose: an inner product, or ``A ∘ B`` after scalars."""
        pieces = front + back
        if not pieces:
            return Piece(self.numeral("1"), Level.ATOM)
        if len(pieces) == 1:
            return pieces[0]
        if len(back) == 1 and back[0].under_one:
            return Piece(self.row([self.joined(front, []).text, back[0].under_one]), Level.QUOTIENT)
        last = TERM if len(back) <= 1 else FACTOR
        texts = [*(self.closed(p, FACTOR) for p in pieces[:-1]), self.closed(pieces[-1], last)]
        marked = [texts[0], *(part for t in texts[1:] for part in (self.beside(t), t))]
        level = Level.QUOTIENT if pieces[-1].level == Level.QUOTIENT == last else Level.PRODUCT
        return Piece(self.row(marked), level)

    def below(self, denominator: int, factors: list[tuple[Node, Node]]) -> Piece:
        """The denominator: a number and powers of scalars."""
        powers = [_raw_power(base, exponent) for base, exponent in factors]
        return self.joined(self.scalars(denominator, powers, last=True), [])

    # -- powers and entrywise products

    def power(self, node: Apply, known: bool) -> Piece:
        """A power of a scalar, or of every entry of an array."""
        base, exponent = node.arguments
        if _is_negative_whole(exponent):
            if node.is_scalar:
                return self.product(Fraction(1), (node,), (), known)
            return self.entrywise(node, known)
        if base.is_scalar and is_operation(base, "sqnorm") and _is_whole(exponent):
            base, exponent = root_of_sqnorm(base), multiply(number(2), exponent)
        return Piece(self.raised(self.at(BASE, base, known), exponent, entrywise=not node.is_scalar), Level.POSTFIX)

    def squared_norm(self, node: Apply) -> Piece:
        """The square of a norm."""
        return Piece(self.raised(self.at(BASE, root_of_sqnorm(node)), number(2)), Level.POSTFIX)

    def matrix_power(self, node: Apply, known: bool) -> Piece:
        """A power of a square matrix."""
        base, exponent = node.arguments
        if inverted(base) is not None and isinstance(exponent, Number):
            return self.repeated(base, int(exponent.value), known)
        return Piece(self.raised(self.at(BASE, base, known), exponent), Level.POSTFIX)

    def entrywise(self, node: Apply, known: bool) -> Piece:
        """``a ∘ b ./ c``: factors entry by entry, those with negative exponents behind a division."""
        factors = node.arguments if node.operation.name == "hadamard" else (node,)
        above = [n for n in factors if not _is_reciprocal(n)]
        below = [_raw_power(*_reciprocal(n)) for n in factors if _is_reciprocal(n)]
        sized = known or any(_fixes_size(n) for n in factors)
        top = self.infixed([self.at(FACTOR, n, sized) for n in above]) if above else self.numeral("1")
        if not below:
            return Piece(top, Level.PRODUCT)
        bottom = self.infixed([self.at(FACTOR, n) for n in below])
        under = self.divide + (bottom if len(below) == 1 else self.group(bottom))
        return Piece(self.row([top, under]), Level.QUOTIENT, "" if above else under)

    def infixed(self, factors: list[str]) -> str:
        """Factors of an entrywise product."""
        return self.row([factors[0], *(part for f in factors[1:] for part in (self.infix, f))])


# ---------------------------------------------------------------------------------------------- structure


def _factors(node: Node) -> tuple[Sequence[Node], Sequence[Node]]:
    """The scalar factors and the chain of a node."""
    if isinstance(node, Product) and not (node.is_scalar and node.chain):
        return node.scalars, node.chain
    return ((node,), ()) if node.is_scalar and not isinstance(node, Number) else ((), (node,) * (not node.is_scalar))


def _is_sum(node: Node) -> bool:
    """Whether the node is written as a sum in parentheses."""
    return isinstance(node.operand if isinstance(node, Transpose) else node, Sum)


def _is_whole(exponent: Node) -> bool:
    return isinstance(exponent, Number) and exponent.value.denominator == 1


def _is_negative_whole(exponent: Node) -> bool:
    return isinstance(exponent, Number) and exponent.value.denominator == 1 and exponent.value < 0


def _is_reciprocal(node: Node) -> bool:
    return is_operation(node, "power") and _is_negative_whole(node.children()[1])


def _reciprocal(node: Node) -> tuple[Node, Node]:
    base, exponent = node.children()
    return base, multiply(number(-1), exponent)


def _raw_power(base: Node, exponent: Node) -> Node:
    """base^exponent without the normal form of powers, which would write even powers of norms otherwise."""
    if isinstance(exponent, Number) and exponent.value == 1:
        return base
    return Apply(OPERATIONS["power"], (base, exponent), (), base.shape)


def _split_fraction(scalars: Iterable[Node]) -> tuple[list[Node], list[tuple[Node, Node]]]:
    """The scalar factors above a slash, and bases with positive exponents below it."""
    above: list[Node] = []
    below: list[tuple[Node, Node]] = []
    for node in scalars:
        if _is_reciprocal(node):
            below.append(_reciprocal(node))
        else:
            above.append(node)
    return above, below


def _runs(chain: Sequence[Node]) -> list[tuple[Node, int]]:
    """Neighbouring equal factors with their number."""
    runs: list[tuple[Node, int]] = []
    for node in chain:
        if runs and runs[-1][0] == node and runs[-1][1] < MAX_RUN and node.rows == node.columns:
            runs[-1] = (node, runs[-1][1] + 1)
        else:
            runs.append((node, 1))
    return runs


def root_of_sqnorm(node: Node) -> Node:
    """The norm of which a squared norm is the square."""
    operand = node.children()[0]
    name = "norm2" if ONE in operand.shape else "normF"
    return Apply(OPERATIONS[name], (operand,), (), SCALAR)


def _is_spread(node: Node) -> bool:
    """Whether all entries of an array are equal by construction."""
    return is_ones(node) or (isinstance(node, Product) and len(node.chain) == 1 and is_ones(node.chain[0]))


def _spread_value(coefficient: Fraction, node: Node) -> Node | None:
    """The number that stands for an array of equal entries in a sum; None if it must be written out."""
    if not _is_spread(node):
        return None
    scalars = node.scalars if isinstance(node, Product) else ()
    if coefficient == -1 and len(scalars) == 1 and isinstance(scalars[0], Sum):
        return None
    return multiply(number(coefficient), *scalars)


def _readable_order(terms: tuple[tuple[Fraction, Node], ...]) -> tuple[tuple[Fraction, Node], ...]:
    """The terms, an array in front if otherwise two numbers would be added first and broadcast as one."""
    if len(terms) < 3 or not all(_is_spread(n) for _, n in terms[:2]):
        return terms
    at = next((i for i, (_, n) in enumerate(terms) if not _is_spread(n)), 0)
    return (terms[at], *terms[:at], *terms[at + 1 :])


def flipped_power(node: Node) -> tuple[Node, Node] | None:
    """Base and exponent where the transpose of a power is written as the power of a transpose."""
    if not is_operation(node, "mpow") or not isinstance(transpose(node.children()[0]), Transpose):
        return None
    base, exponent = node.children()
    return base, exponent


def inverted(node: Node) -> Node | None:
    """X of an inverse X⁻¹ whose powers may be written X⁻²; powers of powers would be merged by the reader."""
    operand = node.children()[0] if is_operation(node, "inv") else None
    return None if operand is None or is_operation(operand, "mpow") else operand


def _known_beside(nodes: Sequence[Node], known: bool, spread: bool = False) -> list[bool]:
    """For each of the parts of a sum or product, whether the others determine its shape."""
    fixed = [_fixes_size(n) and not (spread and _is_spread(n)) for n in nodes]
    return [known or sum(fixed) > own for own in fixed]


def _fixes_size(node: Node) -> bool:
    """Whether the text of a node determines its shape without help from around it."""
    match node:
        case Sum():
            return any(_fixes_size(n) for _, n in node.terms if not _is_spread(n))
        case Product():
            return bool(node.chain) and all(_fixes_size(n) for n in node.chain) and not _is_spread(node)
        case Transpose():
            return _fixes_size(node.operand)
        case Apply() if node.operation.name in KEEP_SHAPE or node.operation.elementwise:
            return any(_fixes_size(n) for n in node.arguments if n.shape != SCALAR)
    return not is_eye(node) and not is_ones(node)
