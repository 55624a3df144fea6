"""The engine's answer to a question that no record answers: derived and checked, and said to be that."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from mccli.api import Result, choose_variables
from mccli.calculus.derivation import derive as derive_steps
from mccli.cli.card import broken
from mccli.cli.terminal import Terminal
from mccli.errors import McError, to_ascii
from mccli.expressions.sizes import shape_text
from mccli.expressions.tree import Node
from mccli.identities.lookup import expected_variable
from mccli.language.elaborate import Elaborated
from mccli.render.text import text


class Derived(NamedTuple):
    """A gradient that the engine derived for an expression, or why it did not."""

    read: Elaborated
    variable: str
    gradient: Node | None
    checked: str = ""
    refusal: str = ""

    def lines(self, terminal: Terminal) -> Iterator[tuple[str, str]]:
        """The answer for a terminal."""
        if self.gradient is None:
            yield self._plain(f"It is not derived either: {self.refusal}", terminal), ""
            return
        shape = shape_text(self.gradient.shape, times="x" if terminal.ascii_only else "×")
        head = "grad f" if terminal.ascii_only else "∇f"
        label = f"  {head}({text_name(self.variable, terminal)}) = "
        pieces = broken(
            text(self.gradient, ascii_only=terminal.ascii_only), terminal.width - len(label) - len(shape) - 3
        )
        yield "Derived by the engine, not looked up:", "dim"
        yield f"{label}{pieces[0]}   {shape}", "strong"
        for piece in pieces[1:]:
            yield " " * len(label) + piece, "strong"
        yield self._plain(f"  {self.checked}", terminal), "good"
        yield self._plain(f'  Steps: mc derive "{self.read.text}" --wrt {self.variable}', terminal), "dim"

    def _plain(self, words: str, terminal: Terminal) -> str:
        return to_ascii(words) if terminal.ascii_only else words

    def fields(self) -> Sequence[str]:
        """The answer for a pipe, in the order of a record's fields."""
        assert self.gradient is not None
        function = text(self.read.expression, ascii_only=True)
        result = text(self.gradient, ascii_only=True)
        return (
            "derived",
            function,
            to_ascii(self.variable),
            "gradient",
            result,
            shape_text(self.gradient.shape, times="x"),
            "derived and checked",
        )

    def record(self) -> dict[str, object]:
        """The answer for JSON."""
        if self.gradient is None:
            return {"refused": self.refusal}
        return {"variable": self.variable, "gradient": text(self.gradient, ascii_only=True), "checked": self.checked}


def text_name(name: str, terminal: Terminal) -> str:
    """A variable in the notation of the terminal."""
    return to_ascii(name) if terminal.ascii_only else name


def derive(read: Elaborated, variables: Sequence[str]) -> Derived:
    """Derive and check the gradient of an expression; a refusal is an answer too."""
    name = variables[0] if variables else expected_variable(read) or ""
    try:
        chosen = choose_variables(read, [name] if name else [])
        result = Result(read, derive_steps(read.expression, read.symbols, chosen, read.inverted))
        certificate = result.check()
    except McError as error:
        return Derived(read, name, None, refusal=error.message)
    if not certificate.passed:
        return Derived(read, name, None, refusal="the check of the derived gradient failed; this is a mistake in mc")
    error_text = f"worst relative error {certificate.worst:.0e}"
    checked = f"Checked against differences ({certificate.method}) at {certificate.points} random points, {error_text}"
    return Derived(read, name, result.derivation.gradients[0].full, checked)
