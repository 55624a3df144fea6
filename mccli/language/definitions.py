"""Names that stand for expressions: ``f = ||A x - b||^2`` and ``f(x) = x'A x``, put into the syntax tree.

Trees are put in, not text: a definition keeps the reading it had when it was typed, whatever stands around its name.
The spans of what is put in point into a text that holds the definitions too, so a mistake can be shown in its place.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from mccli.errors import AmbiguityError, Mark, McError, NameMistake, Span, SyntaxMistake
from mccli.language.syntax import Call, Group, Name, Parsed, Syntax

MOST_NODES = 6000
_SPANS = ("span", "name_span", "operator_span")
_PARTS = ("operand", "left", "right", "inner")


class Definition(NamedTuple):
    """A name for an expression: the text that the spans of its tree point into, its parameters, its tree."""

    text: str
    parameters: tuple[str, ...]
    tree: Syntax


Definitions = Mapping[str, Definition]


class _Area(NamedTuple):
    """Where the text of a definition (of the expression itself, for the name "") stands in the whole text."""

    start: int
    name: str
    text: str


class Inserted(NamedTuple):
    """An expression with the definitions put in. The text of ``parsed`` holds the texts of the definitions too."""

    parsed: Parsed
    areas: tuple[_Area, ...]

    def locate(self, error: McError) -> bool:
        """Let a mistake point into the one text that it is in. Whether that is the expression itself."""
        if error.source != self.parsed.text or not error.marks:
            return True
        focus = next((m for m in error.marks if m.focus), error.marks[0])
        area = next(a for a in reversed(self.areas) if a.start <= focus.span.start)
        marks = [Mark(_moved(m.span, -area.start), m.label, m.focus) for m in error.marks]
        error.marks = tuple(m for m in marks if m.span.start >= 0 and m.span.end <= len(area.text))
        error.source = area.text
        if area.name:
            error.notes = (*error.notes, f"this is in the definition of {area.name}")
        return not area.name


def put_in(parsed: Parsed, definitions: Definitions) -> Inserted:
    """The expression with every defined name replaced by what it stands for.

    NameMistake if a name is defined by itself, has the wrong number of arguments, or would change its meaning where
    it is put in.
    """
    insertion = _Insertion(parsed.text, definitions)
    if not definitions:
        return Inserted(parsed, tuple(insertion.areas))
    try:
        tree = insertion.walk(parsed.tree, _Frame())
    except McError as error:
        error.source = insertion.text
        Inserted(parsed._replace(text=insertion.text), tuple(insertion.areas)).locate(error)
        raise
    return Inserted(parsed._replace(text=insertion.text, tree=tree), tuple(insertion.areas))


def parts(node: Syntax) -> Iterator[Syntax]:
    """The subtrees directly below a node."""
    for field in _PARTS:
        if field in node._fields:
            yield getattr(node, field)
    if isinstance(node, Call):
        yield from node.arguments


def names_in(node: Syntax) -> frozenset[str]:
    """Every name in a tree, of functions too; sizes and the indices of sums are among them."""
    found: set[str] = set()
    waiting = [node]
    while waiting:
        current = waiting.pop()
        if isinstance(current, Name):
            found.add(current.name)
        elif isinstance(current, Call):
            found.add(current.function)
        waiting.extend(parts(current))
    return frozenset(found)


def used_definitions(names: frozenset[str], definitions: Definitions) -> frozenset[str]:
    """The definitions that are reached from some names, through other definitions too."""
    found: set[str] = set()
    waiting = [n for n in names if n in definitions]
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting.extend(n for n in names_in(definitions[name].tree) if n in definitions)
    return frozenset(found)


def moved_tree(node: Syntax, distance: int) -> Syntax:
    """The tree with its spans moved, for a text that starts elsewhere."""
    return _Insertion("", {}).walk(node, _Frame(offset=distance))


def _moved(span: Span, distance: int) -> Span:
    return Span(span.start + distance, span.end + distance)


class _Frame:
    """What surrounds a tree that is put in: its place, what its parameters stand for, the indices bound in it."""

    def __init__(
        self,
        offset: int = 0,
        arguments: Mapping[str, tuple[Syntax, _Frame]] | None = None,
        within: tuple[str, ...] = (),
        hidden: frozenset[str] = frozenset(),
    ) -> None:
        self.offset, self.within, self.hidden = offset, within, hidden
        self.arguments = dict(arguments or {})


class _Insertion:
    def __init__(self, text: str, definitions: Definitions) -> None:
        self.text, self.definitions = text, definitions
        self.areas = [_Area(0, "", text)]
        self.indices: list[tuple[str, _Frame]] = []
        self.count = 0

    def walk(self, node: Syntax, frame: _Frame) -> Syntax:
        """A fresh copy of a tree, with names replaced."""
        self.count += 1
        if self.definitions and self.count > MOST_NODES:
            raise SyntaxMistake("the expression is too long when its names are put in", marks=[self.mark(node, frame)])
        if isinstance(node, Name):
            return self.name(node, frame)
        if isinstance(node, Call):
            return self.call(node, frame)
        changed: dict[str, Any] = {f: self.walk(getattr(node, f), frame) for f in _PARTS if f in node._fields}
        return self.placed(node._replace(**changed), frame)

    def placed(self, node: Syntax, frame: _Frame) -> Syntax:
        """The node with its own spans moved to where its text is."""
        moved: dict[str, Any] = {
            field: _moved(getattr(node, field), frame.offset) for field in _SPANS if field in node._fields
        }
        fresh: Syntax = node._replace(**moved)
        return fresh

    def mark(self, node: Syntax, frame: _Frame) -> Mark:
        return Mark(_moved(node.span, frame.offset), focus=True)

    def name(self, node: Name, frame: _Frame) -> Syntax:
        index = next((f for name, f in reversed(self.indices) if name == node.name), None)
        if index is frame:
            return self.placed(node, frame)
        if node.name in frame.arguments:
            argument, outside = frame.arguments[node.name]
            return Group(self.walk(argument, outside), _moved(node.span, frame.offset))
        definition = self.definitions.get(node.name)
        if definition is not None and not definition.parameters:
            self.refuse_call(node, frame)
            return self.body(node, node.name, (), frame)
        if index is not None or node.name in frame.hidden:
            what = "the index of a sum" if index is not None else "the argument of a function"
            raise NameMistake(
                f"{node.name} would have two meanings: it is {what} here, and a symbol inside what is put in",
                marks=[self.mark(node, frame)],
                notes=[f"give one of the two {node.name} another name"],
            )
        return self.placed(node, frame)

    def refuse_call(self, node: Name, frame: _Frame) -> None:
        """``f(x)`` where f stands for an expression: a product, or the value of a function?"""
        end = node.span.end + frame.offset
        if self.text[end : end + 1] == "(":
            raise AmbiguityError(
                f"{node.name} stands for an expression and is no function of arguments",
                marks=[self.mark(node, frame)],
                notes=[f"for the product write {node.name}*(...)", f"for a function define {node.name}(x) = ..."],
            )

    def call(self, node: Call, frame: _Frame) -> Syntax:
        definition = self.definitions.get(node.function)
        if definition is not None and definition.parameters:
            return self.body(node, node.function, node.arguments, frame)
        arguments = node.arguments
        if node.function == "series" and arguments and isinstance(arguments[0], Name):
            self.indices.append((arguments[0].name, frame))
            fresh = [self.placed(arguments[0], frame), *(self.walk(a, frame) for a in arguments[1:])]
            self.indices.pop()
        else:
            fresh = [self.walk(a, frame) for a in arguments]
        return self.placed(node._replace(arguments=tuple(fresh)), frame)

    def body(self, node: Name | Call, name: str, arguments: tuple[Syntax, ...], frame: _Frame) -> Syntax:
        """What a name stands for, with the arguments in the place of the parameters."""
        definition = self.definitions[name]
        if name in frame.within:
            raise NameMistake(f"{name} is defined by itself", marks=[self.mark(node, frame)])
        if len(arguments) != len(definition.parameters):
            wanted = ", ".join(definition.parameters)
            plural = "s" * (len(definition.parameters) > 1)
            raise NameMistake(
                f"{name}({wanted}) takes {len(definition.parameters)} argument{plural}, not {len(arguments)}",
                marks=[self.mark(node, frame)],
            )
        given = dict(zip(definition.parameters, arguments, strict=True))
        inside = _Frame(
            self.place(name),
            {parameter: (argument, frame) for parameter, argument in given.items()},
            (*frame.within, name),
            frame.hidden | {p for p, a in given.items() if not (isinstance(a, Name) and a.name == p)},
        )
        return Group(self.walk(definition.tree, inside), _moved(node.span, frame.offset))

    def place(self, name: str) -> int:
        """Where the text of a definition stands in the whole text; it is added at the first use."""
        known = next((area for area in self.areas if area.name == name), None)
        if known is None:
            known = _Area(len(self.text) + 1, name, self.definitions[name].text)
            self.text += "\n" + known.text
            self.areas.append(known)
        return known.start
