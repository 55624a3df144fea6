"""``mc help``: what the commands and the notation are about."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from typing import Annotated

import typer

from mccli.cli.help_topics import ORDER, Topic, topic
from mccli.cli.options import AsciiOption
from mccli.cli.pager import show
from mccli.cli.terminal import Terminal, detect
from mccli.errors import NameMistake, Typed, closest

Styled = tuple[str, str]

TopicArgument = Annotated[str, typer.Argument(metavar="[TOPIC]", help="A topic or a command.", show_default=False)]


def help(about: TopicArgument = "", ascii_only: AsciiOption = False) -> None:
    """Explain a topic or a command; list the topics if none is named.

    Examples:

      mc help

      mc help notation

      mc help derive
    """
    terminal = detect(ascii_only=ascii_only)
    name = about.strip()
    if name in ORDER:
        show([(terminal.plain(line), style) for line, style in topic_lines(topic(name), terminal)], terminal)
    elif name:
        _command_help(name)
    else:
        show([(terminal.plain(line), style) for line, style in _list(terminal)], terminal)


def _command_help(name: str) -> None:
    """The help of a command, as ``mc COMMAND --help`` prints it."""
    from mccli.cli.app import COMMANDS, run

    if name in COMMANDS:
        raise typer.Exit(run([name, "--help"]))
    near = closest(name, [*ORDER, *COMMANDS])
    notes = [f"did you mean {near}?"] if near else []
    notes += [f"topics: {', '.join(ORDER)}", f"commands: {', '.join(COMMANDS)}"]
    raise NameMistake(f"there is no help about {name}", notes=notes, fix=near, typed=Typed(name))


def _list(terminal: Terminal) -> Iterator[Styled]:
    if not terminal.interactive:
        yield from ((f"{name}\t{topic(name).title}", "") for name in ORDER)
        return
    yield "Topics", "strong"
    yield from ((f"  mc help {name:<14}{topic(name).title}", "") for name in ORDER)
    yield "", ""
    yield "Commands: mc --help lists them, mc help COMMAND explains one.", ""


def topic_lines(topic: Topic, terminal: Terminal) -> Iterator[Styled]:
    """A topic for a terminal: paragraphs filled to its width, the rest as it stands."""
    yield topic.title, "strong"
    for block in topic.blocks:
        yield "", ""
        if block.kind == "text":
            filled = textwrap.wrap(" ".join(block.lines), terminal.width, break_on_hyphens=False)
            yield from ((line, "") for line in filled)
        else:
            yield from ((line, "strong" if block.kind == "heading" else "") for line in block.lines)
