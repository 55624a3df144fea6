"""The command line: commands, exit codes, and the one place where mistakes are reported."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Sequence
from contextlib import suppress

from mccli.errors import FileMistake, LimitReached, McError, OwnMistake

RECURSION_LIMIT = 20_000
"""Expressions of up to 800 operators nest that deep; Python's default of 1000 frames does not suffice."""
INTERRUPTED = 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Run mc. Returns the exit code: 0 done, 1 nothing found or a check failed, 2 bad input, 130 Ctrl-C."""
    sys.setrecursionlimit(RECURSION_LIMIT)
    given = list(sys.argv[1:] if arguments is None else arguments)
    try:
        code = carry_out(given)
        if sys.stdout is not None:
            sys.stdout.flush()
        return code
    except McError as error:
        return fail(error, given)
    except KeyboardInterrupt:
        return INTERRUPTED
    except (BrokenPipeError, SystemExit):  # Click turns a closed pipe into SystemExit
        _discard_output()
        return 0
    except MemoryError:
        return fail(LimitReached("this needs more memory than there is"), given)
    except OSError as error:
        _discard_output()
        return fail(FileMistake(f"cannot write: {error.strerror or error}"), given)
    except RecursionError:
        return fail(LimitReached("this expression is nested too deeply for mc"), given)
    except Exception as error:
        if os.environ.get("MC_DEBUG"):
            raise
        return fail(internal(error), given)


def _discard_output() -> None:
    """Point standard output at nothing, so that the interpreter can close it without a complaint."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)


def carry_out(arguments: Sequence[str]) -> int:
    """Run a command; its exit code. McError for every mistake of the person's."""
    if arguments[:1] == ["lookup"]:
        # loading Typer would cost more than the answer: it is left to what the plain reader does not understand
        from mccli.cli.plain_options import LOOKUP, read_plainly

        plain = read_plainly(arguments[1:], LOOKUP)
        if plain is not None:
            from mccli.cli.lookup_answer import answer

            query, given = plain
            return answer(query, **given)
    if arguments[:1] == ["repl"] and len(arguments) <= 2 and not "".join(arguments[1:]).startswith("-"):
        from mccli.cli.console import run as hold_session  # the first prompt does not wait for Typer either

        return hold_session(*arguments[1:])
    from mccli.cli.app import run

    return run([protect_minus(a) for a in arguments])


def protect_minus(argument: str) -> str:
    """An expression may start with a minus sign: ``-log|X|`` is no option."""
    if argument.startswith("-") and not argument.startswith("--") and argument not in ("-", "-h", "-V"):
        return " " + argument
    return argument


def internal(error: Exception) -> McError:
    """What is said where the mistake is mc's."""
    return OwnMistake(
        f"mc made a mistake ({type(error).__name__}: {error})",
        notes=["this is a bug in mc, not in your input; please report the command", "MC_DEBUG=1 shows the traceback"],
    )


def fail(error: McError, arguments: Sequence[str]) -> int:
    """Report a mistake on standard error and give its exit code."""
    from mccli.cli.mistake import reported  # loaded where something went wrong: off the fast path

    with suppress(BrokenPipeError):
        print(reported(error, arguments, carry_out), file=sys.stderr)
    return error.exit_code


def entry() -> None:
    """The entry point of the installed commands."""
    # mc works on matrices of a few entries: threads for them cost as much as loading NumPy
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    gc.disable()  # a short-lived process: collections during start-up cost a tenth of it and free nothing
    sys.exit(main())
