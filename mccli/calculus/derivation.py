"""What a derivation is, and the derivation of gradients: G is read off df = <G, dX>.

Magnus & Neudecker, Matrix Differential Calculus, ch. 5 and 8; Giles 2008.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from mccli.calculus.identify import gradients
from mccli.calculus.naming import Definition, choose_parts, name_parts
from mccli.calculus.needs import Need, needs
from mccli.calculus.pairing import AsGradient, Pairing
from mccli.calculus.steps import Step
from mccli.calculus.story import Lines, Story, free_function_name
from mccli.calculus.structure import (
    canonical_metric,
    independent_entries,
    project,
    refuse_complex,
    refuse_whole_numbers,
    structure_of,
)
from mccli.calculus.tidy import tidy, with_value
from mccli.errors import DeriveError
from mccli.expressions.graph import substitute, walk
from mccli.expressions.sizes import ONE, shape_text
from mccli.expressions.tree import Apply, Node, Symbol, Transpose, transpose

GRADIENT, JACOBIAN, HESSIAN = "gradient", "jacobian", "hessian"
DIFFERENTIAL, ALONG, PULLBACK = "differential", "along", "pullback"


@dataclass(frozen=True)
class Derivative:
    """A derivative: in full, and in the names of the derivation.

    A gradient has the shape of the variable, a derivative by a scalar that of the function; a Jacobian or a
    Hessian has a row for every entry of what is differentiated and a column for every one of the variable.

    ``of`` is the variable whose gradient is differentiated, for a block of a Hessian. ``structure`` is the
    linear space that the variable is in; ``independent`` a gradient in the other convention in use: by the
    independent entries of that space, or for an orthogonal variable in the canonical metric.
    """

    variable: Symbol
    full: Node
    named: Node
    structure: str | None = None
    independent: Node | None = None
    of: Symbol | None = None

    def transposed(self) -> Derivative:
        """The same derivative in the other layout."""
        other = transpose(self.independent) if self.independent is not None else None
        return replace(self, full=transpose(self.full), named=transpose(self.named), independent=other)


@dataclass(frozen=True)
class Derivation:
    """A derivation with its steps.

    ``kind`` says what was derived. ``function`` is the name of the function (f unless that is taken),
    ``definitions`` the named parts in order, ``adjoints`` further names that the results are written in,
    ``pairs`` the variables' differentials with what they are paired with in the canonical last line, before a
    structure is imposed. ``first`` is the derivation that this one starts from (of the gradient that a Hessian
    is the Jacobian of), ``chapters`` those that give its results. ``directions`` are what the variables change by;
    ``of`` is the function that ``upstream`` was paired with, ``order`` that of a differential.
    """

    kind: str
    function: str
    expression: Node
    symbols: Mapping[str, Symbol]
    variables: tuple[Symbol, ...]
    definitions: tuple[Definition, ...]
    adjoints: tuple[Definition, ...]
    steps: tuple[Step, ...]
    pairs: tuple[tuple[Symbol, Node], ...]
    results: tuple[Derivative, ...]
    needs: tuple[Need, ...]
    symmetry_used: tuple[str, ...]
    first: Derivation | None = None
    chapters: tuple[Derivation, ...] = ()
    directions: tuple[Node, ...] = ()
    of: Node | None = None
    upstream: Node | None = None
    order: int = 1

    def defined_names(self) -> set[str]:
        """Names that the derivation gives, with those of their differentials."""
        own = {self.function, *(d.symbol.name for d in (*self.definitions, *self.adjoints))}
        before = self.first.defined_names() if self.first else set()
        return before | own | {f"d{name}" for name in own}

    @property
    def gradients(self) -> tuple[Derivative, ...]:
        """The gradients, of the shape of their variables. TypeError if something else was derived."""
        if self.kind not in (GRADIENT, PULLBACK):
            raise TypeError(f"this is a {self.kind}, not a gradient")
        return self.results


def derive(
    expression: Node, symbols: Mapping[str, Symbol], variables: Sequence[Symbol], inverted: Sequence[Node] = ()
) -> Derivation:
    """Gradients of a scalar expression by the given variables, with steps.

    ``inverted`` are matrices whose inverse was typed but may have cancelled: they must be invertible too.

    DeriveError if the expression is no scalar, a symbol is complex or an operation in it has no derivative.
    """
    if not expression.is_scalar:
        pair = "or pair it with a constant: sum(G .* (...)), or take its norm or trace"
        refuse_array(expression, symbols, "a gradient", pair)
    problem = Problem(expression, symbols, variables, inverted)
    raw = gradients(expression, variables)
    full = {v: tidy(project(g, v), [expression]) for v, g in raw.items()}
    told = problem.tell(AsGradient(), full)
    results = [_gradient(problem, told, v, full[v]) for v in variables]
    return told.derivation(GRADIENT, results, problem.symmetry(lambda e: gradients(e, variables)))


def refuse_array(expression: Node, symbols: Mapping[str, Symbol], wanted: str, *notes: str) -> None:
    """Raise the DeriveError that what is wanted needs a scalar function."""
    vectors = [s.name for s in symbols.values() if s.columns == ONE and not s.is_scalar and len(s.name) == 1]
    hints = [
        f"lowercase letters are vectors ({', '.join(vectors)}); a scalar is declared: --shape {name}:scalar"
        for name in vectors[:1]
    ]
    raise DeriveError(
        f"{wanted} needs a scalar function; this one has the shape {shape_text(expression.shape)}",
        notes=[*hints, *notes],
    )


def _gradient(problem: Problem, told: Told, variable: Symbol, full: Node) -> Derivative:
    """The gradient by a variable, in its space."""
    named = tidy(project(told.pairs[variable], variable), [told.body])
    if not told.definitions:
        full = named
    if not told.adjoints:
        value = Symbol(told.function, problem.expression.shape, role="named")
        named = with_value(named, told.body, value)
    other = independent_entries(full, variable)
    if other is None:
        other = canonical_metric(gradients(problem.expression, [variable])[variable], variable)
    independent = tidy(other) if other is not None else None
    return Derivative(variable, full, named, structure_of(variable), independent)


@dataclass(frozen=True)
class Told:
    """A story that was told: the body in named parts, the lines, and what the variables are paired with."""

    problem: Problem
    function: str
    body: Node
    definitions: tuple[Definition, ...]
    adjoints: tuple[Definition, ...]
    steps: tuple[Step, ...]
    pairs: Mapping[Symbol, Node]

    def derivation(self, kind: str, results: Sequence[Derivative], symmetry: tuple[str, ...]) -> Derivation:
        """The derivation that ends in the given results."""
        problem = self.problem
        return Derivation(
            kind,
            self.function,
            problem.expression,
            problem.symbols,
            tuple(problem.variables),
            self.definitions,
            self.adjoints,
            self.steps,
            tuple(self.pairs.items()),
            tuple(results),
            tuple(problem.needs),
            symmetry,
        )


class Problem:
    """An expression with the variables to differentiate it by, and the names that are taken.

    DeriveError if a symbol is complex, a variable lies in no linear space, or a differential has the name of a symbol.
    """

    def __init__(
        self,
        expression: Node,
        symbols: Mapping[str, Symbol],
        variables: Sequence[Symbol],
        inverted: Sequence[Node],
        taken: frozenset[str] = frozenset(),
    ) -> None:
        refuse_complex(symbols.values())
        for variable in variables:
            refuse_whole_numbers(variable)
            if f"d{variable.name}" in symbols:
                raise DeriveError(
                    f"d{variable.name} is the differential of {variable.name}",
                    notes=[f"rename the symbol d{variable.name}"],
                )
        self.expression, self.symbols, self.variables = expression, symbols, list(variables)
        self.names = frozenset(v.name for v in variables)
        functions = {n.operation.name for n in walk(expression) if isinstance(n, Apply) and n.operation.declared}
        self.used = {*functions, *symbols, *(f"d{name}" for name in symbols), "I", *taken}
        self.needs = needs(expression, inverted)

    def tell(self, pairing: Pairing, full: Mapping[Symbol, Node], wanted: str = "fghqF") -> Told:
        """The lines that lead to the paired form, with names for parts that the value and the derivatives share."""
        function = free_function_name(self.used, wanted)
        self.used |= {function, f"d{function}"}
        parts = choose_parts(self.expression, list(full.values()), self.names) if pairing.in_parts else []
        body, definitions = name_parts(self.expression, parts, self.used)
        self.used |= {n for d in definitions for n in (d.symbol.name, f"d{d.symbol.name}")}
        story = Story(function, self.variables, pairing, self.used)
        pairs = story.tell(body, definitions)
        return self.told(function, story, pairs, body=body, definitions=definitions)

    def told(
        self,
        function: str,
        story: Lines,
        pairs: Mapping[Symbol, Node],
        *,
        body: Node | None = None,
        definitions: Sequence[Definition] = (),
    ) -> Told:
        """A story that has been told."""
        whole = self.expression if body is None else body
        return Told(self, function, whole, tuple(definitions), tuple(story.adjoints), tuple(story.steps), pairs)

    def symmetry(self, derived: Callable[[Node], Mapping[Symbol, Node]]) -> tuple[str, ...]:
        """Declared symmetric symbols without whose symmetry what is ``derived`` would read differently."""
        declared = [s for s in self.symbols.values() if "symmetric" in s.properties and not s.is_scalar]
        return tuple(s.name for s in declared if s in self.variables or self._is_used(s, derived))

    def _is_used(self, symbol: Symbol, derived: Callable[[Node], Mapping[Symbol, Node]]) -> bool:
        kept = symbol.properties & frozenset({"invertible", "positive", "square"})
        plain = Symbol(symbol.name, symbol.shape, kept)
        try:
            general = derived(substitute(self.expression, {symbol: plain}))
        except DeriveError:
            return True
        return any(_is_transposed_in(plain, g) for g in general.values())


def _is_transposed_in(symbol: Symbol, node: Node) -> bool:
    return any(isinstance(n, Transpose) and symbol.name in n.symbols for n in walk(node))
