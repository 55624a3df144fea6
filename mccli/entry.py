"""The entry point of the installed commands: a TAB is answered without loading the rest of mc."""

from __future__ import annotations

import sys

COMPLETE = "--complete"
"""The hidden argument with which the completion scripts call mccli."""


def entry() -> None:
    """Answer a completion script, or run the command."""
    if sys.argv[1:2] == [COMPLETE]:
        from mccli.completion.answer import run

        run(sys.argv[2:])
    else:
        from mccli.cli.main import entry as command

        command()
