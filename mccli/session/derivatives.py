"""Derivatives of an expression that was read: the engine's answer with its certificate."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from mccli import api
from mccli.calculus.derivation import Derivation
from mccli.derivatives import Request, run
from mccli.errors import CheckFailed, DeriveError
from mccli.expressions.graph import substitute, walk
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
    read, request = _with_own_letters(read, chosen), REQUESTS[kind]
    _, derivation = run(_with_taken(read, taken), chosen, request)
    derivation = renamed(derivation, derivation.function, label or derivation.function)
    for own, name in _named_parts(derivation, {node: name for name, node in parts.items() if name != label}).items():
        derivation = renamed(derivation, own, name)
    load("mccli.numeric.certify")
    result = api.Result(read, derivation, None, request)
    certificate = result.check()
    if not certificate.passed:
        raise CheckFailed(
            f"the check failed: {certificate.failed or 'the derivative'} differs from differences of the value",
            notes=["this is a mistake in mc; please report the expression"],
        )
    notes: tuple[str, ...] = (f"{_listed(chosen)} vary",) if everything and len(chosen) > 1 else ()
    notes += tuple(f"{v.name} does not occur in it" for v in chosen if v.name not in read.symbols)
    return Derived(replace(result, certificate=certificate), label, notes)


def _named_parts(derivation: Derivation, names: Mapping[Node, str]) -> dict[str, str]:
    """The parts that the derivation names by itself and that have a name in the session, each with that name."""
    written: dict[Node, Node] = {}
    found: dict[str, str] = {}
    for definition in derivation.definitions:
        whole = substitute(definition.expression, written)
        written[definition.symbol] = whole
        if whole in names and names[whole] not in found.values():
            found[definition.symbol.name] = names[whole]
    return found


def _refuse_array(read: Elaborated, kind: str) -> None:
    shape = read.expression.shape
    if kind in ("gradient", "hessian") and shape != SCALAR:
        raise DeriveError(
            f"a {kind} needs a scalar function; this one has the shape {shape_text(shape)}",
            notes=["jacobian gives the derivative of a vector or a matrix"],
        )


def _with_own_letters(read: Elaborated, variables: Sequence[Symbol]) -> Elaborated:
    """Without the sizes that other declarations of the session speak of: none has to be drawn for them."""
    nodes = [*walk(read.expression), *read.symbols.values(), *variables]
    sizes = [size for node in nodes for size in (*node.shape, *getattr(node, "sizes", ()))]
    return read._replace(letters=frozenset(letter for size in sizes for letter in size.letters()))


def _with_taken(read: Elaborated, taken: Collection[str]) -> Elaborated:
    """The expression with the names of the session among its symbols: the steps call nothing else by them."""
    names = {name: Symbol(name, SCALAR) for name in taken if name not in read.symbols}
    return read._replace(symbols={**read.symbols, **names})


def _listed(symbols: Sequence[Symbol]) -> str:
    return " and ".join([", ".join(s.name for s in symbols[:-1]), symbols[-1].name])
