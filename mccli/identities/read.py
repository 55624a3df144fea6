"""Reading record files: YAML to records, with the place of every field.

Everything in a file is text (a size letter ``n`` or ``y`` is never read as a truth value), keys are known ones,
and a mistake is said with file, line and field. The loader constructs no objects.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from mccli.errors import Place, RecordMistake, closest
from mccli.identities.record import CONVENTIONS, KINDS, LEVELS, Alias, Family, Record, Shape

Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

ID = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
REQUIRED = ("id", "name", "level", "expression", "variable", "shapes", "sources")
ONE_LINE = ("id", "name", "level", "expression", "variable", "convention", "field", "order", "why", "pitfall", *KINDS)
LISTS = ("define", "assume", "also", "proof", "words", "sources", "see")
TABLES = ("shapes", "let")
FIELDS = (*ONE_LINE, *LISTS, *TABLES, "aliases")
ALIAS_REQUIRED = ("id", "name", "expression", "variable")
ALIAS_FIELDS = (*ALIAS_REQUIRED, "words", "sources", "shapes", "define")
FILE_FIELDS = ("family", "title", "about", "order", "records")
LAST = 99
"""The order of a family that states none."""
LONGEST_NAME = 60


def read_family(path: Path, shown: str = "") -> tuple[Family | None, list[RecordMistake]]:
    """The family in a file, and everything that is wrong in it; records with mistakes are left out."""
    file = shown or str(path)
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        return None, [_mistake(Place(file, 0), f"cannot be read: {getattr(error, 'strerror', None) or error}")]
    try:
        root = yaml.compose(text, Loader=Loader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        problem = getattr(error, "problem", None) or "is no YAML"
        return None, [_mistake(Place(file, mark.line + 1 if mark else 0), str(problem))]
    reader = _Reader(file)
    try:
        return reader.family(root), reader.mistakes
    except RecordMistake as mistake:
        return None, [*reader.mistakes, mistake]


def read_references(path: Path) -> dict[str, str]:
    """The works that records may cite, by their short names."""
    found = yaml.load(path.read_text(encoding="utf-8"), Loader=Loader)
    return {str(name): str(work) for name, work in found.items()}


def _mistake(place: Place, sentence: str, notes: Sequence[str] = ()) -> RecordMistake:
    return RecordMistake(place, sentence, notes=notes)


@dataclass(frozen=True)
class _Table:
    """A mapping of a file: nodes by key, and the line of each key."""

    nodes: Mapping[str, yaml.Node]
    lines: Mapping[str, int]


class _Reader:
    def __init__(self, file: str) -> None:
        self.file = file
        self.mistakes: list[RecordMistake] = []

    def family(self, root: yaml.Node | None) -> Family:
        here = Place(self.file, 1)
        if root is None:
            raise _mistake(here, "is empty")
        table = self._table(root, here, FILE_FIELDS)
        self._require(table, ("family", "records"), here)
        family = self._text(table, "family", here)
        if not ID.fullmatch(family):
            raise _mistake(self._at(table, "family", here), f"{family!r} is no family id", ["small letters, digits, -"])
        records = table.nodes["records"]
        if not isinstance(records, yaml.SequenceNode):
            raise _mistake(self._at(table, "records", here), "records must be a list")
        read = [found for node in records.value if (found := self._guarded(node, family)) is not None]
        title = self._text(table, "title", here) if "title" in table.nodes else family
        about = self._text(table, "about", here) if "about" in table.nodes else ""
        order = self._text(table, "order", here) if "order" in table.nodes else str(LAST)
        if not order.isdigit():
            raise _mistake(self._at(table, "order", here), f"{order!r} is no number")
        return Family(family, title, about, int(order), tuple(read))

    def _guarded(self, node: yaml.Node, family: str) -> Record | None:
        try:
            return self._record(node, family)
        except RecordMistake as mistake:
            self.mistakes.append(mistake)
            return None

    def _record(self, node: yaml.Node, family: str) -> Record:
        here = Place(self.file, node.start_mark.line + 1, _id_of(node))
        table = self._table(node, here, FIELDS)
        self._require(table, REQUIRED, here)
        known = {name: self._text(table, name, here) for name in ONE_LINE if name in table.nodes}
        lists = {name: self._list(table, name, here) for name in LISTS if name in table.nodes}
        self._one_of(known.get("level", ""), LEVELS, self._at(table, "level", here))
        if "convention" in known:
            self._one_of(known["convention"], CONVENTIONS, self._at(table, "convention", here))
        self._one_of(known.get("field", "real"), ("real", "complex"), self._at(table, "field", here))
        self._one_of(known.get("order", "1"), ("1", "2"), self._at(table, "order", here))
        if not ID.fullmatch(known["id"]):
            raise _mistake(self._at(table, "id", here), f"{known['id']!r} is no id", ["small letters, digits and -"])
        if len(known["name"]) > LONGEST_NAME:
            raise _mistake(self._at(table, "name", here), f"is longer than {LONGEST_NAME} characters")
        results = {kind: known[kind] for kind in KINDS if kind in known}
        if not results:
            raise _mistake(here, "has no result", ["give gradient, jacobian, hessian or differential"])
        shapes = self._shapes(table, here)
        variables = _names(known["variable"])
        for name in variables:
            if name not in shapes:
                raise _mistake(self._at(table, "variable", here), f"{name} has no shape")
        if len(variables) > 1 and set(results) != {"differential"}:
            raise _mistake(self._at(table, "variable", here), "several variables are for a differential only")
        return Record(
            id=known["id"],
            name=known["name"],
            family=family,
            level=known["level"],
            expression=known["expression"],
            variables=variables,
            shapes=shapes,
            results=results,
            let=self._pairs(table, "let", here),
            order=int(known.get("order", "1")),
            convention=known.get("convention", ""),
            field=known.get("field", "real"),
            why=known.get("why", ""),
            pitfall=known.get("pitfall", ""),
            aliases=tuple(self._aliases(table, here)),
            places={"": here, **{name: self._at(table, name, here) for name in table.lines}},
            **{name: tuple(items) for name, items in lists.items()},
        )

    def _aliases(self, table: _Table, here: Place) -> Iterator[Alias]:
        node = table.nodes.get("aliases")
        if node is None:
            return
        place = self._at(table, "aliases", here)
        if not isinstance(node, yaml.SequenceNode):
            raise _mistake(place, "must be a list")
        for item in node.value:
            at = Place(self.file, item.start_mark.line + 1, here.record, "aliases")
            alias = self._table(item, at, ALIAS_FIELDS)
            self._require(alias, ALIAS_REQUIRED, at)
            known = {name: self._text(alias, name, at) for name in ALIAS_REQUIRED}
            if not ID.fullmatch(known["id"]):
                raise _mistake(at, f"{known['id']!r} is no id", ["small letters, digits and -"])
            yield Alias(
                id=known["id"],
                name=known["name"],
                expression=known["expression"],
                variables=_names(known["variable"]),
                words=tuple(self._list(alias, "words", at)),
                sources=tuple(self._list(alias, "sources", at)),
                shapes=self._shapes(alias, at) if "shapes" in alias.nodes else {},
                define=tuple(self._list(alias, "define", at)),
            )

    # ------------------------------------------------------------------------------------- pieces of a file

    def _table(self, node: yaml.Node, here: Place, known: Sequence[str] = ()) -> _Table:
        if not isinstance(node, yaml.MappingNode):
            raise _mistake(here, "must be a mapping of fields")
        nodes: dict[str, yaml.Node] = {}
        lines: dict[str, int] = {}
        for key, value in node.value:
            name = str(key.value)
            line = key.start_mark.line + 1
            _only_printable(name, Place(here.file, line, here.record, here.field))
            at = Place(here.file, line, here.record, name if known else here.field)
            if known and name not in known:
                near = closest(name, known)
                notes = [f"did you mean {near}?"] if near else []
                raise _mistake(at, "no such field", [*notes, "fields: " + ", ".join(known)])
            if name in nodes:
                raise _mistake(at, f"{name} stands here twice")
            nodes[name], lines[name] = value, line
        return _Table(nodes, lines)

    def _at(self, table: _Table, name: str, here: Place) -> Place:
        return Place(self.file, table.lines.get(name, here.line), here.record, name)

    def _require(self, table: _Table, names: Sequence[str], here: Place) -> None:
        missing = [name for name in names if name not in table.nodes]
        if missing:
            raise _mistake(here, f"lacks {', '.join(missing)}")

    def _scalar(self, node: yaml.Node, place: Place) -> str:
        if not isinstance(node, yaml.ScalarNode):
            raise _mistake(place, "must be a text")
        text = " ".join(str(node.value).split())
        if not text:
            raise _mistake(place, "is empty")
        _only_printable(text, place)
        return text

    def _text(self, table: _Table, name: str, here: Place) -> str:
        return self._scalar(table.nodes[name], self._at(table, name, here))

    def _list(self, table: _Table, name: str, here: Place) -> list[str]:
        node = table.nodes.get(name)
        if node is None:
            return []
        place = self._at(table, name, here)
        if not isinstance(node, yaml.SequenceNode):
            raise _mistake(place, "must be a list", ["write [a, b]"])
        return [self._scalar(item, place) for item in node.value]

    def _pairs(self, table: _Table, name: str, here: Place) -> dict[str, str]:
        node = table.nodes.get(name)
        if node is None:
            return {}
        place = self._at(table, name, here)
        pairs = self._table(node, Place(place.file, place.line, here.record, name))
        return {key: self._scalar(value, place) for key, value in pairs.nodes.items()}

    def _shapes(self, table: _Table, here: Place) -> dict[str, Shape]:
        shapes: dict[str, Shape] = {}
        for name, text in self._pairs(table, "shapes", here).items():
            sizes = () if text == "scalar" else tuple(word.strip() for word in text.split(","))
            if len(sizes) > 2 or not all(sizes):
                raise _mistake(self._at(table, "shapes", here), f"{name}: {text!r} is no shape", ["scalar, n or m,n"])
            shapes[name] = sizes
        return shapes

    def _one_of(self, value: str, choices: Collection[str], place: Place) -> None:
        if value not in choices:
            raise _mistake(place, f"{value!r} is not one of {', '.join(choices)}")


def _id_of(node: yaml.Node) -> str:
    """The id of a record that may have other mistakes, for messages."""
    pairs = node.value if isinstance(node, yaml.MappingNode) else []
    found = next((str(value.value) for key, value in pairs if key.value == "id"), "")
    return found if found.isprintable() else ""


def _only_printable(text: str, place: Place) -> None:
    """RecordMistake for control characters: what is shown of a record must not steer a terminal."""
    hidden = next((c for c in text if not c.isprintable()), None)
    if hidden is not None:
        raise _mistake(place, f"has a character that cannot be shown (U+{ord(hidden):04X})")


def _names(text: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in text.split(",") if name.strip())
