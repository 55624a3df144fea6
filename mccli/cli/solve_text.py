"""A stationary point as text: lines for a person at a terminal, records for a pipe."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from dataclasses import dataclass

from mccli.calculus.naming import Definition, name_parts, occurrences, weight
from mccli.calculus.solving.stationary import Line as Step
from mccli.calculus.solving.stationary import Point
from mccli.cli.solve_words import check_words, condition_text, eigen_words, fitted, kind_words, needs_of
from mccli.cli.terminal import Terminal
from mccli.errors import to_ascii
from mccli.expressions.graph import substitute, walk
from mccli.expressions.sizes import shape_text
from mccli.expressions.tree import Node, is_zero, multiply
from mccli.render.text import length, text
from mccli.solving import Solution

LONGEST_RESULT = 64
"""Where a solution is longer than this, parts that occur several times in it get names."""
SHORTEST_PART = 5
"""Nodes from which on a repeated part is worth a name."""
WIDEST_LEFT = 26
"""A left side that is longer than this does not move the equals signs of the other lines."""


@dataclass(frozen=True)
class Row:
    """One line: a kind for pipes, the two sides, the reason, the shape."""

    kind: str
    left: str
    right: str
    reason: str = ""
    shape: str = ""


class SolveText:
    """Lays out a solution for a terminal."""

    def __init__(self, solution: Solution, terminal: Terminal, *, steps: bool) -> None:
        self.solution, self.terminal, self.with_steps = solution, terminal, steps
        self.problem = solution.stationary
        self.names: dict[Node, Node] = {}
        self.definitions: list[Definition] = []
        self._name_parts()

    def _name_parts(self) -> None:
        """Names for what occurs several times in a long solution: C for the centring matrix, say."""
        results = [s.expression for point in self.problem.points for s in point.solved]
        if max((length(r) for r in results), default=0) <= LONGEST_RESULT:
            return
        counts = occurrences(results)
        unknown = {v.name for v in self.problem.variables}
        parts = [
            n
            for n in dict.fromkeys(n for r in results for n in walk(r))
            if counts.get(n, 0) > 1 and weight(n) >= SHORTEST_PART and not n.depends_on(unknown)
        ]
        taken = {name for r in results for name in r.symbols} | unknown | {self.problem.function, "I"}
        taken |= {c.multiplier.name for c in self.problem.constraints} | set(self.solution.elaborated.letters)
        self.definitions = name_parts(self.problem.expression, parts, taken)[1]
        self.names = {part: d.symbol for part, d in zip(parts, self.definitions, strict=True)}

    def show(self, node: Node) -> str:
        """A formula in the notation of the terminal; a zero array is 0."""
        if is_zero(node):
            return "0"
        return text(substitute(node, self.names), ascii_only=self.terminal.ascii_only)

    def words(self, words: str) -> str:
        """Words in the notation of the terminal."""
        return to_ascii(words.replace("ℒ", "L")) if self.terminal.ascii_only else words

    def shape(self, node: Node) -> str:
        """A shape in the notation of the terminal."""
        return shape_text(node.shape, times="x" if self.terminal.ascii_only else "×")

    # ------------------------------------------------------------------------------------ the parts

    def function_rows(self) -> Iterator[Row]:
        """The function as it was understood, and the constraints."""
        names = ", ".join(self.show(v) for v in self.problem.variables)
        value = self.problem.expression
        yield Row("function", f"{self.problem.function}({names})", self.show(value), "", self.shape(value))
        for c in self.problem.constraints:
            yield Row("constraint", self.show(c.left), self.show(c.right), "", self.shape(c.left))

    def step_rows(self) -> Iterator[Row]:
        """The steps."""
        for step in self.problem.lines:
            yield Row("step", self._left(step), self.show(step.right), self.words(step.reason), self.shape(step.right))

    def _left(self, step: Step) -> str:
        if isinstance(step.left, Node):
            return self.show(step.left)
        return self.words(step.left)

    def result_rows(self) -> Iterator[Row]:
        """The condition of an eigenvalue problem, or the unknowns at every stationary point."""
        eigen = self.problem.eigen
        if eigen is not None:
            yield Row("condition", self.show(eigen.left), self.show(eigen.right), "", self.shape(eigen.left))
        for i, point in enumerate(self.problem.points):
            kind = "solution" if len(self.problem.points) == 1 else f"solution {i + 1}"
            for s in point.solved:
                yield Row(kind, self.show(s.variable), self.show(s.expression), "", self.shape(s.variable))
        for d in self.definitions:
            meaning = text(d.expression, ascii_only=self.terminal.ascii_only)
            yield Row("where", f"with {self.show(d.symbol)}", meaning, "", self.shape(d.symbol))

    def facts(self) -> Iterator[tuple[str, str]]:
        """Shapes, conditions, whether it is a minimum, the notes, the check."""
        symbols = self.solution.elaborated.symbols.values()
        yield "Shapes", ", ".join(f"{self.show(s)} {self.shape(s)}" for s in symbols)
        if self.problem.eigen is not None:
            yield from self._of_eigenproblem()
        for i, point in enumerate(self.problem.points):
            yield from self._of_point(i, point)
        yield from (("Note", self.words(note)) for note in self.solution.elaborated.notes)
        for i, check in enumerate(self.solution.checks):
            yield self._numbered("Checked", i), self.words(check_words(self.solution, check))

    def _of_eigenproblem(self) -> Iterator[tuple[str, str]]:
        assert self.problem.eigen is not None
        needs = [condition_text(n, self.show) for n in needs_of(self.solution, None)]
        if needs:
            yield "Needs", self.words(", ".join(needs))
        found = eigen_words(self.problem.eigen, self.problem.function, self.show)
        yield from ((label, self.words(words)) for label, words in found)

    def _of_point(self, number: int, point: Point) -> Iterator[tuple[str, str]]:
        needs = [condition_text(n, self.show) for n in needs_of(self.solution, point)]
        if needs and (number == 0 or point.needs != self.problem.points[number - 1].needs):
            yield "Needs", self.words(", ".join(needs))
        label, words = kind_words(self.solution, number, self.show)
        yield self._numbered(label, number), self.words(words)
        projection = fitted(self.solution)
        if projection is not None:
            product, value = projection
            matrix = multiply(*product.children()[:-1])
            yield (
                "Fitted",
                f"{self.show(product)} = {self.show(value)}, the projection onto the columns of {self.show(matrix)}",
            )

    def _numbered(self, label: str, number: int) -> str:
        return label if len(self.problem.points) < 2 else f"{label} {number + 1}"

    # ------------------------------------------------------------------------------------ layouts

    def records(self) -> Iterator[str]:
        """One record a line, fields separated by tabs."""
        for row in [*self.function_rows(), *(self.step_rows() if self.with_steps else ()), *self.result_rows()]:
            yield "\t".join((row.kind, row.left, row.right, row.shape, row.reason))
        for label, words in self.facts():
            yield "\t".join((label.lower(), label, words, "", ""))

    def lines(self) -> Iterator[tuple[str, str]]:
        """Laid-out lines, each with a style."""
        width = self.terminal.width
        rule = ("-" if self.terminal.ascii_only else "─") * width
        yield from self._laid_out(list(self.function_rows()), "")
        yield rule, "dim"
        if self.with_steps:
            yield from self._laid_out(list(self.step_rows()), "")
            yield rule, "dim"
        yield from self._laid_out(list(self.result_rows()), "strong")
        yield "", ""
        facts = list(self.facts())
        column = max(8, *(len(label) for label, _ in facts))
        for label, words in facts:
            body = textwrap.wrap(words, max(width - column - 4, 20), break_long_words=False) or [""]
            for i, part in enumerate(body):
                style = "good" if label.startswith("Checked") else "dim"
                yield f"  {label if not i else '':<{column}}  {part}".rstrip(), style

    def _laid_out(self, rows: list[Row], style: str) -> Iterator[tuple[str, str]]:
        left = max((len(r.left) for r in rows if len(r.left) <= WIDEST_LEFT), default=WIDEST_LEFT)
        heads = [f"  {r.left:<{left}}  =  {r.right}" for r in rows]
        fitting = [
            len(h) for h, r in zip(heads, rows, strict=True) if r.reason and len(h) <= self.terminal.width * 2 // 3
        ]
        column = max(fitting, default=0) + 3
        for head, row in zip(heads, rows, strict=True):
            yield from ((line, style) for line in self._row(head, row, left, column))

    def _row(self, head: str, row: Row, left: int, column: int) -> Iterator[str]:
        """A row in as many lines as it needs: formula, reason where there is room, shape flush right."""
        width, indent = self.terminal.width, 2 + min(max(len(row.left), left), WIDEST_LEFT) + 5
        room = width - len(row.shape) - 2
        pieces = textwrap.wrap(head.lstrip(), room - 2, break_long_words=False, break_on_hyphens=False)
        pieces = [f"  {head[2:]}"] if len(head) <= room else [f"  {pieces[0]}", *_wrapped(pieces[1:], indent, room)]
        first, reason = pieces[0], row.reason
        start = max(column, len(first) + 3)
        if reason and len(pieces) == 1 and start + len(reason) <= room:
            first, reason = f"{first:<{start}}{reason}", ""
        yield f"{first:<{width - len(row.shape)}}{row.shape}".rstrip()
        yield from pieces[1:]
        if reason:
            for part in textwrap.wrap(reason, max(width - indent - 2, 20), break_long_words=False):
                yield " " * (indent + 2) + part


def _wrapped(rest: list[str], indent: int, room: int) -> list[str]:
    """The remaining pieces of a formula, indented below its right side."""
    body = textwrap.wrap(" ".join(rest), max(room - indent, 20), break_long_words=False, break_on_hyphens=False)
    return [" " * indent + piece for piece in body]
