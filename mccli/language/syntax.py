"""The untyped syntax tree: what was written, with the place of every piece, before any meaning is given.

``elaborate`` turns it into the typed tree. Nodes are immutable and carry the :class:`~mccli.errors.Span`
of the text they came from. (Named tuples: creating the class costs an eighth of a dataclass's time, and
this module is on the path to the first character.)
"""

from __future__ import annotations

from fractions import Fraction
from typing import Literal, NamedTuple

from mccli.errors import Span

BinaryOperator = Literal["+", "-", "*", "·", "juxt", ".*", "/", "./", "^", ".^", "kron"]


class Name(NamedTuple):
    """One symbol: a letter with its digits and subscript, a Greek name, or a declared name."""

    name: str
    span: Span


class Number(NamedTuple):
    """A number literal, kept exact (``0.25`` is 1/4)."""

    value: Fraction
    span: Span


class Ones(NamedTuple):
    """The vector of ones of inferred length: ``1'x``, ``x 1ᵀ``, ``\\mathbf{1}``."""

    span: Span


class Call(NamedTuple):
    """A known function applied to arguments; ``function`` is its canonical name."""

    function: str
    arguments: tuple[Syntax, ...]
    name_span: Span
    span: Span


class Bars(NamedTuple):
    """``|X|``: the determinant of a matrix, the absolute value of a scalar."""

    operand: Syntax
    span: Span


class Norm(NamedTuple):
    """``||x||`` with its subscript: "" (none), "1", "2", "F", "inf" or "*"."""

    operand: Syntax
    subscript: str
    span: Span


class Negate(NamedTuple):
    operand: Syntax
    span: Span


class Transpose(NamedTuple):
    """A transpose; ``span`` includes the operand and the mark."""

    operand: Syntax
    span: Span


class Binary(NamedTuple):
    """``left operator right``; ``juxt`` is a product written by juxtaposition."""

    operator: BinaryOperator
    left: Syntax
    right: Syntax
    operator_span: Span
    span: Span


class Group(NamedTuple):
    """Parentheses as written, kept because they decide what is ambiguous."""

    inner: Syntax
    span: Span


Syntax = Name | Number | Ones | Call | Bars | Norm | Negate | Transpose | Binary | Group


class Declaration(NamedTuple):
    """One item of a ``where`` clause: ``X: m×n, symmetric`` gives name X and the words after the colon."""

    name: str
    words: tuple[str, ...]
    span: Span


class Parsed(NamedTuple):
    """A text that was read: its tree, its ``where`` clause, and remarks on how it was understood."""

    text: str
    tree: Syntax
    declarations: tuple[Declaration, ...] = ()
    notes: tuple[str, ...] = ()
