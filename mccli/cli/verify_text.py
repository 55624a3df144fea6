"""What ``mc verify`` found as text: the verdict first, laid out for a person or one record a line for a pipe."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

from mccli.cli.terminal import Terminal
from mccli.cli.verify_words import (
    counted,
    edit_sentence,
    number,
    place_words,
    ratio,
    shape_words,
    size,
    value_sentence,
    verdict_sentence,
    with_error,
)
from mccli.errors import to_ascii
from mccli.expressions.tree import Node, scaled
from mccli.numeric.gradcheck import ArgumentReport, Entry, Finding, Worst
from mccli.numeric.verify import Outcome
from mccli.render.text import text

LABEL_WIDTH = 10
SHOWN_ENTRIES = 10
SHOWN_NUMBERS = 12
HEADINGS = {"nothing claimed": "no gradient"}
STYLES = {"right": "good", "wrong": "strong", "cannot tell": "strong", "no gradient": "strong"}

Styled = tuple[str, str]


@dataclass(frozen=True)
class Row:
    """A kind for pipes, a label for people, and what is said; ``cells`` where a pipe gets more than one field."""

    kind: str
    label: str
    words: str
    cells: tuple[str, ...] = ()


class VerdictText:
    """Lays out one outcome."""

    def __init__(self, outcome: Outcome, terminal: Terminal) -> None:
        self.outcome, self.terminal = outcome, terminal

    def show(self, node: Node) -> str:
        """A formula in the notation of the terminal."""
        return text(node, ascii_only=self.terminal.ascii_only)

    def plain(self, words: str) -> str:
        """Words in the notation of the terminal."""
        table = str.maketrans({"±": "+-", "∞": "inf"})
        return to_ascii(words.translate(table)) if self.terminal.ascii_only else words

    # --------------------------------------------------------------------------------------- for a person

    def lines(self) -> Iterator[Styled]:
        """The whole."""
        yield self.headline(), STYLES[self.heading]
        for row in self.rows():
            yield from self._wrapped(row)

    @property
    def heading(self) -> str:
        """The verdict in a word or two."""
        return HEADINGS.get(self.outcome.verdict, self.outcome.verdict)

    def headline(self) -> str:
        """The verdict and what it is about."""
        return self.plain(f"{self.heading}   {verdict_sentence(self.outcome, self.show)}")

    def _wrapped(self, row: Row) -> Iterator[Styled]:
        label = f"  {row.label:<{LABEL_WIDTH}}  "
        if row.kind == "entry":
            yield self.plain(f"{label}{row.words}").rstrip(), ""
            return
        room = max(20, self.terminal.width - len(label))
        pieces = textwrap.wrap(self.plain(row.words), room, break_on_hyphens=False, break_long_words=False) or [""]
        yield f"{label}{pieces[0]}".rstrip(), ""
        for piece in pieces[1:]:
            yield " " * len(label) + piece, ""

    def records(self) -> Iterator[str]:
        """One record a line, its fields separated by tabs."""
        o = self.outcome
        sentence = self.plain(verdict_sentence(o, self.show))
        yield "\t".join(("verdict", self.heading, o.function, ",".join(o.derivatives.values()), sentence))
        for row in self.rows():
            cells = row.cells or tuple(filter(None, (row.label, row.words)))
            yield "\t".join((row.kind, *(self.plain(c) for c in cells)))

    # --------------------------------------------------------------------------------------- the parts

    def rows(self) -> Iterator[Row]:
        """Everything after the verdict."""
        yield from self._formula()  # the edit of a formula says more than any test of the numbers
        yield from self._mistakes()
        yield from self._reasons()
        yield from self._tables()
        yield from self._numerical()
        yield from self._seen()
        yield from self._against()
        yield from self._remarks()
        yield from self._place()

    def _mistakes(self) -> Iterator[Row]:
        """The diagnoses; the first is the likeliest."""
        several = len({d.argument for d in self.outcome.diagnoses}) > 1
        for i, found in enumerate(self.outcome.diagnoses):
            about = f"{found.argument}: " if several and found.argument else ""
            label = "Mistake" if not i else "or"
            evidence = f" ({found.evidence})" if found.evidence else ""
            words = f"{about}{found.sentence}{evidence}"
            yield Row("mistake", label, words, (found.label, found.argument, found.sentence, found.evidence))

    def _formula(self) -> Iterator[Row]:
        formula = self.outcome.formula
        if formula is None:
            return
        yield Row("value", "Value", value_sentence(formula, self.outcome.function))
        for gradient in formula.gradients:
            name, right = gradient.argument, self.show(gradient.right)
            label = gradient.kind.capitalize()
            if gradient.agrees is None:
                yield Row("formula", label, f"by {name} mc derives none: {gradient.remark}")
            elif gradient.agrees:
                exact = size(max(gradient.error, 1e-16))
                yield Row("formula", label, f"by {name} it is {right}, and yours agrees to {exact}")
            elif gradient.edit is not None:
                yield Row("formula", "Formula", edit_sentence(gradient.right, gradient.edit, self.show))
            else:
                missing = "no small edit of it has your numbers" if gradient.kind == "gradient" else "yours is not"
                yield Row("formula", label, f"by {name} {right} is right; {missing}")

    def _against(self) -> Iterator[Row]:
        """What a Jacobian or a Hessian was compared with by numbers."""
        o = self.outcome
        for kind in o.derivatives:
            if kind == "jacobian":
                yield Row("against", "Compared", f"the Jacobian with differences of {o.function}")
            elif kind == "hessian" and "gradient" in o.derivatives:
                yield Row("against", "Compared", f"the Hessian with differences of {o.derivatives['gradient']}")
            elif kind == "hessian":
                yield Row("against", "Compared", f"the Hessian with second differences of {o.function}")

    # --------------------------------------------------------------------------------------- why

    def _reasons(self) -> Iterator[Row]:
        """Why it cannot be told, or what else is wrong than numbers."""
        report = self.outcome.report
        if report is None or (self.outcome.verdict == "wrong" and self.outcome.diagnoses):
            return
        said: list[Finding] = []
        for finding in self._findings():
            if finding in said or finding.reason == "differs":
                continue
            said.append(finding)
            yield Row("reason", "Reason", finding.text)
            if finding.help:
                yield Row("help", "Try", finding.help)
        if self.outcome.verdict == "cannot tell" and not said and report.remarks:
            yield Row("reason", "Reason", report.remarks[0])
            yield Row("help", "Try", "let the function take its random numbers as an argument, or fix its seed")

    def _findings(self) -> Iterator[Finding]:
        report = self.outcome.report
        assert report is not None
        yield from report.findings
        for about in report.arguments:
            if about.verdict != "right":
                yield from about.findings

    # --------------------------------------------------------------------------------------- numbers

    def _tables(self) -> Iterator[Row]:
        for worst in self.outcome.worst:
            if worst.entries:
                yield from self._table(worst)

    def _table(self, worst: Worst) -> Iterator[Row]:
        entries = worst.entries[:SHOWN_ENTRIES]
        rows = [("entry", "yours", "numerical", "yours/numerical"), *(_cells(worst, e) for e in entries)]
        widths = [max(len(row[i]) for row in rows) for i in range(4)]
        for i, row in enumerate(rows):
            shown = "  ".join(f"{cell:<{width}}" if not j else f"{cell:>{width}}" for j, (cell, width) in enumerate(
                zip(row, widths, strict=True)))  # fmt: skip
            if i:
                e = entries[i - 1]
                exact = (row[0], f"{e.yours:.17g}", f"{e.numeric:.17g}", f"{e.error:.2g}", f"{e.ratio:.6g}")
                yield Row("entry", "", shown, exact)
            elif self.terminal.interactive:
                yield Row("entry", f"By {worst.name}", shown)
        yield Row("count", "", self._count(worst))

    def _count(self, worst: Worst) -> str:
        if worst.wrong is not None:
            return f"{worst.wrong:_} of {counted(worst.total, 'entry')} wrong".replace("_", " ").replace(
                "entrys", "entries"
            )
        share = f"about {worst.share:.0%} of " if worst.share else "some of "
        return f"{share}{worst.total:_} entries wrong ({worst.method})".replace("_", " ")

    def _numerical(self) -> Iterator[Row]:
        """The gradient by differences, where there is none to check, and what the function looks like."""
        for name, found in self.outcome.numerical.items():
            error = float(found.error.max()) if found.error.size else 0.0
            shape = shape_words(found.value.shape) or "scalar"
            values = [float(v) for v in found.value.reshape(-1)[:SHOWN_NUMBERS]]
            more = f" … ({shape})" if found.value.size > SHOWN_NUMBERS else f" ({shape})"
            yield Row("number", f"By {name}", "  ".join(map(number, values)) + more,
                      (name, shape, *(f"{float(v):.17g}" for v in found.value.reshape(-1))))  # fmt: skip
            yield Row("method", "", f"± {size(error)}, by {found.method}")
        for name in self.outcome.too_large:
            yield Row("number", f"By {name}", "too many entries to compute them all: give a smaller --shape")
        yield from self._alike()
        if self.outcome.verdict == "nothing claimed":
            f = self.outcome.function
            yield Row("help", "Try", f"grad_{f}, {f}_grad, d{f} or {f}.grad would be checked; others with --grad NAME")

    def _alike(self) -> Iterator[Row]:
        """Identities of the database with the same value and gradient."""
        for alike in self.outcome.alike:
            function = self.show(scaled(Fraction(alike.factor), alike.function))
            gradient = self.show(scaled(Fraction(alike.factor), alike.gradient))
            words = f"this looks like: {alike.id}   {function}, whose gradient by {alike.argument} is {gradient}"
            yield Row("alike", "Identity", words, (alike.id, alike.argument, function, gradient))

    def _seen(self) -> Iterator[Row]:
        """What the check could have seen, for every argument that is right."""
        report = self.outcome.report
        if report is None or self.outcome.verdict == "cannot tell":
            return
        several = len(self.outcome.derivatives) > 1
        for about in report.arguments:
            if about.verdict == "right":
                label = f"{about.name} {about.kind}" if several else f"By {about.name}"
                limit = about.limit.absolute if about.limit is not None else float("nan")
                yield Row("right", label, _limit_words(about), (about.name, about.kind, f"{limit:.3g}"))

    # --------------------------------------------------------------------------------------- around it

    def _remarks(self) -> Iterator[Row]:
        report = self.outcome.report
        remarks = list(self.outcome.remarks)
        if self.outcome.formula is not None:
            remarks += self.outcome.formula.remarks
        if report is not None:
            remarks += report.remarks if self.outcome.verdict != "cannot tell" else report.remarks[1:]
            remarks += [f"{a.name}: {remark}" for a in report.arguments for remark in a.remarks]
            remarks += [
                f"{name} was not looked at: {why}" for name, why in report.skipped.items() if name in self.outcome.names
            ]
        for remark in dict.fromkeys(remarks):
            yield Row("note", "Note", remark)
        for warning in report.warnings if report is not None else ():
            yield Row("warning", "Warning", warning)

    def _place(self) -> Iterator[Row]:
        o = self.outcome
        if o.looked:
            near = ", and a point nearby" if o.report is not None and len(o.report.points) > 1 else ""
            flavour = f", {o.flavour}" if o.flavour else ""
            yield Row("point", "Point", f"{place_words(o.looked)}{flavour} (seed {o.seed}){near}")
        if o.report is not None:
            calls = f"{counted(o.report.evaluations, 'evaluation')} of {o.function}"
            names = [n for n in o.derivatives.values() if n != o.function]
            calls += f", {o.report.gradient_evaluations} of {' and '.join(names)}" if names else ""
            yield Row("cost", "Cost", f"{calls}, {o.seconds:.2g} s")
        shown = o.printed.first_lines()
        for i, line in enumerate(shown):
            yield Row("printed", "It printed" if not i else "", line)


def _cells(worst: Worst, entry: Entry) -> tuple[str, str, str, str]:
    index = f"{worst.name}[{', '.join(map(str, entry.index))}]" if entry.index else worst.name
    if entry.output:
        index = f"f[{', '.join(map(str, entry.output))}] by {index}"
    return index, number(entry.yours), with_error(entry.numeric, entry.error), ratio(entry.ratio)


def _limit_words(about: ArgumentReport) -> str:
    points = counted(len({p.point for p in about.probes}), "point")
    how = f"{counted(len(about.probes), 'direction')} at {points}, {about.method}"
    if about.structure:
        how += f", {about.structure} directions"
    if about.limit is None or not about.limit.absolute < float("inf"):
        return f"right in {how}"
    relative = about.limit.relative
    typical = f" ({size(relative)} of a typical one)" if relative < float("inf") else ""
    return f"a single entry off by {size(about.limit.absolute)}{typical} would have been seen; {how}"


def summary_line(outcome: Outcome) -> str:
    """One line for a function of a whole file."""
    names = ", ".join(n for n in outcome.derivatives.values() if n != outcome.function) or "returned with it"
    why = f": {outcome.error.message}" if outcome.error is not None else ""
    return f"{outcome.verdict:<12}{outcome.function}  {names}{why}"


def tail(outcomes: Sequence[Outcome]) -> str:
    """How many of each."""
    verdicts = [o.verdict for o in outcomes]
    parts = [f"{verdicts.count(v)} {v}" for v in ("right", "wrong", "cannot tell") if v in verdicts]
    return f"{counted(len(outcomes), 'function')}: {', '.join(parts)}"
