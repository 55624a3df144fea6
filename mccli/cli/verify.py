"""``mc verify``: is the gradient that somebody wrote right, and if not, which mistake is it."""

from __future__ import annotations

from importlib import import_module
from typing import Annotated

import typer

from mccli.cli.options import AsciiOption, AssumeOption, ColourOption, ShapeOption
from mccli.cli.terminal import detect

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
    runner = import_module("mccli.cli.verify_run")  # here, so that --help needs neither NumPy nor the engine
    request = runner.Request(
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
        timeout=runner.seconds_of(timeout, "--timeout"),
        memory=memory << 20 if memory else None,
        budget=runner.seconds_of(budget, "--budget") if budget else None,
        thorough=thorough,
        python=python or None,
    )
    runner.check_options(request, output, memory)
    code = runner.run(request, output, detect(ascii_only=ascii_only, colour=colour), watching=watching)
    if code:
        raise typer.Exit(code)
