"""The two ends of a session: lines from a person, a pipe or a script, and replies on standard output."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Iterable
from io import TextIOWrapper
from typing import TYPE_CHECKING

from mccli.cli.terminal import Terminal, detect
from mccli.cli.write import print_records, write_lines
from mccli.errors import McError, report

if TYPE_CHECKING:
    from mccli.cli.repl_keys import Complete
    from mccli.session.reply import LookUp
    from mccli.session.session import Session

PROMPT = "mc> "
WELCOME = "mc: type an expression, or help; Ctrl-D leaves."


def run(script: str = "", *, ascii_only: bool = False, colour: str = "auto") -> int:
    """Hold a session. The exit code: that of the worst line of a script or a pipe, 0 for a person."""
    gc.enable()  # switched off for commands that end at once
    person = sys.stdin is not None and sys.stdin.isatty()
    console = Console(ascii_only=ascii_only, colour=colour)
    code = console.replay(script) if script else 0
    if person:
        return console.converse() if not console.over else 0
    if script or sys.stdin is None:
        return code
    if isinstance(sys.stdin, TextIOWrapper):
        sys.stdin.reconfigure(errors="replace")
    return console.feed(sys.stdin, "standard input")


class Console:
    """A session with a keyboard and a screen. What it needs is loaded at the first line: the first prompt is fast."""

    def __init__(self, *, ascii_only: bool, colour: str) -> None:
        self.ascii_only, self.colour = ascii_only, colour
        self.terminal = self._look()
        self.over = False
        self._session: Session | None = None
        self._completer: Complete | None = None

    @property
    def session(self) -> Session:
        """The session."""
        if self._session is None:
            from mccli.session.session import Session

            self._session = Session()
        return self._session

    def _look(self) -> Terminal:
        """The terminal as it is now: windows change."""
        return detect(ascii_only=self.ascii_only, colour=self.colour)

    # -------------------------------------------------------------------------------------------- lines in

    def converse(self) -> int:
        """Answer a person until they leave."""
        from mccli.cli.repl_keys import Keys

        keys = Keys(self._candidates)
        if self._session is None:
            write_lines([(WELCOME, "dim")], colour=self.terminal.colour)
        while not self.over:
            try:
                lines = keys.read(PROMPT)
            except KeyboardInterrupt:
                print()  # the line is dropped
                continue
            except EOFError:
                print()
                break
            for line in lines.splitlines():  # a pasted text may have several
                self.answer(line)
        return 0

    def _candidates(self, line: str, begin: int, end: int) -> list[str]:
        """What a TAB offers."""
        if self._completer is None:
            from mccli.cli.repl_complete import Completer

            self._completer = Completer(lambda: self.session)
        return self._completer(line, begin, end)

    def replay(self, path: str) -> int:
        """Answer the lines of a script."""
        from mccli.session.script import load

        return self.feed(load(path), path)

    def feed(self, lines: Iterable[str], source: str) -> int:
        """Answer lines that nobody types; the worst exit code among them. A line that fails does not stop the rest."""
        worst = 0
        for number, line in enumerate(lines, 1):
            text = line.rstrip("\r\n")
            if self.terminal.interactive and text.strip():
                write_lines([(self.terminal.plain(PROMPT + text), "dim")], colour=self.terminal.colour)
            worst = max(worst, self.answer(text, f"line {number} of {source}"))
            if self.over:
                break
        return worst

    # -------------------------------------------------------------------------------------------- replies out

    def answer(self, line: str, place: str = "") -> int:
        """Answer one line; its exit code. Whatever goes wrong, the session goes on."""
        try:
            return self._reply(line)
        except McError as error:
            return self._report(error, line, place)
        except KeyboardInterrupt:
            if place:
                raise
            print("stopped; the session is as it was", file=sys.stderr, flush=True)
            return 0
        except RecursionError:
            return self._report(McError("this expression is nested too deeply for mc"), line, place)
        except MemoryError:
            return self._report(McError("this needs more memory than there is"), line, place)
        except (BrokenPipeError, SystemExit):
            raise
        except Exception as error:
            if os.environ.get("MC_DEBUG"):
                raise
            from mccli.cli.main import internal

            return self._report(internal(error), line, place)

    def _reply(self, line: str) -> int:
        from mccli.cli.repl_help import lines_about
        from mccli.cli.repl_text import ReplyText
        from mccli.session.reply import Help, Left, LookUp

        reply = self.session.run(line)
        self.terminal = self._look()
        if isinstance(reply, Left):
            self.over = True
        elif isinstance(reply, LookUp):
            return self._look_up(reply)
        elif isinstance(reply, Help):
            self._print(lines_about(reply.topic, self.terminal))
        elif reply is not None and self.terminal.interactive:
            self._print(ReplyText(self.terminal).lines(reply))
        elif reply is not None:
            print_records(ReplyText(self.terminal).records(reply), self.terminal)
        sys.stdout.flush()
        return 0

    def _print(self, lines: Iterable[tuple[str, str]]) -> None:
        write_lines(((self.terminal.plain(line), style) for line, style in lines), colour=self.terminal.colour)

    def _look_up(self, asked: LookUp) -> int:
        from mccli.cli.lookup_answer import answer

        return answer(
            asked.query,
            asked.variables,
            "",
            asked.shapes,
            asked.properties,
            asked.functions,
            ascii_only=self.ascii_only,
            colour=self.colour,
        )

    def _report(self, error: McError, line: str, place: str) -> int:
        from mccli.session.advice import fix_for, in_session

        fix = fix_for(self.session, error, line)
        in_session(error)
        if place:
            error.notes = (*error.notes, place)
        sys.stdout.flush()
        plain = detect(ascii_only=self.ascii_only, stream=sys.stderr).ascii_only
        print(report(error, ascii_only=plain, fix=fix), file=sys.stderr, flush=True)
        return error.exit_code
