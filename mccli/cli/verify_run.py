"""``mc verify`` carried out: the functions looked at one after the other, and what is printed of each."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from mccli.cli.arguments import check_format
from mccli.cli.progress import Progress
from mccli.cli.terminal import Terminal
from mccli.cli.verify_json import document
from mccli.cli.verify_text import VerdictText, summary_line, tail
from mccli.cli.verify_watch import watch
from mccli.cli.write import print_encoded, write_lines
from mccli.errors import UsageError, report, unknown_choice
from mccli.numeric.script import parse_target
from mccli.numeric.verify import Outcome, Request, overall, seconds_of
from mccli.numeric.verify import verify as verified

__all__ = ["Request", "check_options", "run", "seconds_of"]


def run(request: Request, output: str, terminal: Terminal, *, watching: bool) -> int:
    """Once, or until Ctrl-C; the exit code."""
    if watching:
        return watch(lambda: _once(request, output, terminal), _folder(request), ascii_only=terminal.ascii_only)
    return _once(request, output, terminal)


def check_options(request: Request, output: str, memory: int) -> None:
    """Refuse options that cannot be. UsageError."""
    check_format(output)
    if request.order not in (1, 2):
        raise unknown_choice("--order", str(request.order), ("1", "2"), said="1 is the gradient, 2 the Hessian")
    if memory < 0:
        raise UsageError(f"--memory {memory} is no size", notes=["it is a number of megabytes"])
    if request.seed < 0:
        raise UsageError(f"--seed {request.seed} is negative", notes=["seeds are whole numbers from 0 on"])
    whole = not parse_target(request.target).attribute
    for given, option in ((request.grad, "--grad"), (request.formula, "--of"), (request.wrt, "--wrt")):
        if whole and given:
            raise UsageError(f"{option} needs a function", notes=[f"name one: {request.target}:NAME"])
    if request.match and not request.formula:
        raise UsageError("--match needs --of", notes=["it says which argument a symbol of the formula is"])


def _folder(request: Request) -> Path:
    """The folder whose files are watched."""
    file = parse_target(request.target).file
    return Path(file).expanduser().parent if file else Path.cwd()


def _once(request: Request, output: str, terminal: Terminal) -> int:
    """One run, printed; its exit code."""
    progress = Progress()
    whole = not parse_target(request.target).attribute
    outcomes: list[Outcome] = []
    try:
        for outcome in verified(request, progress):
            progress.clear()
            outcomes.append(outcome)
            if output == "text":
                _write(outcome, terminal, whole=whole)
    finally:
        progress.clear()
    if output == "json":
        print_encoded(json.dumps(document(request.target, outcomes), ensure_ascii=False, indent=2, allow_nan=False))
    elif whole and terminal.interactive:
        print(tail(outcomes))
    return overall(tuple(outcomes))


def _write(outcome: Outcome, terminal: Terminal, *, whole: bool) -> None:
    """One function: a line where it is right among others, everything otherwise."""
    if outcome.error is not None and outcome.verdict == "cannot tell":
        if whole:
            print(VerdictText(outcome, terminal).plain(summary_line(outcome)), flush=True)
        else:
            raise outcome.error
        print(report(outcome.error, ascii_only=terminal.ascii_only), file=sys.stderr)
        return
    layout = VerdictText(outcome, terminal)
    if whole and outcome.verdict == "right":
        lines = [layout.headline()] if terminal.interactive else list(layout.records())[:1]
        write_lines([(line, "good" if terminal.interactive else "") for line in lines], colour=terminal.colour)
    elif terminal.interactive:
        write_lines(layout.lines(), colour=terminal.colour)
    else:
        for record in layout.records():
            print(record)
