"""A result that was typed behind an arrow, compared with what is known."""

from __future__ import annotations

from collections.abc import Sequence

from mccli.errors import McError, ShapeError
from mccli.expressions.tree import Node
from mccli.identities.equality import equal
from mccli.identities.instantiate import instantiate
from mccli.language.elaborate import Elaborated, elaborate


class Claim:
    """A typed result over the symbols of the expression before the arrow.

    Attributes:
        text: as it was typed.
        node: its tree; None if its shapes do not fit the symbols, so that no result can be equal to it.
        misfit: what does not fit then.
    """

    def __init__(self, text: str, read: Elaborated) -> None:
        """Read it. McError if it cannot be read."""
        self.text = text
        self.letters = read.letters
        self.node: Node | None = None
        self.misfit = ""
        shapes = {**read.scope.shapes, **{name: s.shape for name, s in read.symbols.items()}}
        properties = {**read.scope.properties, **{name: s.properties for name, s in read.symbols.items()}}
        shapes |= {f"d{name}": read.symbols[name].shape for name in read.symbols}
        try:
            self.node = elaborate(text, read.scope._replace(shapes=shapes, properties=properties)).expression
        except ShapeError as error:
            self.misfit = error.message
        except McError as error:
            error.notes = (*error.notes, "this is what stands behind the arrow")
            raise

    def equals(self, results: Sequence[Node]) -> bool:
        """Whether it is found equal, exactly, to one of the results. False says only that it was not."""
        return any(equal(result, node) for result in results if (node := self.fitted(result)) is not None)

    def fitted(self, result: Node) -> Node | None:
        """It with the sizes that it leaves open (those of 2I) taken from a result; None if it has another shape."""
        if self.node is None:
            return None
        pairs = zip(self.node.shape, result.shape, strict=True)
        sizes = {a.letter: b for a, b in pairs if a.letter is not None and a.letter not in self.letters}
        node = instantiate(self.node, {}, sizes) if sizes else self.node
        return node if node.shape == result.shape else None
