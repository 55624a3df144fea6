"""The engine's answer to a question that no record answers: derived and checked, and said to be that."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from mccli.api import Result, choose_variables
from mccli.cli.columns import wrapped_formula
from mccli.cli.line import shown
from mccli.cli.terminal import Terminal
from mccli.derivatives import Request, run
from mccli.errors import McError, to_ascii
from mccli.expressions.sizes import shape_text
from mccli.expressions.tree import Node
from mccli.identities.claim import Claim
from mccli.identities.lookup import expected_variable
from mccli.language.elaborate import Elaborated
from mccli.numeric.same_values import same_values
from mccli.render.text import text

SIGNS = {"gradient": "∇f({})", "jacobian": "J({})", "hessian": "∇²f({})", "differential": "df"}
ASCII_SIGNS = {"gradient": "grad f({})", "hessian": "Hessian f({})"}
OPTIONS = {"hessian": ("--order", "2"), "differential": ("--differential",)}
"""What ``mc derive`` is told besides the function and the variable."""


class Derived(NamedTuple):
    """What the engine derived for an expression, or why it did not."""

    read: Elaborated
    variable: str
    options: Sequence[tuple[str, str]]
    kind: str
    formula: Node | None
    checked: str = ""
    refusal: str = ""

    @property
    def command(self) -> str:
        """The command that derives just this, with everything that was declared, as it can be pasted."""
        words = [word for option in self.options for word in option]
        return shown(["derive", self.read.text, "--wrt", self.variable, *OPTIONS.get(self.kind, ()), *words])

    def lines(self, terminal: Terminal) -> Iterator[tuple[str, str]]:
        """The answer for a terminal."""
        if self.formula is None:
            yield terminal.plain(f"It is not derived either: {self.refusal}"), ""
            return
        shape = shape_text(self.formula.shape, times="x" if terminal.ascii_only else "×")
        sign = ASCII_SIGNS.get(self.kind, SIGNS[self.kind]) if terminal.ascii_only else SIGNS[self.kind]
        label = f"  {sign.format(terminal.plain(self.variable))} = "
        pieces = wrapped_formula(
            text(self.formula, ascii_only=terminal.ascii_only), terminal.width - len(label) - len(shape) - 3
        )
        yield "Derived by the engine, not looked up:", "dim"
        yield f"{label}{pieces[0]}   {shape}", "strong"
        for piece in pieces[1:]:
            yield " " * len(label) + piece, "strong"
        yield terminal.plain(f"  {self.checked}"), "good"
        yield f"  Steps: {self.command}", "dim"

    def fields(self) -> Sequence[str]:
        """The answer for a pipe, in the order of a record's fields."""
        assert self.formula is not None
        shape = shape_text(self.formula.shape, times="x")
        function, result = (text(node, ascii_only=True) for node in (self.read.expression, self.formula))
        return ("derived", function, to_ascii(self.variable), self.kind, result, shape, "derived")

    def record(self) -> dict[str, object]:
        """The answer for JSON."""
        if self.formula is None:
            return {"refused": self.refusal}
        return {
            "variable": self.variable,
            "kind": self.kind,
            "result": text(self.formula, ascii_only=True),
            "how": "derived",
            "checked": self.checked,
            "command": self.command,
        }


def derive(
    read: Elaborated, variables: Sequence[str], kind: str = "", options: Sequence[tuple[str, str]] = ()
) -> Derived:
    """Derive and check a derivative of an expression; a refusal is an answer too.

    ``kind`` is what was asked for, if anything; ``options`` are the declarations under which the text reads like this.
    """
    name = variables[0] if variables else expected_variable(read) or ""
    request = Request(order=2 if kind == "hessian" else 1, differential=kind == "differential")
    try:
        result = Result(*run(read, choose_variables(read, [name] if name else []), request), None, request)
        certificate = result.check()
    except McError as error:
        return Derived(read, name, options, kind, None, refusal=error.message)
    if not certificate.passed:
        said = "the check of what was derived failed; this is a mistake in mc"
        return Derived(read, name, options, kind, None, refusal=said)
    error_text = f"worst relative error {certificate.worst:.0e}"
    checked = f"Checked against differences ({certificate.method}) at {certificate.points} random points, {error_text}"
    return Derived(read, name, options, result.derivation.kind, result.results[0].full, checked)


def agrees(claim: Claim, results: Sequence[Node]) -> bool | None:
    """Whether a typed result is one of the results, by its values if need be; None if it has none to compare."""
    if claim.equals(results):
        return True
    verdicts = [same_values(node, result) for result in results if (node := claim.fitted(result)) is not None]
    if True in verdicts:
        return True
    return None if None in verdicts else False
