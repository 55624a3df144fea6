"""The help inside a session."""

from __future__ import annotations

from collections.abc import Iterator

from mccli.cli.help_topics import ORDER, topic
from mccli.cli.terminal import Terminal
from mccli.errors import NameMistake, closest
from mccli.session.statement import COMMANDS

Styled = tuple[str, str]
TOPICS = (*COMMANDS, *ORDER)
"""What ``help`` knows something about."""

OVERVIEW = """\
Expressions
  A x - b                  its shape and normal form
  f = ||A x - b||^2        a name for it, to be used in others: g = f + c x'x
  f(x) = x'A x             a function: f(x), f(A x - b)
  phi(t) = t*sigmoid(t)    a function that acts entry by entry
Declarations
  A : m x n, symmetric     a shape, properties; also a, b : scalar and x in R^n
  L(z): scalar             a function that is not written out
Derivatives
  grad f x                 also df/dx, d f / d x, gradient of f wrt x
  grad tr(AXB) wrt X       of an expression without a name
  jacobian g x             of a vector or a matrix: outputs as rows, vec by vec
  hessian f x              also d^2 f / dx^2
  d f                      the differential; d f wrt x where x alone varies
  solve f x                where the gradient is 0; also subject to A x = b
  ans                      the last result, as in g = 2 ans"""


def lines_about(name: str, terminal: Terminal) -> Iterator[Styled]:
    """A page of the help. NameMistake if there is none of that name."""
    if not name:
        for line in OVERVIEW.splitlines():
            yield line, "" if line.startswith(" ") else "strong"
        yield "Commands", "strong"
        yield from ((f"  {line}", "") for line in COMMANDS.values())
        yield f"Topics: {', '.join(ORDER)}", "dim"
    elif name in COMMANDS:
        yield f"  {COMMANDS[name]}", ""
    elif name in ORDER:
        from mccli.cli.help import topic_lines  # Typer: only where a topic is read

        yield from topic_lines(topic(name), terminal)
    else:
        near = closest(name, TOPICS)
        notes = [f"did you mean {near}?"] if near else []
        raise NameMistake(f"there is no help about {name}", notes=[*notes, f"topics: {', '.join(TOPICS)}"])
