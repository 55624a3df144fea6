"""Differentials and products with a derivative, without its matrix, with steps.

The derivative along V is the differential with V for dX (forward mode; <G, V> or J vec(V)); the pullback of G is
the gradient of <G, F> (reverse mode; J' vec(G)); the Hessian times V is the derivative of the gradient along V
(Pearlmutter 1994). No Kronecker product occurs in them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from mccli.calculus.derivation import ALONG, DIFFERENTIAL, PULLBACK, Derivation, Derivative, Problem, derive
from mccli.calculus.differential import Changes, deferred, differential, differential_symbol
from mccli.calculus.naming import Definition, choose_parts, name_parts
from mccli.calculus.steps import Rule, Step
from mccli.calculus.story import Lines, free_function_name
from mccli.calculus.structure import structure_of
from mccli.calculus.tidy import tidy
from mccli.errors import DeriveError
from mccli.expressions.graph import substitute
from mccli.expressions.sizes import shape_text
from mccli.expressions.tree import Node, Symbol, inner, traits


def derive_differential(
    expression: Node,
    symbols: Mapping[str, Symbol],
    variables: Sequence[Symbol],
    inverted: Sequence[Node] = (),
    *,
    order: int = 1,
) -> Derivation:
    """dF in terms of dX, dY, ... for any function; order 2: d²F, the variables being independent (d²X = 0)."""
    problem = Problem(expression, symbols, variables, inverted)
    function = free_function_name(problem.used)
    changes: Changes = {v: differential_symbol(v) for v in variables}
    story = Lines(function)
    line = story.open(f"d{function}", deferred(expression, changes), changes)
    if order == 2:
        line = story.open(f"d²{function}", deferred(line, changes), changes, plain=_differentials_constant(variables))
    full = tidy(line, [expression])
    if full != line:
        story.steps.append(Step("", full, (Rule("collect"),)))
    results = [Derivative(variables[0], full, full, structure_of(variables[0]))]
    told = problem.told(function, story, {})
    return replace(told.derivation(DIFFERENTIAL, results, ()), order=order)


def _differentials_constant(variables: Sequence[Symbol]) -> str:
    names = ", ".join(f"d{v.name}" for v in variables)
    return f"product rule; {names} {'does' if len(variables) == 1 else 'do'} not vary"


def derive_along(
    expression: Node,
    symbols: Mapping[str, Symbol],
    directions: Mapping[Symbol, Node],
    inverted: Sequence[Node] = (),
    taken: frozenset[str] = frozenset(),
) -> Derivation:
    """The derivative along the given directions: the change of F when X changes by V, Y by W, ...

    With several directions it is the sum over them. The names ``taken`` are not given to parts.
    DeriveError if a direction has another shape than its variable, or is not in its space.
    """
    variables = list(directions)
    for variable, direction in directions.items():
        refuse_other_space(variable, direction)
    problem = Problem(expression, symbols, variables, inverted, taken)
    function = free_function_name(problem.used, "gGhq" if taken else "fghqF")
    changes: Changes = {v: directions[v] for v in variables}
    full = tidy(differential(expression, changes), [expression])
    parts = choose_parts(expression, [full], problem.names)
    body, definitions = name_parts(expression, parts, problem.used | {function, f"d{function}"})
    problem.used |= {n for d in definitions for n in (d.symbol.name, f"d{d.symbol.name}")}
    story = Lines(function)
    named = _forward(story, body, definitions, directions)
    if not definitions:
        full = named
    results = [Derivative(variables[0], full, named, structure_of(variables[0]))]
    told = problem.told(function, story, {}, body=body, definitions=definitions)
    return replace(told.derivation(ALONG, results, ()), directions=tuple(directions.values()))


def _forward(story: Lines, body: Node, definitions: Sequence[Definition], directions: Mapping[Symbol, Node]) -> Node:
    """The lines of forward mode: the change of every named part in turn, at last that of the function."""
    symbols = [*(d.symbol for d in definitions), *directions]
    changes: Changes = {s: differential_symbol(s) for s in symbols}
    put_in: dict[Node, Node] = {changes[v]: direction for v, direction in directions.items()}
    story.name_parts(body, definitions)
    for definition in definitions:
        line = story.open(f"d{definition.symbol.name}", deferred(definition.expression, changes), changes)
        change = tidy(substitute(line, put_in), [body])
        symbol = Symbol(f"d{definition.symbol.name}", change.shape, traits(change), "named")
        put_in[changes[definition.symbol]] = symbol
        story.adjoints.append(Definition(symbol, change))
    line = story.open(f"d{story.function}", deferred(body, changes), changes)
    return tidy(substitute(line, put_in), [body])


def refuse_other_space(variable: Symbol, direction: Node) -> None:
    """DeriveError unless a variable may change by the direction."""
    if direction.shape != variable.shape:
        raise DeriveError(
            f"{variable.name} cannot change by a direction of the shape {shape_text(direction.shape)}",
            notes=[f"{variable.name} is {shape_text(variable.shape)}; a direction has the shape of its variable"],
        )
    structure = structure_of(variable)
    if structure and structure not in traits(direction):
        raise DeriveError(
            f"{variable.name} varies among {structure} matrices, and the direction is not known to be {structure}",
            notes=[f"declare it: --assume {_declared_name(direction)}:{structure}"],
        )


def _declared_name(direction: Node) -> str:
    return direction.name if isinstance(direction, Symbol) else "NAME"


def derive_pullback(
    expression: Node,
    upstream: Node,
    symbols: Mapping[str, Symbol],
    variables: Sequence[Symbol],
    inverted: Sequence[Node] = (),
) -> Derivation:
    """The gradients of <G, F> for an upstream G of the shape of F that does not vary: J' vec(G), in the shape of X."""
    if upstream.shape != expression.shape:
        raise DeriveError(
            f"an upstream gradient has the shape of the function, {shape_text(expression.shape)}, "
            f"not {shape_text(upstream.shape)}"
        )
    moving = [v.name for v in variables if upstream.depends_on((v.name,))]
    if moving:
        raise DeriveError(f"the upstream gradient must not depend on {', '.join(moving)}")
    paired = derive(inner(upstream, expression), symbols, variables, inverted)
    return replace(paired, kind=PULLBACK, of=expression, upstream=upstream)
