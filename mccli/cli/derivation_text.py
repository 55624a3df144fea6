"""A derivation as text: lines for a person at a terminal, records for a pipe."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from dataclasses import dataclass, replace

from mccli.api import Result
from mccli.calculus.derivation import (
    ALONG,
    DIFFERENTIAL,
    GRADIENT,
    HESSIAN,
    JACOBIAN,
    PULLBACK,
    Derivation,
    Derivative,
)
from mccli.calculus.naming import Definition
from mccli.calculus.steps import Rule, Step
from mccli.calculus.structure import project, tangent_of
from mccli.cli.convexity_words import convexity_facts
from mccli.cli.derivation_names import (
    convention_words,
    layout_words,
    notation_words,
    read_off,
    result_name,
    space_words,
)
from mccli.cli.needs_text import need_text
from mccli.cli.terminal import Terminal
from mccli.errors import to_ascii
from mccli.expressions.graph import count_nodes
from mccli.expressions.sizes import ONE, shape_text
from mccli.expressions.tree import Node, Symbol, Transpose, transpose
from mccli.render.text import length, text

LONGEST_RESULT = 64
"""A result longer than this is shown in the names of the derivation."""
KIND_OF_LINE = {
    GRADIENT: "gradient",
    PULLBACK: "gradient",
    JACOBIAN: "jacobian",
    HESSIAN: "hessian",
    DIFFERENTIAL: "differential",
    ALONG: "derivative",
}
"""What a line with a result is called in a pipe."""


@dataclass(frozen=True)
class Line:
    """One line: a kind for pipes, what stands on the left, the formula, a remark, the shape, a style."""

    kind: str
    left: str
    formula: str
    remark: str = ""
    shape: str = ""
    strong: bool = False


class DerivationText:
    """Lays out a derivation for a terminal."""

    def __init__(self, result: Result, terminal: Terminal, *, steps: bool) -> None:
        self.result, self.terminal, self.with_steps = result, terminal, steps
        self.derivation = result.derivation

    def show(self, node: Node) -> str:
        """A formula in the notation of the terminal."""
        return text(node, ascii_only=self.terminal.ascii_only)

    def symbol(self, name: str) -> str:
        """A name in the notation of the terminal."""
        return self.show(Symbol(name, (ONE, ONE)))

    def shape(self, node: Node) -> str:
        """A shape in the notation of the terminal."""
        return shape_text(node.shape, times="x" if self.terminal.ascii_only else "×")

    # ------------------------------------------------------------------------------------ the parts

    def value_line(self) -> Line:
        """The function as it was understood."""
        start = self.derivation.first or self.derivation
        names = ", ".join(self.symbol(v.name) for v in self.derivation.variables)
        remark = f"paired with {self.show(self.derivation.upstream)}" if self.derivation.upstream is not None else ""
        return Line(
            "function", f"{start.function}({names})", self.show(start.expression), remark, self.shape(start.expression)
        )

    def step_lines(self) -> Iterator[Line]:
        """The steps, each chapter with its canonical form last."""
        derivation = self.derivation
        if derivation.first is not None:
            yield from self._chapter(derivation.first)
        for chapter in derivation.chapters:
            yield from self._start_of(chapter)
            yield from self._chapter(chapter, second=not any(map(self._is_symmetrised, chapter.results)))
        if derivation.steps:
            if derivation.first is not None:
                yield from self._start_of(derivation)
            yield from self._chapter(derivation)
        if derivation.kind == HESSIAN:
            yield self._second_differential()

    def _start_of(self, chapter: Derivation) -> Iterator[Line]:
        """The gradient that a chapter differentiates, under its name."""
        yield Line(
            "step", chapter.function, self.show(chapter.expression), "the gradient", self.shape(chapter.expression)
        )

    def _chapter(self, derivation: Derivation, *, second: bool = False) -> Iterator[Line]:
        lines = [self._step_line(step) for step in derivation.steps]
        canonical, reading = self.canonical(derivation), self.read_off(derivation, second=second)
        if canonical and canonical != lines[-1].formula:
            trace = self._needs_trace(lines[-1].formula, canonical)
            lines.append(Line("step", "", canonical, f"{trace}{reading}", "scalar"))
        elif lines[-1].remark and reading:
            lines[-1] = replace(lines[-1], remark=f"{lines[-1].remark}; {reading}")
        yield from lines[:-1] if self._is_said_below(derivation) else lines

    def _is_said_below(self, derivation: Derivation) -> bool:
        """Whether the last line is the result itself, which stands below with its reason."""
        if derivation.kind != DIFFERENTIAL:
            return False
        return self.show(derivation.steps[-1].expression) == self.show(self.shown_form(derivation.results[0]))

    def _last_reason(self) -> str:
        """The reason of the last line, where that is the result itself."""
        if not self.with_steps or not self._is_said_below(self.derivation):
            return ""
        return "; ".join(self.rule(r) for r in self.derivation.steps[-1].rules)

    def _second_differential(self) -> Line:
        """d²f as a quadratic form, from which the Hessian is read off."""
        first = self.derivation.first
        assert first is not None
        terms = [self._quadratic(block) for block in self.derivation.results]
        left = f"d^2{first.function}" if self.terminal.ascii_only else f"d²{first.function}"
        reading = "read off the Hessian" if len(terms) == 1 else "read off each block"
        return Line("step", left, " + ".join(terms), reading, "scalar")

    def _quadratic(self, block: Derivative) -> str:
        assert block.of is not None
        twice = "" if block.of == block.variable else "2*" if self.terminal.ascii_only else "2 "
        prime, times = ("'", "*") if self.terminal.ascii_only else ("ᵀ", " ")
        left, right = (self._stacked(v) for v in (block.of, block.variable))
        if block.of.is_scalar and block.variable.is_scalar:
            prime = ""
        return f"{twice}{left}{prime}{times}H{times}{right}".replace("H", self._block_name(block))

    def _block_name(self, block: Derivative) -> str:
        assert block.of is not None
        return "H" if len(self.derivation.results) == 1 else f"H{block.of.name}{block.variable.name}"

    def _stacked(self, variable: Symbol) -> str:
        change = self.symbol(f"d{variable.name}")
        return change if variable.columns == ONE else f"vec({change})"

    def _needs_trace(self, before: str, after: str) -> str:
        """The reason why a scalar without a trace can be written as a trace."""
        if "tr(" not in after or "tr(" in before:
            return ""
        return "a'*M*b = tr(b*a'*M); " if self.terminal.ascii_only else "aᵀ M b = tr(b aᵀ M); "

    def _step_line(self, step: Step) -> Line:
        remark = "; ".join(self.rule(r) for r in step.rules)
        shape = self.shape(step.expression)
        return Line("step", self._differential_name(step.left), self.show(step.expression), remark, shape)

    def _differential_name(self, left: str) -> str:
        """A left-hand side in the notation of the terminal: df, d²f, vec(df)."""
        if left.startswith("vec("):
            return f"vec({self.symbol(left[4:-1])})"
        if left.startswith("d²"):
            return f"d^2{left[2:]}" if self.terminal.ascii_only else left
        return self.symbol(left) if left else ""

    def rule(self, rule: Rule) -> str:
        """A reason: words, or the equation of the rule."""
        if rule.left is None or rule.right is None:
            return to_ascii(rule.words.replace(" ⊗ ", "⊗")) if self.terminal.ascii_only else rule.words
        equation = f"{self.show(rule.left)} = {self.show(rule.right)}"
        return f"{rule.words}: {equation}" if rule.words else equation

    def canonical(self, derivation: Derivation) -> str:
        """``df = tr(Gᵀ dX)`` with G as one group, or "" if the last line says just that or no gradient is read off."""
        if derivation.kind not in (GRADIENT, PULLBACK):
            return ""
        pairs = [(v, g) for v, g in derivation.pairs]
        if any(count_nodes(g) == 1 or transpose(g) == g for _, g in pairs) or all(v.is_scalar for v, _ in pairs):
            return ""
        return " + ".join(self._pairing(variable, g) for variable, g in pairs)

    def _pairing(self, variable: Symbol, gradient: Node) -> str:
        prime = "'" if self.terminal.ascii_only else "ᵀ"
        times = "*" if self.terminal.ascii_only else " "
        change = self.symbol(f"d{variable.name}")
        if variable.is_scalar:
            return f"({self.show(gradient)}){times}{change}"
        turned = self.show(Transpose(gradient))  # in brackets only where the formula needs them
        atomic = turned == f"{self.show(gradient)}{prime}"
        pair = f"{turned}{times}{change}" if atomic else f"({self.show(gradient)}){prime}{times}{change}"
        return pair if variable.columns == ONE else f"tr({pair})"

    def read_off(self, derivation: Derivation, *, second: bool = False) -> str:
        """The identification that is used in the last line."""
        return read_off(derivation, self.show, ascii_only=self.terminal.ascii_only, second=second)

    def result_lines(self) -> Iterator[Line]:
        """The results, with the names they are written in."""
        used: list[Definition] = []
        for told, result in zip(self.derivation.results, self.result.results, strict=True):
            shown = self.shown_form(result)
            remark = self._projection(told) or self._symmetrised(told) or self._last_reason()
            yield Line(
                KIND_OF_LINE[self.derivation.kind],
                self._name(result),
                self.show(shown),
                remark,
                self.shape(shown),
                strong=True,
            )
            used += [d for d in self.needed_names(shown) if d not in used]
            if result.independent is not None:
                other = self.show(result.independent)
                yield Line(
                    "convention",
                    "",
                    other,
                    convention_words(result),
                    self.shape(result.independent),
                )
        for definition in used:
            left = f"with {self.symbol(definition.symbol.name)}"
            yield Line("where", left, self.show(definition.expression), "", self.shape(definition.expression))

    def _projection(self, gradient: Derivative) -> str:
        """How the gradient in the space of a structured variable comes from the unconstrained one."""
        if self.derivation.kind not in (GRADIENT, PULLBACK):
            return ""
        paired = dict(self.derivation.pairs).get(gradient.variable)
        space = gradient.structure or tangent_of(gradient.variable)
        if space is None or paired is None or project(paired, gradient.variable) == paired:
            return ""
        part = "tangent" if gradient.structure is None else gradient.structure
        return f"the {part} part of {self.show(paired)}"

    def _symmetrised(self, block: Derivative) -> str:
        """How the Hessian by a structured variable comes from the Jacobian of the gradient in its space."""
        return "the symmetric matrix of the same form" if self._is_symmetrised(block) else ""

    def _is_symmetrised(self, block: Derivative) -> bool:
        blocks = [b for chapter in self.derivation.chapters for b in chapter.results]
        return any((b.of, b.variable) == (block.of, block.variable) and b.full != block.full for b in blocks)

    def _name(self, result: Derivative) -> str:
        turned = self.result.layout if self.result.is_turned else ""
        return result_name(self.derivation, result, self.show, ascii_only=self.terminal.ascii_only, turned=turned)

    def shown_form(self, result: Derivative) -> Node:
        """The full form if it is short, else the form in names; the value's own name is kept."""
        own = self.derivation.function in result.named.symbols or self.derivation.adjoints
        if own and self.derivation.kind not in (ALONG, HESSIAN):
            return result.named
        return result.full if length(result.full) <= LONGEST_RESULT else result.named

    def needed_names(self, node: Node) -> list[Definition]:
        """The definitions that a formula needs, directly or through others, in order."""
        every = [d for told in self._told() for d in (*told.definitions, *told.adjoints)]
        wanted = set(node.symbols)
        for definition in reversed(every):
            if definition.symbol.name in wanted:
                wanted |= definition.expression.symbols
        return [d for d in every if d.symbol.name in wanted]

    def _told(self) -> tuple[Derivation, ...]:
        return (*self.derivation.chapters, self.derivation) if self.derivation.steps else self.derivation.chapters

    def fact_lines(self) -> Iterator[Line]:
        """Shapes, assumptions, remarks, the certificate."""
        symbols = self.result.used_symbols().values()
        shapes = ", ".join(f"{self.show(s)} {self.shape(s)}" for s in symbols)
        yield Line("shapes", "Shapes", shapes)
        conditions = [need_text(n, self.show) for n in self.derivation.needs]
        if conditions:
            joined = ", ".join(conditions)
            yield Line("needs", "Needs", to_ascii(joined) if self.terminal.ascii_only else joined)
        varying = {v.name for v in self.derivation.variables}
        used = [f"{self.symbol(n)} symmetric (declared)" for n in self.derivation.symmetry_used if n not in varying]
        if used:
            yield Line("uses", "Uses", ", ".join(used))
        layout = layout_words(self.derivation, self.result.layout)
        if layout:
            yield Line("layout", "Layout", layout)
        for words in notation_words([r.full for r in self.result.results]):
            yield Line("notation", "Notation", to_ascii(words) if self.terminal.ascii_only else words)
        for variable in self.derivation.variables:
            words = space_words(self.derivation, variable)
            if words:
                yield Line("space", "Space", f"{self.symbol(variable.name)} {words}")
        if self.result.convexity is not None:
            for label, words in convexity_facts(self.result.convexity, self.show):
                yield Line("convexity", label, to_ascii(words) if self.terminal.ascii_only else words)
        for note in self.result.elaborated.notes:
            yield Line("note", "Note", to_ascii(note) if self.terminal.ascii_only else note)
        yield from self._check_line()

    def _check_line(self) -> Iterator[Line]:
        check = self.result.certificate
        if check is not None:
            sizes = ", ".join(f"{letter}={value}" for letter, value in sorted(check.sizes.items()))
            where = f" (first with {sizes})" if sizes else ""
            yield Line(
                "checked",
                "Checked",
                f"{check.points} random points{where}, {check.method}: worst relative error {check.worst:.0e}",
            )

    # ------------------------------------------------------------------------------------ layouts

    def records(self) -> Iterator[str]:
        """One record a line, fields separated by tabs."""
        lines = [*(self.step_lines() if self.with_steps else ()), *self.result_lines(), *self.fact_lines()]
        for line in [self.value_line(), *lines]:
            yield "\t".join((line.kind, line.left, line.formula, line.shape, line.remark))

    def lines(self) -> Iterator[tuple[str, str]]:
        """Laid-out lines, each with a style ("", "dim", "strong", "rule")."""
        width = self.terminal.width
        rule = ("-" if self.terminal.ascii_only else "─") * width
        yield from self._laid_out([self.value_line()])
        yield rule, "dim"
        if self.with_steps:
            yield from self._laid_out(list(self.step_lines()))
            yield rule, "dim"
        yield from self._laid_out(list(self.result_lines()))
        yield "", ""
        for line in self.fact_lines():
            body = textwrap.wrap(line.formula, max(width - 12, 20), break_long_words=False) or [""]
            for i, part in enumerate(body):
                yield f"  {line.left if not i else '':<8}  {part}".rstrip(), "good" if line.kind == "checked" else "dim"

    def _laid_out(self, lines: list[Line]) -> Iterator[tuple[str, str]]:
        left = max(len(line.left) for line in lines)
        remark_column = 4 + left + 3 + min(max((len(line.formula) for line in lines if line.remark), default=0), 34) + 3
        for line in lines:
            style = "strong" if line.strong else ""
            yield from ((row, style) for row in self._rows(line, left, remark_column))

    def _rows(self, line: Line, left: int, remark_column: int) -> Iterator[str]:
        """A line in as many rows as it needs: formula, remark where there is room, shape flush right."""
        width = self.terminal.width
        indent = 2 + left + 5
        room = width - indent - len(line.shape) - 2
        pieces = textwrap.wrap(line.formula, max(room, 20), break_long_words=False, break_on_hyphens=False)
        head = f"  {line.left:<{left}}  =  {pieces[0]}"
        if line.remark and len(pieces) == 1:
            start = max(remark_column, len(head) + 3)
            if start + len(line.remark) + 2 + len(line.shape) <= width:
                head = f"{head:<{start}}{line.remark}"
                line = replace(line, remark="")
        yield f"{head:<{width - len(line.shape)}}{line.shape}".rstrip() if line.shape else head
        for piece in pieces[1:]:
            yield " " * indent + piece
        if line.remark:
            for part in textwrap.wrap(line.remark, max(width - indent - 2, 20), break_long_words=False):
                yield " " * (indent + 2) + part
