"""The help topics: texts in ``data/help``, shown by ``mc help TOPIC`` and printed in the manual.

The first line is the title. A paragraph of one short line is a heading; lines indented by four spaces are shown as
they stand, and those that begin with ``$`` are commands.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import NamedTuple

from mccli.folders import data_folder

FOLDER = "help"
ORDER = (
    "notation", "shapes", "assumptions", "layouts", "checks", "output", "batch", "records", "exit-codes", "environment",
)  # fmt: skip
"""The topics as they are listed and as they stand in the manual."""

LONGEST_HEADING = 60


class Block(NamedTuple):
    """A part of a topic: ``kind`` is heading, text or verbatim."""

    kind: str
    lines: tuple[str, ...]


class Topic(NamedTuple):
    """A help topic."""

    name: str
    title: str
    blocks: tuple[Block, ...]

    def commands(self) -> Iterator[str]:
        """The commands that it shows, with their remarks."""
        for block in self.blocks:
            yield from (line.removeprefix("    $ ") for line in block.lines if line.startswith("    $ "))


def topic(name: str) -> Topic:
    """A topic by its name."""
    with open(os.path.join(data_folder(), FOLDER, f"{name}.txt"), encoding="utf-8") as file:
        title, _, rest = file.read().partition("\n")
    return Topic(name, title, tuple(_blocks(rest)))


def _blocks(text: str) -> Iterator[Block]:
    for paragraph in text.strip("\n").split("\n\n"):
        lines = tuple(paragraph.strip("\n").split("\n"))
        if lines[0].startswith("    "):
            yield Block("verbatim", lines)
        elif len(lines) == 1 and len(lines[0]) <= LONGEST_HEADING and lines[0][-1] not in ".:":
            yield Block("heading", lines)
        else:
            yield Block("text", lines)
