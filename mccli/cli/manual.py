"""``python -m mccli.cli.manual``: the manual page, made from the help of the commands and from the topics."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import typer

from mccli import __version__
from mccli.cli.app import ABOUT, GROUPS, application
from mccli.cli.help_layout import described, grouped_options
from mccli.cli.help_topics import ORDER, Block, Topic, topic
from mccli.folders import data_folder

PAGE = os.path.join("man", "mccli.1")
"""Where the page is in the data folder."""

SECTIONS = {"exit-codes": "EXIT STATUS", "environment": "ENVIRONMENT"}
"""Topics that a manual page has a usual name for; they stand last."""


def page() -> str:
    """The text of the manual page, in the macros of man(7)."""
    lines = [
        f'.TH MCCLI 1 "" "mccli {__version__}" "User Commands"',
        ".SH NAME",
        r"mccli, mc \- matrix calculus on the command line",
        ".SH SYNOPSIS",
        r"\fBmc\fR \fICOMMAND\fR [\fIOPTIONS\fR] [\fIARGUMENTS\fR]",
        ".SH DESCRIPTION",
        *_paragraphs(described(ABOUT)[0]),
        *_verbatim(described(ABOUT)[1]),
    ]
    for title, commands in GROUPS.items():
        lines.append(f".SH {title.upper()}")
        for name in commands:
            lines += _command(name)
    for name in (n for n in ORDER if n not in SECTIONS):
        lines += _topic(topic(name), name.upper())
    for name, title in SECTIONS.items():
        lines += _topic(topic(name), title)
    return "\n".join(lines) + "\n"


ROFF = str.maketrans({"\\": r"\e", "-": r"\-", "'": r"\(aq", "`": r"\(ga", "^": r"\(ha", "~": r"\(ti"})
"""Characters that roff would print as others."""


def _escaped(text: str) -> str:
    """Text that roff prints as it stands; a dot at the start of a line would be a request."""
    text = text.translate(ROFF)
    return rf"\&{text}" if text.startswith(".") else text


def _paragraphs(paragraphs: Iterable[str]) -> Iterator[str]:
    for paragraph in paragraphs:
        yield from (".PP", _escaped(paragraph))


def _verbatim(lines: Sequence[str]) -> Iterator[str]:
    if lines:
        yield from (".PP", ".RS 4", ".nf")
        yield from (_escaped(line) for line in lines)
        yield from (".fi", ".RE")


def _command(name: str) -> Iterator[str]:
    group: Any = typer.main.get_command(application(name))
    command = group.commands[name]
    context = typer.Context(command, info_name=name, parent=typer.Context(group, info_name="mc"))
    paragraphs, examples = described(command.help or "")
    usage = " ".join(("mc", name, *command.collect_usage_pieces(context)))
    yield from (f".SS {name}", rf"\fB{_escaped(usage)}\fR", *_paragraphs(paragraphs))
    for records in grouped_options(command, context).values():
        for option, about in (record for record in records if "--help" not in record[0]):
            yield from (".TP", rf"\fB{_escaped(option)}\fR", _escaped(" ".join(about.split())))
    yield from _verbatim(examples)


def _topic(topic: Topic, title: str) -> Iterator[str]:
    yield f".SH {_escaped(title)}"
    for block in topic.blocks:
        yield from _block(block)


def _block(block: Block) -> Iterable[str]:
    if block.kind == "heading":
        return [f".SS {_escaped(block.lines[0])}"]
    if block.kind == "text":
        return _paragraphs([" ".join(block.lines)])
    return _verbatim([line.removeprefix("    ") for line in block.lines])


def main() -> None:
    """Write the page."""
    path = os.path.join(data_folder(), PAGE)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="utf-8", newline="\n") as file:
        file.write(page())
    print(path)


if __name__ == "__main__":
    main()
