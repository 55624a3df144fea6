"""The derivation of gradients by differentials, with its steps.

The steps are the stages of the computation: names for shared parts, the differential opened rule by rule,
the names put back from the last to the first, terms moved into the form <G, dX>, and the gradient read off
(Magnus & Neudecker, Matrix Differential Calculus, ch. 5 and 8; Giles 2008).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from mccli.calculus.differential import (
    DEFERRED,
    Changes,
    deferred,
    differential_symbol,
    expand_once,
    has_deferred,
)
from mccli.calculus.identify import gradients, pullback
from mccli.calculus.naming import Definition, choose_parts, name_parts, numbered, weight
from mccli.calculus.needs import Need, needs
from mccli.calculus.structure import independent_entries, project, refuse_complex, refuse_curved, structure_of
from mccli.calculus.tidy import tidy, with_value
from mccli.errors import DeriveError
from mccli.expressions.graph import substitute, walk
from mccli.expressions.sizes import ONE, SCALAR, shape_text
from mccli.expressions.tree import (
    Apply,
    Node,
    Number,
    Product,
    Sum,
    Symbol,
    Transpose,
    add,
    inner,
    is_operation,
    is_zero,
    scaled,
    split_coefficient,
    traits,
    zeros,
)
from mccli.language.rules import THROUGH_MEANING, build_rule, meaning

NAMED_ADJOINT = 5
"""Weight from which on what arrives at a name gets a name of its own (δ), if there are several names."""


@dataclass(frozen=True)
class Rule:
    """Why a line follows: in words, or as an equation ``left = right`` from an operation's record."""

    words: str = ""
    left: Node | None = None
    right: Node | None = None


@dataclass(frozen=True)
class Step:
    """A line: what stands on the left ("" continues the line above), the expression, the rules applied."""

    left: str
    expression: Node
    rules: tuple[Rule, ...]


@dataclass(frozen=True)
class Gradient:
    """A gradient: in full, and in the names of the derivation; both of the shape of the variable."""

    variable: Symbol
    full: Node
    named: Node
    structure: str | None
    independent: Node | None


@dataclass(frozen=True)
class Derivation:
    """A derivation of one or several gradients of a scalar expression.

    ``function`` is the name of the function (f unless that is taken), ``definitions`` the named parts
    in order, ``adjoints`` the named δ, ``pairs`` the variables' differentials with what they are paired
    with in the canonical last line, before a structure is imposed.
    """

    function: str
    expression: Node
    symbols: Mapping[str, Symbol]
    definitions: tuple[Definition, ...]
    adjoints: tuple[Definition, ...]
    steps: tuple[Step, ...]
    pairs: tuple[tuple[Symbol, Node], ...]
    gradients: tuple[Gradient, ...]
    needs: tuple[Need, ...]
    symmetry_used: tuple[str, ...]


def derive(
    expression: Node, symbols: Mapping[str, Symbol], variables: Sequence[Symbol], inverted: Sequence[Node] = ()
) -> Derivation:
    """Gradients of a scalar expression by the given variables, with steps.

    ``inverted`` are matrices whose inverse was typed but may have cancelled: they must be invertible too.

    DeriveError if the expression is no scalar, a symbol is complex or an operation in it has no derivative.
    """
    refuse_complex(symbols.values())
    if not expression.is_scalar:
        vectors = [s.name for s in symbols.values() if s.columns == ONE and not s.is_scalar and len(s.name) == 1]
        hints = [
            f"lowercase letters are vectors ({', '.join(vectors)}); a scalar is declared: --shape {name}:scalar"
            for name in vectors[:1]
        ]
        raise DeriveError(
            f"a gradient needs a scalar function; this one has the shape {shape_text(expression.shape)}",
            notes=[
                *hints,
                "or pair it with a constant: sum(G .* (...)), or take its norm or trace",
            ],
        )
    for variable in variables:
        refuse_curved(variable)
    return _Derivation(expression, symbols, variables, inverted).run()


class _Derivation:
    def __init__(
        self, expression: Node, symbols: Mapping[str, Symbol], variables: Sequence[Symbol], inverted: Sequence[Node]
    ) -> None:
        self.inverted = inverted
        for variable in variables:
            if f"d{variable.name}" in symbols:
                raise DeriveError(
                    f"d{variable.name} is the differential of {variable.name}",
                    notes=[f"rename the symbol d{variable.name}"],
                )
        self.expression, self.symbols, self.variables = expression, symbols, list(variables)
        self.names = frozenset(v.name for v in variables)
        functions = {n.operation.name for n in walk(expression) if isinstance(n, Apply) and n.operation.declared}
        self.used = functions | set(symbols) | {f"d{name}" for name in symbols} | {"I"}
        self.function = next((n for n in "fghqF" if n not in self.used), None) or numbered("f", self.used)
        self.used |= {self.function, f"d{self.function}"}
        self.steps: list[Step] = []
        self.folded: dict[Node, Node] = {}
        self.adjoints: list[Definition] = []

    def run(self) -> Derivation:
        conditions = needs(self.expression, self.inverted)
        raw = gradients(self.expression, self.variables)
        full = {v: tidy(project(g, v), [self.expression]) for v, g in raw.items()}
        parts = choose_parts(self.expression, list(full.values()), self.names)
        body, definitions = name_parts(self.expression, parts, self.used)
        self.used |= {n for d in definitions for n in (d.symbol.name, f"d{d.symbol.name}")}
        pairs = self._story(body, definitions)
        results = [self._result(v, full[v], pairs[v], body) for v in self.variables]
        return Derivation(
            self.function,
            self.expression,
            self.symbols,
            tuple(definitions),
            tuple(self.adjoints),
            tuple(self.steps),
            tuple(pairs.items()),
            tuple(results),
            tuple(conditions),
            self._symmetry(),
        )

    def _result(self, variable: Symbol, full: Node, paired: Node, body: Node) -> Gradient:
        named = tidy(project(paired, variable), [body])
        if body is self.expression:
            full = named
        if not self.adjoints:
            value = Symbol(self.function, self.expression.shape, role="named")
            named = with_value(named, body, value)
        other = independent_entries(full, variable)
        return Gradient(variable, full, named, structure_of(variable), tidy(other) if other is not None else None)

    # ------------------------------------------------------------------------------------ the story

    def _story(self, body: Node, definitions: list[Definition]) -> dict[Symbol, Node]:
        """The lines of the derivation; returns what each variable's differential is paired with at the end."""
        self.folded = {d.expression: d.symbol for d in definitions}
        for definition in definitions:
            self.steps.append(Step(definition.symbol.name, definition.expression, (Rule(_why_named(definition)),)))
        if definitions:
            self.steps.append(Step(self.function, body, (Rule("in these names"),)))
        moving = [*(d.symbol for d in definitions), *self.variables]
        differentials = {s: differential_symbol(s) for s in moving}
        changes: Changes = {s: differentials[s] for s in moving}
        line = self._open(f"d{self.function}", deferred(body, changes), changes)
        paired = {s: _paired(line, Number(1), differentials[s]) for s in moving}
        kept = [d.symbol for d in definitions]
        if definitions:
            line = self._collect(line, paired, differentials, [body])
        for definition in reversed(definitions):
            kept.remove(definition.symbol)
            line = self._put_in(definition, line, paired, differentials, changes, len(definitions))
        self._collect(line, paired, differentials, [body, *(d.expression for d in definitions)])
        return {v: paired[v] for v in self.variables}

    def _open(self, left: str, line: Node, changes: Changes) -> Node:
        """Open d(...) rule by rule until none is left; every opening is a line."""
        first = True
        while has_deferred(line):
            rules = _rules_for(line, frozenset(s.name for s in changes if isinstance(s, Symbol)))
            line = expand_once(line, changes)
            if _merged(line, rules):
                rules = (*rules, Rule("both terms are equal"))
            if not has_deferred(line):
                line = substitute(line, self.folded)
            self.steps.append(Step(left if first else "", line, rules))
            first = False
        if first:
            self.steps.append(Step(left, line, (Rule("linear; constants do not vary"),)))
        return line

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
        upstream = tidy(paired.pop(symbol))
        if is_zero(upstream):
            return line
        if weight(upstream) >= NAMED_ADJOINT and (count > 1 or is_operation(upstream, "hadamard")):
            upstream = self._name_adjoint(upstream, symbol)
            rest = [inner(g, differentials[s]) for s, g in paired.items() if not is_zero(g)]
            line = add(inner(upstream, differentials[symbol]), *rest)
            self.steps.append(Step(f"d{self.function}", line, (Rule("in this name"),)))
        change = self._open(f"d{symbol.name}", deferred(definition.expression, changes), changes)
        rest = [inner(g, differentials[s]) for s, g in paired.items() if not is_zero(g)]
        for other in paired:
            if change.depends_on((differentials[other].name,)):
                paired[other] = add(_paired(change, upstream, differentials[other]), paired[other])
        line = add(inner(upstream, change), *rest)
        self.steps.append(Step(f"d{self.function}", line, (Rule(f"put in d{symbol.name}"),)))
        return line

    def _name_adjoint(self, upstream: Node, of: Symbol) -> Node:
        name = "δ" + "".join(c for c in of.name if c.isdigit())
        name = numbered("δ", self.used) if name in self.used else name
        self.used |= {name, f"d{name}"}
        symbol = Symbol(name, upstream.shape, traits(upstream), "named")
        self.adjoints.append(Definition(symbol, upstream))
        self.steps.append(Step(name, upstream, (Rule(f"name what multiplies d{of.name}"),)))
        return symbol

    def _collect(
        self, line: Node, paired: dict[Symbol, Node], differentials: Mapping[Symbol, Symbol], typed: Sequence[Node]
    ) -> Node:
        """Bring every term into the form <G, dX>; then collect. Lines that change nothing are left out."""
        moved = _terms_moved(line, [differentials[s] for s in paired])
        if moved != line or _order(moved) != _order(line):
            self.steps.append(Step("", moved, (Rule(_how_moved(line)),)))
            line = moved
        for symbol, arrived in paired.items():
            paired[symbol] = tidy(arrived, typed)
        total = add(*(inner(g, differentials[s]) for s, g in paired.items() if not is_zero(g)), zeros(SCALAR))
        if _order(total) != _order(line):
            words = "aᵀ M b = tr(b aᵀ M); collect" if _becomes_trace(line, total) else "collect"
            self.steps.append(Step("", total, (Rule(words),)))
        return total

    def _symmetry(self) -> tuple[str, ...]:
        """Declared symmetric symbols without whose symmetry the gradient would read differently."""
        declared = [s for s in self.symbols.values() if "symmetric" in s.properties and not s.is_scalar]
        used = []
        for symbol in declared:
            if symbol in self.variables:
                used.append(symbol.name)
                continue
            kept = symbol.properties & frozenset({"invertible", "positive", "square"})
            plain = Symbol(symbol.name, symbol.shape, kept)
            try:
                general = gradients(substitute(self.expression, {symbol: plain}), self.variables)
            except DeriveError:
                used.append(symbol.name)
                continue
            if any(_is_transposed_in(plain, g) for g in general.values()):
                used.append(symbol.name)
        return tuple(used)


def _why_named(definition: Definition) -> str:
    expression = definition.expression
    if isinstance(expression, Sum) and any(c < 0 for c, _ in expression.terms):
        return "name the residual"
    return "name the inside" if isinstance(expression, Sum | Product) else "name the result"


def _is_transposed_in(symbol: Symbol, node: Node) -> bool:
    return any(isinstance(n, Transpose) and symbol.name in n.symbols for n in walk(node))


def _paired(term: Node, upstream: Node, direction: Symbol) -> Node:
    return pullback(term, upstream, direction) if term.depends_on((direction.name,)) else zeros(direction.shape)


def _terms_moved(line: Node, directions: Sequence[Symbol]) -> Node:
    """Every term of a differential by itself in the form <G, dX>, terms in their order."""
    terms = line.terms if isinstance(line, Sum) else ((None, line),)
    moved = []
    for coefficient, term in terms:
        for direction in directions:
            if not term.depends_on((direction.name,)):
                continue
            part = _paired(term, Number(1 if coefficient is None else coefficient), direction)
            if not is_zero(part):
                moved += [inner(addend, direction) for addend in _addends(part)]
    return add(*moved) if moved else line


def _addends(node: Node) -> list[Node]:
    return [scaled(c, n) for c, n in node.terms] if isinstance(node, Sum) else [node]


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


def _merged(line: Node, rules: Sequence[Rule]) -> bool:
    """Whether the product rule gave one term twice, as for x'Ax with A symmetric."""
    coefficient, term = split_coefficient(line)
    product_rule = any(r.words == "product rule" for r in rules)
    return product_rule and abs(coefficient) == 2 and not isinstance(term, Sum)


def _becomes_trace(before: Node, after: Node) -> bool:
    return is_operation(split_coefficient(after)[1], "tr") and not any(is_operation(n, "tr") for n in walk(before))


def _how_moved(line: Node) -> str:
    """The reason why the terms of a differential can be brought into the form <G, dX>."""
    turned = any(isinstance(n, Transpose) and _is_differential(n.operand) for n in walk(line))
    traced = any(is_operation(n, "tr") for n in walk(line))
    if traced:
        return "tr(A) = tr(Aᵀ), cyclic shift" if turned else "cyclic shift in the trace"
    if turned:
        return "a scalar equals its transpose"
    if any(is_operation(n, "hadamard") for n in walk(line)):
        return "move the elementwise factors: ⟨M, A ∘ dX⟩ = ⟨A ∘ M, dX⟩"
    return "move the other factors across the inner product"


def _is_differential(node: Node) -> bool:
    return isinstance(node, Symbol) and node.role == "differential"


def _rules_for(line: Node, varying: frozenset[str]) -> tuple[Rule, ...]:
    """The rules that opening the outermost d(...) of a line applies, each once."""
    found: dict[str, Rule] = {}
    for node in walk(line):
        if is_operation(node, "d"):
            inside = node.children()[0]
            name, rule = _rule_of(inside, varying)
            found.setdefault(name, rule)
    return tuple(found.values())


def _rule_of(inside: Node, varying: frozenset[str]) -> tuple[str, Rule]:
    if isinstance(inside, Product):
        return "product", Rule("product rule")
    if not isinstance(inside, Apply):
        return "sum", Rule("term by term")
    record = inside.operation
    if record.name == "hadamard":
        return "hadamard", Rule("product rule")
    generic = _generic(inside)
    if record.d == THROUGH_MEANING:
        return record.name, Rule(f"definition of {record.name}", generic, meaning(generic))
    leaves = {
        f"d{parameter}": _generic_differential(letter) if argument.depends_on(varying) else zeros(letter.shape)
        for parameter, letter, argument in zip(record.parameters, generic.arguments, inside.arguments, strict=True)
    }
    left = Apply(DEFERRED, (generic,), (), generic.shape)
    return record.name, Rule("", left, build_rule(record.d, generic, leaves))


def _generic(node: Apply) -> Apply:
    """The operation over plain letters of the same shapes, for stating its rule."""
    arguments = tuple(
        a if a.is_scalar and not a.symbols else Symbol(_letter(p, a), a.shape)
        for p, a in zip(node.operation.parameters, node.arguments, strict=True)
    )
    return Apply(node.operation, arguments, node.sizes, node.shape)


def _letter(parameter: str, argument: Node) -> str:
    if len(parameter) > 1:
        return parameter
    matrix = argument.rows.number != 1 and argument.columns.number != 1
    return parameter.upper() if matrix else parameter.lower()


def _generic_differential(argument: Node) -> Node:
    return differential_symbol(argument) if isinstance(argument, Symbol) else zeros(argument.shape)
