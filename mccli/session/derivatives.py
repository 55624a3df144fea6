"""Derivatives of an expression that was read: the engine's answer with its certificate."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from mccli import api
from mccli.derivatives import Request, run
from mccli.errors import CheckFailed, DeriveError
from mccli.expressions.sizes import SCALAR, shape_text
from mccli.expressions.tree import Node, Symbol
from mccli.language.elaborate import Elaborated
from mccli.session.loading import load
from mccli.session.renaming import renamed
from mccli.session.reply import Derived

REQUESTS = {
    "derivative": Request(),
    "gradient": Request(),
    "jacobian": Request(),
    "hessian": Request(order=2),
    "differential": Request(differential=True),
}
"""What is asked of the engine for each kind of question."""


def derive(
    read: Elaborated,
    kind: str,
    variables: Sequence[str],
    label: str,
    taken: Collection[str],
    parts: Mapping[str, Node],
) -> Derived:
    """A derivative, compared with differences.

    ``label`` is the name of the expression, if it has one. ``taken`` are the names that the steps give to nothing else,
    ``parts`` the subexpressions that have one of them.

    DeriveError if there is none, CheckFailed if the comparison fails.
    """
    _refuse_array(read, kind)
    everything = kind == "differential" and not variables
    chosen = list(read.symbols.values()) if everything else api.choose_variables(read, variables)
    request = REQUESTS[kind]
    _, derivation = run(_with_taken(read, taken), chosen, request)
    derivation = renamed(derivation, derivation.function, label or derivation.function)
    named = {node: name for name, node in parts.items() if name != label}
    for definition in derivation.definitions:
        own = definition.symbol.name
        derivation = renamed(derivation, own, named.get(definition.expression, own))
    load("mccli.numeric.certify")
    result = api.Result(read, derivation, None, request)
    certificate = result.check()
    if not certificate.passed:
        raise CheckFailed(
            f"the check failed: {certificate.failed or 'the derivative'} differs from differences of the value",
            notes=["this is a mistake in mc; please report the expression"],
        )
    notes = (f"{_listed(chosen)} vary",) if everything and len(chosen) > 1 else ()
    return Derived(replace(result, certificate=certificate), label, notes)


def _refuse_array(read: Elaborated, kind: str) -> None:
    shape = read.expression.shape
    if kind in ("gradient", "hessian") and shape != SCALAR:
        raise DeriveError(
            f"a {kind} needs a scalar function; this one has the shape {shape_text(shape)}",
            notes=["jacobian gives the derivative of a vector or a matrix"],
        )


def _with_taken(read: Elaborated, taken: Collection[str]) -> Elaborated:
    """The expression with the names of the session among its symbols: the steps call nothing else by them."""
    names = {name: Symbol(name, SCALAR) for name in taken if name not in read.symbols}
    return read._replace(symbols={**read.symbols, **names})


def _listed(symbols: Sequence[Symbol]) -> str:
    return " and ".join([", ".join(s.name for s in symbols[:-1]), symbols[-1].name])
