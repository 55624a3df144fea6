"""The lines of a derivation by differentials, from the function to the form a derivative is read off.

The steps are the stages of the computation: names for shared parts, the differential opened rule by rule,
the names put back from the last to the first, terms moved into the paired form, and collected
(Magnus & Neudecker, Matrix Differential Calculus, ch. 5, 8 and 9; Giles 2008).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence

from mccli.calculus.differential import (
    Changes,
    deferred,
    differential_symbol,
    expand_once,
    has_deferred,
    product_terms,
)
from mccli.calculus.naming import Definition, is_residual, numbered, weight
from mccli.calculus.pairing import AsGradient, Pairing, terms_moved
from mccli.calculus.steps import Rule, Step, rules_for
from mccli.expressions.graph import substitute, walk
from mccli.expressions.tree import (
    Apply,
    Node,
    Product,
    Sum,
    Symbol,
    Transpose,
    add,
    is_operation,
    is_zero,
    split_coefficient,
    traits,
    zeros,
)

NAMED_ADJOINT = 5
"""Weight from which on what arrives at a name gets a name of its own (δ), if there are several names."""


LINEAR = "linear; constants do not vary"


def free_function_name(used: Collection[str], wanted: str = "fghqF") -> str:
    """A name for the function that no symbol has."""
    return next((n for n in wanted if n not in used), None) or numbered(wanted[0], used)


class Lines:
    """Lines in the making: the named parts, and differentials opened rule by rule.

    Attributes:
        function: the name of the function.
        steps: the lines.
        adjoints: names given on the way.
    """

    def __init__(self, function: str) -> None:
        self.function = function
        self.steps: list[Step] = []
        self.adjoints: list[Definition] = []
        self.folded: dict[Node, Node] = {}

    def name_parts(self, body: Node, definitions: Sequence[Definition]) -> None:
        """A line for every named part, and one for the function in these names."""
        self.folded = {d.expression: d.symbol for d in definitions}
        for definition in definitions:
            self.steps.append(Step(definition.symbol.name, definition.expression, (Rule(_why_named(definition)),)))
        if definitions:
            self.steps.append(Step(self.function, body, (Rule("in these names"),)))

    def open(self, left: str, line: Node, changes: Changes, *, plain: str = LINEAR) -> Node:
        """Open d(...) rule by rule until none is left; every opening is a line. ``plain`` is said if there is none."""
        first = True
        while has_deferred(line):
            rules = rules_for(line, frozenset(s.name for s in changes if isinstance(s, Symbol)))
            equal = _equal_terms(line, changes)
            line = expand_once(line, changes)
            if equal:
                rules = (*rules, Rule("both terms are equal"))
            if not has_deferred(line):
                line = substitute(line, self.folded)
            self.steps.append(Step(left if first else "", line, rules))
            first = False
        if first:
            self.steps.append(Step(left, line, (Rule(plain),)))
        return line


class Story(Lines):
    """The lines from a function, given as a body in named parts, to its differential in the paired form.

    What arrives at a named part gets a name of its own (δ) where that helps.
    """

    def __init__(self, function: str, variables: Sequence[Symbol], pairing: Pairing, used: set[str]) -> None:
        super().__init__(function)
        self.variables, self.pairing, self.used = variables, pairing, used

    def tell(self, body: Node, definitions: Sequence[Definition]) -> dict[Symbol, Node]:
        """All lines; returns what each variable's differential is paired with at the end."""
        self.name_parts(body, definitions)
        moving = [*(d.symbol for d in definitions), *self.variables]
        differentials = {s: differential_symbol(s) for s in moving}
        changes: Changes = {s: differentials[s] for s in moving}
        line = self.open(f"d{self.function}", deferred(body, changes), changes)
        start = self.pairing.start()
        paired = {s: self._moved(line, start, differentials[s]) for s in moving}
        if definitions:
            line = self._collect(line, paired, differentials, [body])
        for definition in reversed(definitions):
            line = self._put_in(definition, line, paired, differentials, changes, len(definitions))
        self._collect(line, paired, differentials, [body, *(d.expression for d in definitions)])
        return {v: paired[v] for v in self.variables}

    def _put_in(
        self,
        definition: Definition,
        line: Node,
        paired: dict[Symbol, Node],
        differentials: Mapping[Symbol, Symbol],
        changes: Changes,
        count: int,
    ) -> Node:
        """Replace the differential of a name by its own differential; what arrives moves on."""
        symbol = definition.symbol
        upstream = self.pairing.read(paired.pop(symbol), ())
        if is_zero(upstream):
            return line
        if self._deserves_name(upstream, count):
            upstream = self._name_adjoint(upstream, symbol)
            line = self._total(paired, differentials, (upstream, differentials[symbol]))
            self.steps.append(Step(f"d{self.function}", line, (Rule("in this name"),)))
        change = self.open(f"d{symbol.name}", deferred(definition.expression, changes), changes)
        line = self._total(paired, differentials, (upstream, change))
        for other in paired:
            if change.depends_on((differentials[other].name,)):
                paired[other] = add(self._moved(change, upstream, differentials[other]), paired[other])
        self.steps.append(Step(self._left(), line, (Rule(f"put in d{symbol.name}"),)))
        return line

    def _total(
        self, paired: Mapping[Symbol, Node], differentials: Mapping[Symbol, Symbol], *first: tuple[Node, Node]
    ) -> Node:
        """The differential of the function in the paired form."""
        pairs = [*first, *((g, differentials[s]) for s, g in paired.items() if not is_zero(g))]
        return add(*(self.pairing.pair(g, change) for g, change in pairs), zeros(self.pairing.shape))

    def _left(self) -> str:
        """What the paired form is: the differential of the function, or its vec."""
        return f"vec(d{self.function})" if self.pairing.stacked else f"d{self.function}"

    def _deserves_name(self, upstream: Node, count: int) -> bool:
        named = isinstance(self.pairing, AsGradient) and weight(upstream) >= NAMED_ADJOINT
        return named and (count > 1 or is_operation(upstream, "hadamard"))

    def _name_adjoint(self, upstream: Node, of: Symbol) -> Node:
        name = "δ" + "".join(c for c in of.name if c.isdigit())
        name = numbered("δ", self.used) if name in self.used else name
        self.used |= {name, f"d{name}"}
        symbol = Symbol(name, upstream.shape, traits(upstream), "named")
        self.adjoints.append(Definition(symbol, upstream))
        self.steps.append(Step(name, upstream, (Rule(f"name what multiplies d{of.name}"),)))
        return symbol

    def _moved(self, change: Node, upstream: Node, direction: Symbol) -> Node:
        depends = change.depends_on((direction.name,))
        return self.pairing.moved(change, upstream, direction) if depends else self.pairing.zero(direction)

    def _collect(
        self, line: Node, paired: dict[Symbol, Node], differentials: Mapping[Symbol, Symbol], typed: Sequence[Node]
    ) -> Node:
        """Bring every term into the paired form; then collect. Lines that change nothing are left out."""
        moved = terms_moved(line, self.pairing, [differentials[s] for s in paired])
        for symbol, arrived in paired.items():
            paired[symbol] = self.pairing.read(arrived, typed)
        total = self._total(paired, differentials)
        if _order(total) == _order(line):
            return total
        left = self._left() if self.pairing.stacked and line.shape != self.pairing.shape else ""
        if moved != line or _order(moved) != _order(line):
            self.steps.append(Step(left, moved, (Rule(self.pairing.reason(line, moved)),)))
            line = moved
        if _order(total) != _order(line):
            words = "aᵀ M b = tr(b aᵀ M); collect" if _becomes_trace(line, total) else "collect"
            self.steps.append(Step("", total, (Rule(words),)))
        return total


def _why_named(definition: Definition) -> str:
    expression = definition.expression
    if is_residual(expression):
        return "name the residual"
    return "name the inside" if isinstance(expression, Sum | Product) else "name the result"


def _order(node: Node) -> tuple[object, ...]:
    """The form of a line as printed, so that lines equal in value but different in form are told apart."""
    if isinstance(node, Sum):
        return ("sum", frozenset((c, _order(n)) for c, n in node.terms))
    if isinstance(node, Product):
        scalars = frozenset(Counter(_order(n) for n in node.scalars).items())
        return ("product", node.coefficient, scalars, *(_order(n) for n in node.chain))
    if isinstance(node, Apply):
        return (node.operation.name, *(_order(n) for n in node.arguments))
    if isinstance(node, Transpose):
        return ("transpose", _order(node.operand))
    return (node.key,)


def _equal_terms(line: Node, changes: Changes) -> bool:
    """Whether the product rule will give every term twice, as for x'Ax with A symmetric or for tr(X X)."""
    opened = [n for n in walk(line) if is_operation(n, "d")]
    pairs = [(n, terms) for n in opened if (terms := product_terms(n.children()[0], changes))]
    twice = [len(terms) == 2 and len({substitute(line, {n: t}) for t in terms}) == 1 for n, terms in pairs]
    return bool(twice) and all(twice)


def _becomes_trace(before: Node, after: Node) -> bool:
    return is_operation(split_coefficient(after)[1], "tr") and not any(is_operation(n, "tr") for n in walk(before))
