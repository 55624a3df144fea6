"""Writing to standard output: styled lines through Rich where colour is on, plain text otherwise."""

from __future__ import annotations

import sys
from collections.abc import Iterable

STYLES = {"dim": "dim", "strong": "bold", "good": "green"}


def write_lines(lines: Iterable[tuple[str, str]], *, colour: bool) -> None:
    """Print lines with their styles. Text is never read as markup and never wrapped."""
    if not colour:
        for line, _style in lines:
            print(line)
        return
    from rich.console import Console
    from rich.text import Text

    console = Console(force_terminal=True, highlight=False, soft_wrap=True)
    for line, style in lines:
        console.print(Text(line, style=STYLES.get(style, "")), soft_wrap=True)


def print_encoded(text: str) -> None:
    """Print text; what the output's encoding lacks is written as an escape (\\u03b4), as JSON and Python read it."""
    encoding = sys.stdout.encoding or "ascii"
    print(text.encode(encoding, "backslashreplace").decode(encoding))
