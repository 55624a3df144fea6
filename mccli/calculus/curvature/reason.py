"""A reason: a short statement about expressions, with the statements it follows from."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from mccli.expressions.tree import Node


@dataclass(frozen=True)
class Reason:
    """A statement. ``{0}``, ``{1}``, ... in ``words`` stand for ``nodes``; ``because`` are the statements below it."""

    words: str
    nodes: tuple[Node, ...] = ()
    because: tuple[Reason, ...] = ()

    def lines(self, depth: int = 0) -> Iterator[tuple[int, Reason]]:
        """The statement and those below it, each with its depth."""
        yield depth, self
        for reason in self.because:
            yield from reason.lines(depth + 1)
