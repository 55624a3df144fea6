"""``mc completion``: the scripts with which a shell completes mc's words."""

from __future__ import annotations

import os
from typing import Annotated

import typer

from mccli.cli.write import print_encoded
from mccli.errors import FileMistake, Typed, UsageError, closest
from mccli.folders import completions_folder

SCRIPTS = {"bash": "mccli.bash", "zsh": "_mccli", "fish": "mc.fish", "powershell": "mccli.ps1"}
"""The shells, each with its file in ``completions/``."""

ShellArgument = Annotated[str, typer.Argument(metavar="bash|zsh|fish|powershell", help="The shell.")]


def completion(shell: ShellArgument) -> None:
    """Print the script with which a shell completes commands, options, identities, symbols and functions.

    Where to put it: see the README. Loading it starts no process.

    Examples:

      mc completion bash

      mc completion zsh
    """
    name = SCRIPTS.get(shell.strip())
    if name is None:
        near = closest(shell, SCRIPTS)
        notes = [f"did you mean {near}?"] if near else []
        notes.append("shells: " + ", ".join(SCRIPTS))
        raise UsageError(f"there is no completion for {shell}", notes=notes, fix=near, typed=Typed(shell))
    path = os.path.join(completions_folder(), name)
    try:
        with open(path, encoding="utf-8") as file:
            print_encoded(file.read().rstrip("\n"))
    except OSError as error:
        raise FileMistake(f"the completion script cannot be read: {path}", notes=[str(error.strerror)]) from None
