"""The untyped syntax tree: what was written, with the place of every piece, before any meaning is given.

``elaborate`` turns it into the typed tree. Nodes are immutable and carry the :class:`~mccli.errors.Span`
of the text they came from.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from typing import Literal

from mccli.errors import Span

BinaryOperator = Literal["+", "-", "*", "juxt", ".*", "/", "./", "^", ".^", "kron"]


@dataclass(frozen=True, slots=True)
class Name:
    """One symbol: a letter with its digits and subscript, a Greek name, or a declared name."""

    name: str
    span: Span


@dataclass(frozen=True, slots=True)
class Number:
    """A number literal, kept exact (``0.25`` is 1/4)."""

    value: Fraction
    span: Span


@dataclass(frozen=True, slots=True)
class Ones:
    """The vector of ones of inferred length: ``1'x``, ``x 1ᵀ``, ``\\mathbf{1}``."""

    span: Span


@dataclass(frozen=True, slots=True)
class Call:
    """A known function applied to arguments; ``function`` is its canonical name."""

    function: str
    arguments: tuple[Syntax, ...]
    name_span: Span
    span: Span


@dataclass(frozen=True, slots=True)
class Bars:
    """``|X|``: the determinant of a matrix, the absolute value of a scalar."""

    operand: Syntax
    span: Span


@dataclass(frozen=True, slots=True)
class Norm:
    """``||x||`` with its subscript: "" (none), "1", "2", "F", "inf" or "*"."""

    operand: Syntax
    subscript: str
    span: Span


@dataclass(frozen=True, slots=True)
class Negate:
    operand: Syntax
    span: Span


@dataclass(frozen=True, slots=True)
class Transpose:
    """A transpose; ``span`` includes the operand and the mark."""

    operand: Syntax
    span: Span


@dataclass(frozen=True, slots=True)
class Binary:
    """``left operator right``; ``juxt`` is a product written by juxtaposition."""

    operator: BinaryOperator
    left: Syntax
    right: Syntax
    operator_span: Span
    span: Span


@dataclass(frozen=True, slots=True)
class Group:
    """Parentheses as written, kept because they decide what is ambiguous."""

    inner: Syntax
    span: Span


Syntax = Name | Number | Ones | Call | Bars | Norm | Negate | Transpose | Binary | Group


@dataclass(frozen=True, slots=True)
class Declaration:
    """One item of a ``where`` clause: ``X: m×n, symmetric`` gives name X and the words after the colon."""

    name: str
    words: tuple[str, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class Parsed:
    """A text that was read: its tree, its ``where`` clause, and remarks on how it was understood."""

    text: str
    tree: Syntax
    declarations: tuple[Declaration, ...] = ()
    notes: tuple[str, ...] = field(default=())
