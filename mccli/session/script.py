"""Sessions as scripts: one line each, as it was typed."""

from __future__ import annotations

import os
from collections.abc import Sequence

from mccli.errors import UsageError

HEAD = "# a session of mc; replay it with: mc repl FILE"
LARGEST = 1_000_000


def save(path: str, lines: Sequence[str]) -> int:
    """Write the lines of a session; how many. UsageError if it cannot be done, or would replace another file."""
    if not path:
        raise UsageError("save where?", notes=["save FILE"])
    path = os.path.expanduser(path)
    if os.path.exists(path) and not _is_session(path):
        raise UsageError(f"{path} is no session of mc and is left as it is", notes=["choose another name"])
    beside = f"{path}.new"
    try:
        with open(beside, "w", encoding="utf-8") as file:
            file.write("\n".join([HEAD, *(line for line in lines if line != HEAD)]) + "\n")
        os.replace(beside, path)
    except OSError as error:
        raise UsageError(f"cannot write {path}: {error.strerror or error}") from None
    return sum(1 for line in lines if line != HEAD)


def load(path: str) -> list[str]:
    """The lines of a script. UsageError if it cannot be read."""
    try:
        with open(os.path.expanduser(path), encoding="utf-8") as file:
            text = file.read(LARGEST + 1)
    except OSError as error:
        raise UsageError(f"cannot read {path}: {error.strerror or error}") from None
    except UnicodeDecodeError:
        raise UsageError(f"{path} is no text") from None
    if len(text) > LARGEST:
        raise UsageError(f"{path} is longer than {LARGEST} characters")
    return text.splitlines()


def _is_session(path: str) -> bool:
    try:
        with open(path, encoding="utf-8") as file:
            return file.readline().rstrip("\n") == HEAD
    except (OSError, UnicodeDecodeError):
        return False
