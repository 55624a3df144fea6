"""What a completion script gets for a line, without the shell."""

from __future__ import annotations

from mccli.completion.answer import text_of


def offered(before: str, after: str = "", shell: str = "fish") -> list[str]:
    """What is offered at a cursor between two texts, by value."""
    return list(described(before, after, shell))


def described(before: str, after: str = "", shell: str = "fish") -> dict[str, str]:
    """What is offered, with what is said about it."""
    line = [before] if shell == "fish" else [before, before + after, before.rpartition(" ")[2]]
    lines = text_of([shell, *line]).splitlines()[1:]
    return {value: about for value, _, about in (line.partition("\t") for line in lines)}


def how(before: str) -> str:
    """How the shell is told to go on."""
    return text_of(["fish", before]).splitlines()[0]
