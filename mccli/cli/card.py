"""A record as a card: the identity in the user's own names, with shapes, proof, pitfall and sources."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator

from mccli.cli.card_words import Words
from mccli.cli.columns import wrapped_formula
from mccli.cli.terminal import Terminal
from mccli.errors import to_ascii
from mccli.expressions.graph import walk
from mccli.expressions.sizes import SCALAR, Shape, shape_text
from mccli.expressions.tree import Node, Symbol, multiply, transpose
from mccli.identities.catalogue import Library
from mccli.identities.general import more_general
from mccli.identities.matched import Match, how_found
from mccli.identities.record import CONVENTIONS, Record
from mccli.render.text import text

_TITLES = {"condition": "under a condition", "special": "a special case"}
LABELS = {"gradient": "∇f", "jacobian": "J", "hessian": "∇²f", "differential": "df"}
LABEL_WIDTH = 10

Styled = tuple[str, str]


class Card:
    """Lays out one match for a terminal."""

    def __init__(self, match: Match, library: Library, terminal: Terminal, typed: Node | None = None) -> None:
        self.match, self.library, self.terminal, self.typed = match, library, terminal, typed
        self.record, self.statement = match.record, match.statement
        self.words = Words(match, terminal)

    def show(self, node: Node) -> str:
        """A formula in the notation of the terminal."""
        return text(node, ascii_only=self.terminal.ascii_only)

    def plain(self, words: str) -> str:
        """Words in the notation of the terminal."""
        return to_ascii(words) if self.terminal.ascii_only else words

    def shape(self, shape: Shape) -> str:
        """A shape in the notation of the terminal."""
        return shape_text(shape, times="x" if self.terminal.ascii_only else "×")

    # --------------------------------------------------------------------------------------- the parts

    def lines(self) -> Iterator[Styled]:
        """The whole card."""
        yield self._title()
        yield self._rule()
        yield from self._formula_lines()
        yield "", ""
        for label, words in self._facts():
            yield from self._labelled(label, words)
        yield self._rule()

    def _title(self) -> Styled:
        name = next((a.name for a in self.record.aliases if a.id == self.match.alias), self.record.name)
        left = f"{self.match.alias or self.record.id}   {self.plain(name)}"
        how = how_found(self.match) if self.match.symbols else ""
        exact = "exact" if self.match.alias else "exact, in your names"
        return self._ends(left, {"exact": exact, **_TITLES}.get(how, how)), "strong"

    def _rule(self) -> Styled:
        return ("-" if self.terminal.ascii_only else "─") * self.terminal.width, "dim"

    def _ends(self, left: str, right: str) -> str:
        gap = self.terminal.width - len(left) - len(right)
        return f"{left}{' ' * gap}{right}".rstrip() if gap >= 2 else f"{left}  {right}".rstrip()

    def _formula_lines(self) -> Iterator[Styled]:
        names = ", ".join(map(self.show, self._variables()))
        shown = self.show(self._function())
        if self.typed is not None and self.show(self.typed) != shown:
            yield from self._formula(f"f({names})", self.show(self.typed), self.typed.shape, "")
            shown += " + terms without the variable" if self.match.offset else ""
            yield from self._formula("", shown, self._function().shape, "")
        else:
            yield from self._formula(f"f({names})", shown, self._function().shape, "")
        for kind, node in self._results():
            yield from self._formula(self._label(kind), self.show(node), node.shape, "strong")
        if self.statement.proof and self.record.kind in ("gradient", "jacobian"):
            last = multiply(self.match.factor, self._told(self.statement.proof[-1].node))
            yield from self._formula("df", self.show(last), last.shape, "")

    def _label(self, kind: str) -> str:
        if kind == "differential":
            return "d²f" if self.record.order == 2 else "df"
        label = LABELS[kind]
        return {"∇f": "grad f", "∇²f": "Hessian"}.get(label, label) if self.terminal.ascii_only else label

    def _formula(self, label: str, formula: str, shape: Shape, style: str) -> Iterator[Styled]:
        """A formula with its shape at the right; a long one is continued below, broken at a sign."""
        shown = self.shape(shape)
        room = self.terminal.width - LABEL_WIDTH - 4 - len(shown) - 2
        pieces = wrapped_formula(formula, room)
        yield self._ends(f"  {label:<{LABEL_WIDTH - 2}}= {pieces[0]}", shown), style
        for piece in pieces[1:]:
            yield f"  {'':<{LABEL_WIDTH}}  {piece}", style

    def _variables(self) -> list[Node]:
        return [self.match.symbols.get(v.name, v) for v in self.statement.variables]

    def _function(self) -> Node:
        return self.match.function

    def _told(self, node: Node) -> Node:
        """A formula of the record in the user's names.

        Local names stay, and are explained in the card, unless the user has a symbol of that name.
        """
        return self.match.told(node if self.words.keeps_names() else self.statement.full(node))

    def _results(self) -> Iterator[tuple[str, Node]]:
        for stated in self.statement.results:
            if stated.field != "also":
                yield stated.kind, multiply(self.match.factor, self._told(stated.node))

    # ---------------------------------------------------------------------------------------- the facts

    def _facts(self) -> Iterator[tuple[str, str]]:
        record = self.record
        yield "Shapes", self._shapes()
        yield "With", ", ".join(self._set_symbols())
        yield "Needs", "; ".join(self.words.needs())
        yield "Convention", CONVENTIONS[record.convention].full if record.convention else ""
        if record.field == "complex":
            yield "Field", "complex; the derivative by the conjugate variable, ' being the conjugate transpose"
        yield "Also", " = ".join(self._other_forms())
        yield "Layout", self._layout()
        yield "Proof", self._proof()
        yield "Why", self.words.sentence(record.why)
        yield "Pitfall", self.words.sentence(record.pitfall)
        yield "Case of", "; ".join(self._general())
        yield "Source", "; ".join(record.sources)
        yield "Known as", ", ".join(a.name for a in record.aliases if a.id != self.match.alias)
        yield "Related", ", ".join(self._related())

    def _other_forms(self) -> Iterator[str]:
        """Other forms of the first result that read differently."""
        shown = {self.show(node) for _, node in self._results()}
        for stated in self.statement.results:
            form = self.show(multiply(self.match.factor, self._told(stated.node)))
            if stated.field == "also" and form not in shown:
                yield form

    def _shapes(self) -> str:
        """The shapes of the symbols, in the order in which they stand in the function."""
        nodes = self.match.symbols or self.statement.symbols
        used = {s.name: s for node in nodes.values() for s in _symbols_in(node)}
        function = self.show(self._function())
        ordered = sorted(used.values(), key=lambda s: function.find(self.show(s)) % (len(function) + 1))
        return ", ".join(f"{self.show(s)} {self.shape(s.shape)}" for s in ordered)

    def _set_symbols(self) -> Iterator[str]:
        """What the record's symbols are, where they are more than another name."""
        yield from (self.plain(case) for case in self.match.set_to)
        for name, node in self.match.symbols.items():
            if not isinstance(node, Symbol):
                yield f"the record's {self.show(Symbol(name, SCALAR))} is {self.show(node)}"
        if self.words.keeps_names():
            for symbol, meaning in self.statement.definitions.items():
                yield f"{self.show(symbol)} = {self.show(self._told(meaning))}"

    def _layout(self) -> str:
        """The gradient or Jacobian in the other layout, where that is not the same."""
        _, node = next(iter(self._results()))
        kind = self.record.kind
        if kind not in ("gradient", "jacobian") or self.record.convention == "vech" or transpose(node) == node:
            return ""
        name = self.show(self._variables()[0])
        flipped = transpose(node)
        other = f"{self.show(flipped)}, {self.shape(flipped.shape)}"
        if kind == "jacobian":
            return f"outputs are rows; in denominator layout it is {other}"
        return f"the gradient has the shape of {name}; in numerator layout it is {other}"

    def _proof(self) -> str:
        forms = [self.show(multiply(self.match.factor, self._told(p.node))) for p in self.statement.proof]
        forms = list(dict.fromkeys(forms))
        sign = {"hessian": "d∇f"}.get(self.record.kind, "d²f" if self.record.order == 2 else "df")
        left = sign if not self.terminal.ascii_only else to_ascii(sign)
        return " = ".join([left, *forms]) if forms else ""

    def _general(self) -> Iterator[str]:
        """The records of which this is a special case."""
        for name, how in more_general(self.library, self.statement):
            yield f"{name} with {self.plain(how)}"

    def _related(self) -> Iterator[str]:
        yield from dict.fromkeys(self.record.see)

    def _labelled(self, label: str, words: str) -> Iterator[Styled]:
        if not words:
            return
        room = max(20, self.terminal.width - LABEL_WIDTH - 4)
        pieces = textwrap.wrap(words, room, break_on_hyphens=False, break_long_words=False) or [""]
        yield f"  {label:<{LABEL_WIDTH}}  {pieces[0]}", ""
        for piece in pieces[1:]:
            yield f"  {'':<{LABEL_WIDTH}}  {piece}", ""


def _symbols_in(node: Node) -> list[Symbol]:
    return [part for part in walk(node) if isinstance(part, Symbol)]


def record_line(record: Record, terminal: Terminal, width: int) -> str:
    """One line about a record: its id and its name."""
    name = to_ascii(record.name) if terminal.ascii_only else record.name
    return f"  {record.id:<{width}}  {name}"
