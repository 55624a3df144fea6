"""Symbolic sizes: polynomials in size letters with rational coefficients, and their unification.

Sizes are numbers (``3``), letters (``n``) and what operations make of them: ``m*n`` for vec and kron,
``n + k - 1`` for a convolution, ``n*(n + 1)/2`` for vech.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction

Monomial = tuple[tuple[str, int], ...]


class Size:
    """An immutable polynomial in size letters. Equal polynomials are equal and hash alike."""

    __slots__ = ("_hash", "terms")

    def __init__(self, terms: Mapping[Monomial, Fraction]) -> None:
        self.terms: tuple[tuple[Monomial, Fraction], ...] = tuple(sorted((m, c) for m, c in terms.items() if c))
        self._hash = hash(self.terms)

    def __hash__(self) -> int:
        return self._hash

    def __eq__(self, other: object) -> bool:
        if self is other:
            return True
        return isinstance(other, Size) and self._hash == other._hash and self.terms == other.terms

    def __add__(self, other: Size) -> Size:
        terms = dict(self.terms)
        for monomial, coefficient in other.terms:
            terms[monomial] = terms.get(monomial, Fraction(0)) + coefficient
        return Size(terms)

    def __sub__(self, other: Size) -> Size:
        return self + other.scaled(Fraction(-1))

    def __mul__(self, other: Size) -> Size:
        if self == ONE:
            return other
        if other == ONE:
            return self
        terms: dict[Monomial, Fraction] = {}
        for m1, c1 in self.terms:
            for m2, c2 in other.terms:
                merged = _times(m1, m2)
                terms[merged] = terms.get(merged, Fraction(0)) + c1 * c2
        return Size(terms)

    def scaled(self, factor: Fraction) -> Size:
        """The size times a rational number."""
        return Size({m: c * factor for m, c in self.terms})

    @property
    def number(self) -> Fraction | None:
        """The value if no letters occur, else None."""
        if not self.terms:
            return Fraction(0)
        if len(self.terms) == 1 and not self.terms[0][0]:
            return self.terms[0][1]
        return None

    @property
    def letter(self) -> str | None:
        """The letter if the size is exactly one letter, else None."""
        if len(self.terms) == 1:
            monomial, coefficient = self.terms[0]
            if coefficient == 1 and len(monomial) == 1 and monomial[0][1] == 1:
                return monomial[0][0]
        return None

    def letters(self) -> Iterator[str]:
        """Every letter that occurs, with repetition."""
        for monomial, _ in self.terms:
            for letter, _power in monomial:
                yield letter

    def substitute(self, values: Mapping[str, Size]) -> Size:
        """The size with letters replaced; letters without a value stay."""
        if not any(letter in values for letter in self.letters()):
            return self
        total = ZERO
        for monomial, coefficient in self.terms:
            product = Size({(): coefficient})
            for letter, power in monomial:
                base = values.get(letter, letter_size(letter))
                for _ in range(power):
                    product = product * base
            total = total + product
        return total

    def value(self, sizes: Mapping[str, int]) -> int:
        """The number this size is when its letters have the given values. KeyError for an unknown letter."""
        total = Fraction(0)
        for monomial, coefficient in self.terms:
            product = coefficient
            for letter, power in monomial:
                product *= sizes[letter] ** power
            total += product
        if total.denominator != 1:
            raise ValueError(f"{self} is not a whole number here")
        return int(total)

    def __str__(self) -> str:
        if not self.terms:
            return "0"
        parts: list[str] = []
        for monomial, coefficient in sorted(self.terms, key=lambda t: (-sum(p for _, p in t[0]), t[0])):
            parts.append(_term_text(monomial, coefficient, first=not parts))
        return "".join(parts)

    __repr__ = __str__


def _times(a: Monomial, b: Monomial) -> Monomial:
    powers = dict(a)
    for letter, power in b:
        powers[letter] = powers.get(letter, 0) + power
    return tuple(sorted(powers.items()))


def _term_text(monomial: Monomial, coefficient: Fraction, *, first: bool) -> str:
    letters = "*".join(letter if power == 1 else f"{letter}^{power}" for letter, power in monomial)
    magnitude = abs(coefficient)
    body = letters if magnitude == 1 and letters else "*".join(p for p in (str(magnitude.numerator), letters) if p)
    if letters and magnitude.numerator == 1:
        body = letters
    if magnitude.denominator != 1:
        body += f"/{magnitude.denominator}"
    sign = ("-" if coefficient < 0 else "") if first else (" - " if coefficient < 0 else " + ")
    return sign + body


def number_size(value: int | Fraction) -> Size:
    """The size that is a number."""
    return Size({(): Fraction(value)})


def letter_size(letter: str) -> Size:
    """The size that is a letter."""
    return Size({((letter, 1),): Fraction(1)})


ZERO = number_size(0)
ONE = number_size(1)

Shape = tuple[Size, Size]
SCALAR: Shape = (ONE, ONE)


def shape_text(shape: Shape, *, times: str = "×") -> str:
    """A shape as it stands at the right edge of a line: ``m×n``, ``n`` for a column, ``scalar``."""
    rows, columns = shape
    if shape == SCALAR:
        return "scalar"
    if columns == ONE:
        return str(rows)
    return f"{_factor(rows)}{times}{_factor(columns)}"


def _factor(size: Size) -> str:
    return str(size) if size.letter or size.number is not None else f"({size})"


class Unifier:
    """Equations between sizes, solved as they come in (principal solution by substitution).

    A letter never becomes the number 1: a matrix is not silently a vector. Equations that are not linear
    in any letter wait until more is known; :meth:`pending` holds what is left. Two letters that are ``declared`` are
    never made equal: ``refused`` holds the pair that would have had to be.
    """

    def __init__(self, declared: frozenset[str] = frozenset()) -> None:
        self.declared = declared
        self.refused: tuple[str, str] | None = None
        self.solution: dict[str, Size] = {}
        self.pending: list[tuple[Size, Size]] = []
        self._fresh = 0

    def fresh(self) -> Size:
        """A new letter that is named at the end (``?1``, ``?2``, ...)."""
        self._fresh += 1
        return letter_size(f"?{self._fresh}")

    def resolve(self, size: Size) -> Size:
        """The size with everything known put in."""
        return size.substitute(self.solution) if self.solution else size

    def unify(self, a: Size, b: Size) -> bool:
        """Demand a = b. False if that cannot be."""
        a, b = self.resolve(a), self.resolve(b)
        if a == b:
            return True
        difference = a - b
        if difference.number is not None:
            return False
        chosen = _solvable_letter(difference)
        if chosen is None:
            self.pending.append((a, b))
            return True
        letter, value = chosen
        if not _possible(value):
            return False
        if letter in self.declared and value.letter in self.declared:
            self.refused = (letter, value.letter)
            return False
        self._bind(letter, value)
        return self._retry()

    def _bind(self, letter: str, value: Size) -> None:
        step = {letter: value}
        self.solution = {k: v.substitute(step) for k, v in self.solution.items()}
        self.solution[letter] = value

    def _retry(self) -> bool:
        waiting, self.pending = self.pending, []
        return all(self.unify(a, b) for a, b in waiting)


def _possible(value: Size) -> bool:
    number = value.number
    return number is None or (number.denominator == 1 and number >= 2)


def _solvable_letter(difference: Size) -> tuple[str, Size] | None:
    """A letter in which ``difference = 0`` can be solved, fresh letters first, and its value."""
    candidates: list[tuple[tuple[bool, bool, str], str, Size]] = []
    counts: dict[str, int] = {}
    for letter in difference.letters():
        counts[letter] = counts.get(letter, 0) + 1
    for monomial, coefficient in difference.terms:
        if len(monomial) != 1 or monomial[0][1] != 1 or counts[monomial[0][0]] != 1 or abs(coefficient) != 1:
            continue
        letter = monomial[0][0]
        rest = Size({m: c for m, c in difference.terms if m != monomial})
        value = rest.scaled(Fraction(-1) / coefficient)
        if any(c < 0 for _, c in value.terms) and value.letter is None and len(value.terms) == 1:
            continue
        candidates.append(((not letter.startswith("?"), len(value.terms) > 1, letter), letter, value))
    if not candidates:
        return None
    _, letter, value = min(candidates, key=lambda c: c[0])
    return letter, value
