"""The command line: commands, exit codes, and the one place where mistakes are reported."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Sequence

from mccli.errors import McError, report

RECURSION_LIMIT = 20_000
"""Expressions of up to 800 operators nest that deep; Python's default of 1000 frames does not suffice."""
INTERRUPTED = 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Run mc. Returns the exit code: 0 done, 1 nothing found or a check failed, 2 bad input, 130 Ctrl-C."""
    sys.setrecursionlimit(RECURSION_LIMIT)
    given = list(sys.argv[1:] if arguments is None else arguments)
    try:
        code = _run(given)
        if sys.stdout is not None:
            sys.stdout.flush()
        return code
    except McError as error:
        return fail(error, ascii_only="--ascii" in given)
    except KeyboardInterrupt:
        return INTERRUPTED
    except (BrokenPipeError, SystemExit):  # Click turns a closed pipe into SystemExit
        _discard_output()
        return 0
    except MemoryError:
        return fail(McError("this needs more memory than there is"), ascii_only=False)
    except OSError as error:
        _discard_output()
        return fail(McError(f"cannot write: {error.strerror or error}"), ascii_only=False)
    except RecursionError:
        return fail(McError("this expression is nested too deeply for mc"), ascii_only=False)
    except Exception as error:
        if os.environ.get("MC_DEBUG"):
            raise
        return fail(_internal(error), ascii_only=False)


def _discard_output() -> None:
    """Point standard output at nothing, so that the interpreter can close it without a complaint."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)


def _run(arguments: list[str]) -> int:
    if len(arguments) == 2 and arguments[0] == "lookup" and not arguments[1].startswith("-"):
        # one argument and no option need no parser, and loading Typer would cost more than the answer
        from mccli.cli.lookup_answer import answer

        return answer(arguments[1])
    from mccli.cli.app import run

    return run([protect_minus(a) for a in arguments])


def protect_minus(argument: str) -> str:
    """An expression may start with a minus sign: ``-log|X|`` is no option."""
    if argument.startswith("-") and not argument.startswith("--") and argument not in ("-", "-h", "-V"):
        return " " + argument
    return argument


def _internal(error: Exception) -> McError:
    return McError(
        f"mc made a mistake ({type(error).__name__}: {error})",
        notes=["this is a bug in mc, not in your input; please report the command", "MC_DEBUG=1 shows the traceback"],
    )


def fail(error: McError, *, ascii_only: bool) -> int:
    """Print a mistake on standard error and give its exit code."""
    from mccli.cli.terminal import detect

    try:
        plain = detect(ascii_only=ascii_only, stream=sys.stderr).ascii_only
        print(report(error, ascii_only=plain), file=sys.stderr)
    except BrokenPipeError:
        pass
    return error.exit_code


def entry() -> None:
    """The entry point of the installed commands."""
    # mc works on matrices of a few entries: threads for them cost as much as loading NumPy
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    gc.disable()  # a short-lived process: collections during start-up cost a tenth of it and free nothing
    sys.exit(main())
