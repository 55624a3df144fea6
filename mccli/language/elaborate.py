"""From text to the typed tree: kinds by name, shapes by unification, sizes named, nodes built.

Uppercase letters are matrices and lowercase Latin letters column vectors unless declared. An undeclared
lowercase Greek letter takes the kind that its position demands: of all assignments of scalar, vector or
matrix under which the whole expression fits, the one is taken that spreads the fewest of these letters
over an array and then has the fewest dimensions.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from mccli.errors import McError, ShapeError, Typed
from mccli.expressions.constants import CONSTANTS
from mccli.expressions.graph import size_letters
from mccli.expressions.operations import OPERATIONS
from mccli.expressions.properties import closure
from mccli.expressions.sizes import ONE, SCALAR, Shape, Size, Unifier, letter_size
from mccli.expressions.tree import Node, Symbol
from mccli.language import syntax
from mccli.language.build import VARIANTS, Builder
from mccli.language.declare import Scope, declare, function_spellings, with_declarations
from mccli.language.definitions import put_in
from mccli.language.fixes import offer_fix
from mccli.language.infer import Inference
from mccli.language.names import GREEK_NAME
from mccli.language.parser import parse

LETTER_POOL = "mnpqrskldhgtuvwz"
MOST_UNDECIDED = 5
"""Greek letters whose kind is found by trying; more than this must be declared."""


class Subexpression(NamedTuple):
    """A piece of the text with its inferred shape."""

    text: str
    shape: Shape


class Elaborated(NamedTuple):
    """An expression with its meaning: the typed tree, its symbols, and how it was understood."""

    text: str
    expression: Node
    symbols: Mapping[str, Symbol]
    scope: Scope
    notes: tuple[str, ...]
    subexpressions: tuple[Subexpression, ...]
    letters: frozenset[str]
    inverted: tuple[Node, ...] = ()


def elaborate(text: str, scope: Scope | None = None, *, scalar: bool = False, repair: bool = False) -> Elaborated:
    """Read an expression. ``scalar`` prefers readings in which the whole is a scalar.

    ``repair`` is set while a fix is being tried, so that its own mistakes are not repaired in turn.

    McError (SyntaxMistake, NameMistake, ShapeError, AmbiguityError) if it cannot be read in one way.
    """
    scope = given = scope or Scope()
    primed = {
        record.declared[0]
        for record in scope.functions.values()
        if record.declared and record.declared[1] in ("elementwise", "scalar")
    }
    parsed = parse(text, functions=function_spellings(scope), names=scope.known(), primed=primed)
    scope = with_declarations(scope, parsed.declarations)
    if parsed.declarations:
        parsed = parse(text, functions=function_spellings(scope), names=scope.known(), primed=primed)
    inserted = put_in(parsed, scope.expressions)
    try:
        return _Elaboration(inserted.parsed, scope).run(scalar)._replace(text=parsed.text)
    except McError as error:
        own = inserted.locate(error)
        if error.source is None:
            error.source = parsed.text
        if isinstance(error, ShapeError) and own and not repair:
            _offer_number(error, parsed.text, given, scalar)
            offer_fix(error, parsed.text, lambda edited: _reads(edited, given, scalar))
            _offer_sizes(error, parsed.text, scope)
        raise


def _reads(text: str, scope: Scope, scalar: bool) -> bool:
    """Whether an edited text can be read (and is a scalar where one is wanted)."""
    try:
        found = elaborate(text, scope, scalar=scalar, repair=True)
    except McError:
        return False
    return found.expression.is_scalar or not scalar


def _offer_number(error: ShapeError, text: str, scope: Scope, scalar: bool) -> None:
    """Where a factor is a small letter, as c in ``c A``: its declaration as a number."""
    if error.fix is not None or len(error.marks) != 3 or not scope.command.startswith("mc "):
        return
    left, _operator, right = (m.span for m in sorted(error.marks, key=lambda m: m.span.start))
    for span in (left, right):
        name = text[span.start : span.end]
        if len(name) == 1 and name.islower() and name not in scope.names():
            declared = declare(scope, name, ("scalar",))
            if _reads(text, declared, scalar):
                error.fix = f"{scope.command.replace('{}', text)} --shape {name}:scalar"
                return


def _offer_sizes(error: ShapeError, text: str, scope: Scope) -> None:
    """Where no edit of the text helps, a declared size that can be changed so that it fits."""
    if error.fix is not None:
        return
    for name, shape in reversed(list(scope.shapes.items())):
        for other in _other_shapes(shape, scope):
            changed = scope._replace(shapes={**scope.shapes, name: other})
            if _reads(text, changed, False):
                before, after = (",".join(str(s) for s in _written(s)) for s in (shape, other))
                error.typed, error.fix = Typed(f"{name}:{before}", "--shape"), f"{name}:{after}"
                return


def _written(shape: Shape) -> tuple[Size, ...]:
    return shape[:1] if shape[1] == ONE else shape


def _other_shapes(shape: Shape, scope: Scope) -> Iterator[Shape]:
    """Shapes that differ in one size, which is taken from the other declared shapes."""
    sizes = dict.fromkeys(size for s in scope.shapes.values() for size in s if size != ONE)
    for i, own in enumerate(shape):
        for size in sizes:
            if own not in (ONE, size):
                yield (size, shape[1]) if i == 0 else (shape[0], size)


class _Elaboration:
    def __init__(self, parsed: syntax.Parsed, scope: Scope) -> None:
        self.parsed, self.scope = parsed, scope
        self.uses = list(_symbol_uses(parsed.tree, scope))
        self.letters = scope.letters() | _size_letters(parsed.tree)
        self.exponents = {n for n in _exponent_names(parsed.tree) if n not in scope.shapes}
        self.names = list(dict.fromkeys(n for n in self.uses if self._is_symbol(n)))

    def _is_symbol(self, name: str) -> bool:
        if name in self.scope.names():
            return True
        return name not in self.letters and name not in ("I", "π", "pi")

    def run(self, scalar: bool) -> Elaborated:
        undecided = [
            n for n in self.names if n not in self.scope.shapes and n not in self.exponents and _is_lower_greek(n)
        ]
        if len(undecided) > MOST_UNDECIDED:
            raise ShapeError(
                "too many Greek letters without a declared kind",
                notes=["declare some: " + " ".join(f"--shape {n}:scalar" for n in undecided)],
            )
        inference, shapes, unifier = self._best(undecided, scalar)
        return self._finish(inference, shapes, unifier)

    def _best(self, undecided: list[str], scalar: bool) -> tuple[Inference, dict[str, Shape], Unifier]:
        best: tuple[tuple[int, int, int], tuple[Inference, dict[str, Shape], Unifier]] | None = None
        first_error: McError | None = None
        for kinds in sorted(itertools.product((0, 1, 2), repeat=len(undecided)), key=lambda k: 2 in k):
            if best is not None and 2 in kinds:
                break  # a lowercase Greek matrix is taken only where nothing else fits
            try:
                found = self._attempt(dict(zip(undecided, kinds, strict=True)))
            except McError as error:
                first_error = first_error or error
                continue
            inference = found[0]
            spread = sum(1 for n in inference.broadcasts if _mentions(n, undecided))
            wrong = int(scalar and inference.shape(self.parsed.tree) != SCALAR)
            spread += sum(1 for n in inference.degenerate if _mentions(n, undecided))
            score = (wrong, spread, sum(kinds))
            if best is None or score < best[0]:
                best = (score, found)
        if best is None:
            assert first_error is not None
            raise first_error
        return best[1]

    def _attempt(self, kinds: Mapping[str, int]) -> tuple[Inference, dict[str, Shape], Unifier]:
        unifier = Unifier(self.scope.letters())
        shapes = {name: self._start_shape(name, kinds, unifier) for name in self.names}
        for name, shape in shapes.items():
            properties = self.scope.properties.get(name, frozenset())
            if "square" in properties and not unifier.unify(*shape):
                prop = ", ".join(sorted(properties - {"square"}))
                raise ShapeError(f"{name} is declared {prop}, so it must be square; it is {shape[0]}×{shape[1]}")
        inference = Inference(shapes, unifier, self.letters, self.scope.functions, self.parsed.text)
        inference.infer(self.parsed.tree)
        return inference, shapes, unifier

    def _start_shape(self, name: str, kinds: Mapping[str, int], unifier: Unifier) -> Shape:
        declared = self.scope.shapes.get(name)
        if declared is not None:
            return declared
        properties = self.scope.properties.get(name, frozenset())
        kind = kinds.get(name)
        if kind is None:
            kind = 0 if name in self.exponents or "integer" in properties else 2 if name[0].isupper() else 1
        if "square" in properties:
            kind = 2
        if kind == 0:
            return SCALAR
        return (unifier.fresh(), ONE if kind == 1 else unifier.fresh())

    def _finish(self, inference: Inference, shapes: dict[str, Shape], unifier: Unifier) -> Elaborated:
        naming = self._name_sizes(inference, shapes, unifier)

        def named(size: Size) -> Size:
            return unifier.resolve(size).substitute(naming)

        def final(shape: Shape) -> Shape:
            return (named(shape[0]), named(shape[1]))

        named_whole = {n for exponent in inference.whole for n in _symbol_uses(exponent, Scope())}
        whole = {n for n in named_whole & shapes.keys() if final(shapes[n]) == SCALAR}
        symbols = {name: Symbol(name, final(shapes[name]), self._properties(name, whole)) for name in self.names}
        sizes = {letter: named(letter_size(letter)) for letter in self.letters}
        builder = Builder(symbols, sizes, self.scope.functions, lambda node: final(inference.shape(node)))
        expression = builder.build(self.parsed.tree)
        seen: dict[str, Shape] = {}
        for node in inference.nodes:
            if isinstance(node, syntax.Group | syntax.Number):
                continue
            seen.setdefault(self.parsed.text[node.span.start : node.span.end], final(inference.shape(node)))
        notes = [*self.parsed.notes, *inference.notes, *self._broadcast_notes(inference)]
        notes += [f"{name} is declared but does not occur" for name in sorted(self.scope.names() - set(self.uses))]
        for left, right in unifier.pending:
            notes.append(f"needs {named(left)} = {named(right)}")
        letters = {letter for s in symbols.values() for size in s.shape for letter in size.letters()} | self.letters
        occurring = frozenset().union(*(size_letters(node) for node in (expression, *builder.inverted)))
        free = {letter for size in naming.values() for letter in size.letters()} & occurring - letters
        notes += [_free_note(letter) for letter in sorted(free)]
        return Elaborated(
            self.parsed.text,
            expression,
            symbols,
            self.scope,
            tuple(dict.fromkeys(notes)),
            tuple(Subexpression(t, s) for t, s in seen.items()),
            frozenset(letters | free),
            tuple(dict.fromkeys(builder.inverted)),
        )

    def _properties(self, name: str, whole: set[str]) -> frozenset[str]:
        declared = self.scope.properties.get(name, frozenset())
        return closure(declared | ({"integer"} if name in whole else set()))

    def _broadcast_notes(self, inference: Inference) -> Iterator[str]:
        whole = {n for exponent in inference.whole for n in _symbol_uses(exponent, Scope())}
        for name in self.exponents:
            if name in self.names and name not in whole:
                yield f"{name} stands in an exponent and is read as a scalar"
        for node in inference.broadcasts:
            if not isinstance(node, syntax.Number):
                yield f"the scalar {self.parsed.text[node.span.start : node.span.end]} is added to every entry"

    def _name_sizes(self, inference: Inference, shapes: dict[str, Shape], unifier: Unifier) -> dict[str, Size]:
        """Letters for the sizes that were found but not named, in the order in which they occur."""
        order: dict[str, None] = {}
        for shape in [*shapes.values(), *(inference.shape(n) for n in inference.nodes)]:
            for size in shape:
                for letter in unifier.resolve(size).letters():
                    if letter.startswith("?"):
                        order.setdefault(letter)
        taken = set(self.names) | set(self.letters) | set(self.uses)
        taken |= {letter for size in unifier.solution.values() for letter in size.letters()}
        pool = [c for c in LETTER_POOL if c not in taken]
        if len(order) == 1 and "n" in pool:
            pool = ["n"]
        numbered = (f"n{i}" for i in range(1, len(order) + len(taken) + 1))
        pool += [name for name in numbered if name not in taken]
        return {unknown: letter_size(letter) for unknown, letter in zip(order, pool, strict=False)}


def _free_note(letter: str) -> str:
    return (
        f"nothing determines the size {letter} of a constant: the answer holds for every {letter}; "
        "to choose it write eye(3), ones(3,1) or zeros(3,3)"
    )


def _is_lower_greek(name: str) -> bool:
    return name[0] in GREEK_NAME and name[0].islower()


def _children(node: syntax.Syntax) -> tuple[syntax.Syntax, ...]:
    match node:
        case syntax.Group():
            return (node.inner,)
        case syntax.Negate() | syntax.Transpose() | syntax.Bars() | syntax.Norm():
            return (node.operand,)
        case syntax.Binary():
            return (node.left, node.right)
        case syntax.Call():
            return node.arguments
    return ()


def _value_arguments(node: syntax.Call, scope: Scope) -> tuple[syntax.Syntax, ...]:
    """The arguments that are expressions, not sizes."""
    if node.function in CONSTANTS:
        return ()
    if node.function in VARIANTS or node.function == "entry":
        return node.arguments[:1]
    from_table = scope.functions.get(node.function) or OPERATIONS.get(node.function)
    return node.arguments[: len(from_table.parameters)] if from_table else node.arguments


def _symbol_uses(node: syntax.Syntax, scope: Scope, bound: frozenset[str] = frozenset()) -> Iterator[str]:
    """Names used as symbols, from left to right; the index of a series is none."""
    if isinstance(node, syntax.Name):
        if node.name not in bound:
            yield node.name
        return
    children = _children(node)
    if isinstance(node, syntax.Call):
        if node.function == "series" and isinstance(node.arguments[0], syntax.Name):
            bound, children = bound | {node.arguments[0].name}, node.arguments[1:]
        else:
            children = _value_arguments(node, scope)
    for child in children:
        yield from _symbol_uses(child, scope, bound)


def _size_letters(node: syntax.Syntax) -> frozenset[str]:
    """Letters that stand where a size belongs: ``n`` in ones(n,1)."""
    found: set[str] = set()
    for child in _children(node):
        found |= _size_letters(child)
    if isinstance(node, syntax.Call):
        values = _value_arguments(node, Scope())
        for argument in node.arguments[len(values) :]:
            found |= set(_symbol_uses(argument, Scope()))
    return frozenset(found)


def _exponent_names(node: syntax.Syntax) -> Iterator[str]:
    """Lowercase Latin names in an exponent or in the bounds of a sum: they are scalars there."""
    places: tuple[syntax.Syntax, ...] = ()
    if isinstance(node, syntax.Binary) and node.operator in ("^", ".^") and _is_arithmetic(node.right):
        places = (node.right,)
    if isinstance(node, syntax.Call) and node.function == "series":
        places = tuple(bound for bound in node.arguments[1:3] if _is_arithmetic(bound))
    for place in places:
        for name in _symbol_uses(place, Scope()):
            if name[0].isascii() and name[0].islower():
                yield name
    for child in _children(node):
        yield from _exponent_names(child)


def _is_arithmetic(node: syntax.Syntax) -> bool:
    """Whether an exponent is made of names, numbers and arithmetic: k - 1, but not x'x."""
    if isinstance(node, syntax.Binary):
        plain = node.operator in ("+", "-", "*", "·", "juxt", "/")
        return plain and _is_arithmetic(node.left) and _is_arithmetic(node.right)
    if isinstance(node, syntax.Group | syntax.Negate):
        return all(_is_arithmetic(child) for child in _children(node))
    return isinstance(node, syntax.Name | syntax.Number)


def _mentions(node: syntax.Syntax, names: list[str]) -> bool:
    return any(n in names for n in _symbol_uses(node, Scope()))
