"""``mc verify``: is the gradient that somebody wrote right, and if not, which mistake is it."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from mccli.cli.arguments import check_colour, check_format
from mccli.cli.options import AsciiOption, AssumeOption, ColourOption, ShapeOption
from mccli.cli.terminal import Terminal, detect
from mccli.cli.verify_json import document
from mccli.cli.verify_progress import Progress
from mccli.cli.verify_text import VerdictText, summary_line, tail
from mccli.cli.verify_watch import watch
from mccli.cli.write import print_encoded, write_lines
from mccli.errors import UsageError, report, unknown_choice
from mccli.numeric.script import parse_target
from mccli.numeric.verify import Outcome, Request, overall, seconds_of
from mccli.numeric.verify import verify as verified

SEED = 1

TargetArgument = Annotated[
    str, typer.Argument(metavar="FILE.py[:NAME]", help="A function, or a file with all its pairs.", show_default=False)
]
GradOption = Annotated[
    str,
    typer.Option("--grad", metavar="NAME", help="The gradient; else grad_f, f_grad, df, f.grad.", show_default=False),
]
OfOption = Annotated[
    str, typer.Option("--of", metavar="EXPR", help="A formula that the function is to compute.", show_default=False)
]
WrtOption = Annotated[
    list[str] | None, typer.Option("--wrt", metavar="X", help="The arguments to check.", show_default=False)
]
MatchOption = Annotated[
    list[str] | None,
    typer.Option("--match", metavar="A=ARG", help="Which argument a symbol of the formula is.", show_default=False),
]
OrderOption = Annotated[int, typer.Option("--order", metavar="1|2", help="2: the Hessian, hess_f.")]
AtOption = Annotated[
    str, typer.Option("--at", metavar="FILE.npz", help="Arguments saved by numpy.savez.", show_default=False)
]
SeedOption = Annotated[int, typer.Option("--seed", metavar="N", help="For what is drawn.")]
TimeoutOption = Annotated[str, typer.Option("--timeout", metavar="10s", help="The longest that one call may take.")]
MemoryOption = Annotated[
    int, typer.Option("--memory", metavar="MB", help="The most memory; half of the machine's.", show_default=False)
]
BudgetOption = Annotated[
    str, typer.Option("--budget", metavar="10s", help="Time for the check, and for the mistake.", show_default=False)
]
ThoroughOption = Annotated[bool, typer.Option("--thorough", help="Look at every entry.")]
PythonOption = Annotated[
    str, typer.Option("--python", metavar="EXE", help="The interpreter that runs the script.", show_default=False)
]
WatchOption = Annotated[bool, typer.Option("--watch", help="Verify again whenever a file is saved.")]
FormatOption = Annotated[str, typer.Option("--format", metavar="FORMAT", help="text or json.")]


def verify(
    target: TargetArgument,
    grad: GradOption = "",
    of: OfOption = "",
    wrt: WrtOption = None,
    match: MatchOption = None,
    shape: ShapeOption = None,
    assume: AssumeOption = None,
    order: OrderOption = 1,
    at: AtOption = "",
    seed: SeedOption = SEED,
    timeout: TimeoutOption = "10s",
    memory: MemoryOption = 0,
    budget: BudgetOption = "",
    thorough: ThoroughOption = False,
    python: PythonOption = "",
    output: FormatOption = "text",
    watching: WatchOption = False,
    ascii_only: AsciiOption = False,
    colour: ColourOption = "auto",
) -> None:
    """Is the gradient in a script right, and if not, which mistake is it.

    The gradient of f is found as grad_f, f_grad, df, f.grad, or named with --grad; or f returns (value, gradient).
    Arguments are drawn for --shape or annotations with shapes, or come from mc_example(rng) in the script, from
    defaults, or from --at. The script runs in a process of its own, with limits; that is no sandbox.

    Exit 0: right. 1: wrong. 2: it cannot be told, or could not be run.

    Examples:

      mc verify model.py:loss --shape w:4 --shape X:m,4 --shape y:m

      mc verify model.py:loss --of "||X w - y||^2" --wrt w

      mc verify model.py
    """
    request = Request(
        target=target.strip(),
        grad=grad.strip(),
        formula=of.strip(),
        wrt=tuple(wrt or ()),
        shapes=tuple(shape or ()),
        assume=tuple(assume or ()),
        match=tuple(match or ()),
        order=order,
        at=at,
        seed=seed,
        timeout=seconds_of(timeout, "--timeout"),
        memory=memory << 20 if memory else None,
        budget=seconds_of(budget, "--budget") if budget else None,
        thorough=thorough,
        python=python or None,
    )
    _check_options(request, output, memory)
    _run(request, output, detect(ascii_only=ascii_only, colour=check_colour(colour)), watching=watching)


def _run(request: Request, output: str, terminal: Terminal, *, watching: bool) -> None:
    """Once, or until Ctrl-C."""
    if watching:
        code = watch(lambda: _once(request, output, terminal), _folder(request), ascii_only=terminal.ascii_only)
    else:
        code = _once(request, output, terminal)
    if code:
        raise typer.Exit(code)


def _check_options(request: Request, output: str, memory: int) -> None:
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
