"""What a TAB offers in a session: commands, names, functions, properties, identities, files."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable

from mccli.cli.repl_help import TOPICS
from mccli.completion.table import Table
from mccli.session.session import Session
from mccli.session.statement import COMMANDS, KINDS

WORDS = frozenset(word for word in KINDS if word.isalpha())


class Completer:
    """Candidates for a place in a line. ``session`` gives the session that the names are from."""

    def __init__(self, session: Callable[[], Session]) -> None:
        self.session = session
        self.table: Table | None = None

    def __call__(self, line: str, begin: int, end: int) -> list[str]:
        """Everything that the letters between two places can become."""
        before, word = line[:begin], line[begin:end]
        first, space, rest = line[:end].lstrip().partition(" ")
        if space and first == "save":
            return self._files(rest, word)
        if space and first == "lookup" and _is_identity(rest):
            return _continued(self._named("identity"), rest, word)
        return sorted({c for c in self._words(before, first, bool(space)) if c.startswith(word)})

    def _words(self, before: str, first: str, further: bool) -> Iterable[str]:
        state = self.session().state
        names = [*state.names(), *(("ans",) if state.result is not None else ())]
        if further and first == "help":
            return TOPICS
        if further and first == "clear":
            return names
        if ":" in before and "(" not in before:
            return ["scalar", *self._named("property")]
        calls = [f"{name}(" for name in self._named("operation") if name.isidentifier()]
        start = [*COMMANDS, *WORDS] if not before.strip() else []
        return [*start, *names, *calls]

    def _named(self, kind: str) -> list[str]:
        """Names from the table that the shells' completion uses; none if it is not there."""
        if self.table is None:
            try:
                self.table = Table.read()
            except OSError:
                self.table = Table("")
        return sorted(self.table.names(kind))

    def _files(self, typed: str, word: str) -> list[str]:
        folder, _, start = os.path.expanduser(typed).rpartition("/")
        try:
            entries = os.listdir(folder or ("/" if typed.startswith("/") else "."))
        except OSError:
            return []
        path = f"{folder}/" if "/" in typed else ""
        found = [e + "/" * os.path.isdir(path + e) for e in entries if not e.startswith(".") or start.startswith(".")]
        return _continued(found, start, word)


def _is_identity(text: str) -> bool:
    return all(c.isalnum() or c in "-_" for c in text)


def _continued(candidates: Iterable[str], typed: str, word: str) -> list[str]:
    """The candidates that begin with what is typed, from where the word begins that readline asks about."""
    done = len(typed) - len(word)
    return sorted(c[done:] for c in candidates if c.startswith(typed))
