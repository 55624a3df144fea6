"""The differential: sum, product and transpose rules; everything else from the operation's own record.

``differential`` expands completely; ``expand_once`` opens only the outermost d(...), which is how a
derivation proceeds from line to line.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from mccli.errors import DeriveError
from mccli.expressions.graph import apart, names_in, rebuild, substitute, sums, walk
from mccli.expressions.operation import Operation
from mccli.expressions.operations import shapes
from mccli.expressions.properties import LINEAR_SPACES
from mccli.expressions.sizes import ONE
from mccli.expressions.tree import (
    Apply,
    Node,
    Number,
    Product,
    Sum,
    Symbol,
    Transpose,
    add,
    apply,
    is_operation,
    is_zero,
    multiply,
    scaled,
    transpose,
    zeros,
)
from mccli.language.rules import THROUGH_MEANING, build_rule, differential_rule, generic, meaning

DEFERRED = Operation(
    name="d",
    params="x",
    says="differential that is still to be taken",
    shape=shapes.same,
    d="d(dx)",
    means="",
    domain="any",
    latex=r"\mathrm{d}(#x)",
    value="not evaluated",
    numpy="not evaluated",
    source="notation",
)

_VARYING_BOUNDS = "mc does not differentiate by the bounds of a sum"

Differentials = Callable[[Node], Node]
"""Gives the differential of a child."""

Changes = Mapping[Node, Node]
"""The symbols that vary, each with its differential."""


def differential_symbol(variable: Symbol) -> Symbol:
    """dX for X: the same shape, and the linear space that X is declared to be in."""
    return Symbol(
        f"d{variable.name}", variable.shape, variable.properties & (LINEAR_SPACES | {"square"}), "differential"
    )


def names_of(changes: Changes) -> frozenset[str]:
    """Names of the symbols that vary."""
    return frozenset(s.name for s in changes if isinstance(s, Symbol))


def differential(node: Node, changes: Changes) -> Node:
    """The complete differential of an expression. DeriveError where mc has no rule."""
    varying = names_of(changes)
    done: dict[Node, Node] = {}
    for current in walk(node, sums(node)):
        if current in changes:
            done[current] = changes[current]
        elif not current.depends_on(varying):
            done[current] = zeros(current.shape)
        elif is_operation(current, "series"):
            done[current] = one_level(_set_apart(current, changes), lambda part: differential(part, changes))
        else:
            done[current] = one_level(current, lambda child: done[child])
    return done[node]


def _set_apart(node: Node, changes: Changes) -> Node:
    """A sum over an index that occurs in no change; other nodes as they are."""
    if isinstance(node, Apply) and is_operation(node, "series"):
        return apart(node, names_in(*changes, *changes.values()))
    return node


def one_level(node: Node, d: Differentials) -> Node:
    """The differential of a node in terms of the differentials ``d(child)`` of its children."""
    if isinstance(node, Sum):
        return add(*(scaled(c, d(n)) for c, n in node.terms))
    if isinstance(node, Product):
        return _product_rule(node, d)
    if isinstance(node, Transpose):
        return transpose(d(node.operand))
    assert isinstance(node, Apply)
    return _operation_rule(node, d)


def _product_rule(node: Product, d: Differentials) -> Node:
    return add(*(_factor_changed(node, i, d) for i in range(len(node.children()))))


def _factor_changed(node: Product, place: int, d: Differentials) -> Node:
    """The term of the product rule in which the factor at a place changes."""
    factors = node.children()
    curved = through_curvature(node, place, d)
    change = curved or multiply(*factors[:place], d(factors[place]), *factors[place + 1 :])
    return multiply(Number(node.coefficient), change)


def product_terms(node: Node, changes: Changes) -> list[Node]:
    """The terms that the product rule gives for a product or an elementwise product; none for another node."""
    if isinstance(node, Product):
        terms = [_factor_changed(node, i, lambda child: deferred(child, changes)) for i in range(len(node.children()))]
    elif isinstance(node, Apply) and node.operation.name == "hadamard":
        terms = [_entries_changed(node, i, lambda child: deferred(child, changes)) for i in range(len(node.arguments))]
    else:
        return []
    return [term for term in terms if not is_zero(term)]


def _entries_changed(node: Apply, place: int, d: Differentials) -> Node:
    arguments = node.arguments
    return apply(node.operation, *arguments[:place], d(arguments[place]), *arguments[place + 1 :])


def through_curvature(node: Product, place: int, d: Differentials) -> Node | None:
    """d(Jg(x)') w = Hg(x, w) vec(dx), and its transpose, for the Jacobian at a place in a product; else None.

    The differential of Jg alone is a sum over the entries of g, which the product with a vector closes.
    """
    factors, first = node.children(), len(node.scalars)
    factor = factors[place]
    jacobian = factor.operand if isinstance(factor, Transpose) else factor
    if not (isinstance(jacobian, Apply) and _is_jacobian(jacobian.operation)) or place < first:
        return None
    argument = jacobian.arguments[0]
    direction = apply("vec", d(argument))
    before, after = factors[first:place], factors[place + 1 :]
    if isinstance(factor, Transpose) and after and after[-1].columns == ONE:
        hessian = _curvature(jacobian, multiply(*after))
        return multiply(*node.scalars, *before, hessian, direction)
    if not isinstance(factor, Transpose) and before and before[0].rows == ONE:
        hessian = _curvature(jacobian, transpose(multiply(*before)))
        return multiply(*node.scalars, transpose(direction), hessian, *after)
    return None


def _is_jacobian(operation: Operation) -> bool:
    return operation.declared is not None and operation.declared[1:] == ("array", 1)


def _curvature(jacobian: Apply, weights: Node) -> Node:
    """Hg(x, w) for Jg(x); the weights are a column in vec order."""
    record = jacobian.operation
    assert record.related is not None
    assert record.value_shape is not None
    weight = apply("unvec", weights, sizes=record.value_shape)
    return apply(record.related()["curvature"], jacobian.arguments[0], weight)


def _operation_rule(node: Apply, d: Differentials) -> Node:
    record = node.operation
    if record.name == "hadamard":
        return add(*(_entries_changed(node, i, d) for i in range(len(node.arguments))))
    if record.name == "series":
        index, low, high, body = node.arguments
        if not (is_zero(d(low)) and is_zero(d(high))):
            raise DeriveError(_VARYING_BOUNDS)
        return apply(record, index, low, high, d(body))
    if record.d == THROUGH_MEANING:
        return through_meaning(node, [d(a) for a in node.arguments])
    leaves = {f"d{p}": d(a) for p, a in zip(record.parameters, node.arguments, strict=True)}
    return build_rule(differential_rule(record), node, leaves)


def refuse_varying_bounds(low: Node, high: Node, varying: Iterable[Symbol]) -> None:
    """DeriveError if the bounds of a sum depend on a variable."""
    names = [v.name for v in varying]
    if low.depends_on(names) or high.depends_on(names):
        raise DeriveError(_VARYING_BOUNDS)


def through_meaning(node: Apply, changes: Sequence[Node]) -> Node:
    """The differential of an operation by its definition, given the differentials of its arguments.

    The definition is differentiated over fresh symbols, since arguments may dissolve in its normal form.
    """
    open_form, values = generic(node)
    differential_form = differential(meaning(open_form), dict(zip(values, changes, strict=True)))
    return substitute(differential_form, values)


def deferred(node: Node, changes: Changes) -> Node:
    """d(node), taken at once where there is nothing to show: constants, symbols, and linear expressions."""
    varying = names_of(changes)
    if node in changes:
        return changes[node]
    if not node.depends_on(varying):
        return zeros(node.shape)
    if _is_plain(node, varying):
        return differential(node, changes)
    if isinstance(node, Sum | Transpose):
        return one_level(node, lambda child: deferred(child, changes))
    if isinstance(node, Product) and sum(1 for n in node.children() if n.depends_on(varying)) == 1:
        return one_level(node, lambda child: deferred(child, changes))
    return Apply(DEFERRED, (node,), (), node.shape)


def _is_plain(node: Node, varying: frozenset[str]) -> bool:
    """Whether an expression is linear in what varies, term by term, by its form alone."""
    if not node.depends_on(varying) or isinstance(node, Symbol):
        return True
    if isinstance(node, Sum | Transpose):
        return all(_is_plain(n, varying) for n in node.children())
    if isinstance(node, Product):
        moving = [n for n in node.children() if n.depends_on(varying)]
        return len(moving) == 1 and _is_plain(moving[0], varying)
    return False


def expand_once(node: Node, changes: Changes) -> Node:
    """Every outermost d(...) replaced by its rule, with the differentials inside left as d(...)."""
    done: dict[Node, Node] = {}
    for current in walk(node):
        if is_operation(current, "d"):
            inside = _set_apart(current.children()[0], changes)
            done[current] = one_level(inside, lambda child: deferred(child, changes))
            continue
        children = current.children()
        fresh = tuple(done[c] for c in children)
        same = all(a is b for a, b in zip(children, fresh, strict=True))
        done[current] = current if same else rebuild(current, fresh)
    return done[node]


def has_deferred(node: Node) -> bool:
    """Whether a d(...) is left."""
    return any(is_operation(n, "d") for n in walk(node))
