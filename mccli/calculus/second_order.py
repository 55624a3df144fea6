"""Hessians, with steps: the gradient, then its Jacobian, so that d²f = vec(dX)' H vec(dX).

Magnus & Neudecker, Matrix Differential Calculus, ch. 6 and 10.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from fractions import Fraction

from mccli.calculus.array_derivation import AsJacobian
from mccli.calculus.derivation import (
    ALONG,
    HESSIAN,
    JACOBIAN,
    Derivation,
    Derivative,
    Problem,
    Told,
    derive,
    refuse_array,
)
from mccli.calculus.directional import derive_along, refuse_other_space
from mccli.calculus.jacobian import jacobian
from mccli.calculus.needs import without_weaker
from mccli.calculus.structure import refuse_curved_second, structure_of, tangent_of, tangent_projector
from mccli.calculus.tidy import tidy
from mccli.expressions.tree import Node, Symbol, add, multiply, scaled, transpose


def derive_hessian(
    expression: Node, symbols: Mapping[str, Symbol], variables: Sequence[Symbol], inverted: Sequence[Node] = ()
) -> Derivation:
    """The Hessian of a scalar expression, vec by vec, with steps; for several variables every block.

    The block of X and Y has a row for every entry of X, a column for every one of Y: d²f = Σ vec(dX)' H vec(dY).
    DeriveError as for :func:`mccli.calculus.derivation.derive`, and for variables in no linear space.
    """
    if not expression.is_scalar:
        other = "--differential --order 2 gives the second differential of any function"
        refuse_array(expression, symbols, "a Hessian", other)
    for variable in variables:
        refuse_curved_second(variable)
    first = derive(expression, symbols, variables, inverted)
    taken = frozenset(first.defined_names())
    chapters: list[Derivation] = []
    blocks: list[Derivative] = []
    for i, result in enumerate(first.results):
        chapter = _chapter(result, symbols, variables[i:], inverted, taken)
        taken |= frozenset(chapter.defined_names())
        chapters.append(chapter)
        blocks += [_in_symmetric_form(block) for block in chapter.results]
    return replace(
        first, kind=HESSIAN, steps=(), results=tuple(blocks), pairs=(), first=first, chapters=tuple(chapters)
    )


def derive_hessian_along(
    expression: Node, symbols: Mapping[str, Symbol], directions: Mapping[Symbol, Node], inverted: Sequence[Node] = ()
) -> Derivation:
    """The Hessian times V in the shape of X: the derivative of the gradient along V, with steps.

    With several variables, the derivative of every gradient along all directions together (Pearlmutter 1994).
    DeriveError as for :func:`derive_hessian` and for directions that do not fit.
    """
    for variable, direction in directions.items():
        refuse_other_space(variable, direction)
        refuse_curved_second(variable)
    first = derive(expression, symbols, list(directions), inverted)
    taken = frozenset(first.defined_names())
    chapters: list[Derivation] = []
    for gradient in first.results:
        chapter = derive_along(gradient.full, symbols, directions, inverted, taken)
        chapters.append(replace(chapter, results=(replace(chapter.results[0], variable=gradient.variable),)))
        taken |= frozenset(chapters[-1].defined_names())
    needs = tuple(without_weaker(need for told in (first, *chapters) for need in told.needs))
    if len(chapters) == 1:
        return replace(chapters[0], first=first, needs=needs)
    results = tuple(r for chapter in chapters for r in chapter.results)
    told = replace(first, kind=ALONG, steps=(), pairs=(), results=results, needs=needs)
    return replace(told, first=first, chapters=tuple(chapters), directions=chapters[0].directions)


def _chapter(
    gradient: Derivative,
    symbols: Mapping[str, Symbol],
    variables: Sequence[Symbol],
    inverted: Sequence[Node],
    taken: frozenset[str],
) -> Derivation:
    """The Jacobians of one gradient."""
    problem = Problem(gradient.full, symbols, variables, inverted, taken)
    full = {v: jacobian(gradient.full, v) for v in variables}
    told = problem.tell(AsJacobian(gradient.full), full, wanted="gGhq")
    results = [_block(told, gradient.variable, v, full[v]) for v in variables]
    return told.derivation(JACOBIAN, results, ())


def _block(told: Told, of: Symbol, variable: Symbol, full: Node) -> Derivative:
    named = told.pairs[variable]
    return Derivative(variable, full if told.definitions else named, named, structure_of(variable), of=of)


def _in_symmetric_form(block: Derivative) -> Derivative:
    """The same quadratic form by a symmetric matrix, where a structured variable makes others possible."""
    if block.of != block.variable:
        return block
    if tangent_of(block.variable) == "simplex":
        onto = tangent_projector(block.variable)
        return replace(block, full=tidy(multiply(block.full, onto)), named=tidy(multiply(block.named, onto)))
    if block.structure is None:
        return block
    return replace(block, full=_symmetric(block.full), named=_symmetric(block.named))


def _symmetric(hessian: Node) -> Node:
    if transpose(hessian) == hessian:
        return hessian
    return tidy(scaled(Fraction(1, 2), add(hessian, transpose(hessian))))
