"""Options as plain data, and a reader for them that loads nothing.

Typer is told about these options from the same table (:mod:`mccli.cli.options`), and takes over whatever the plain
reader does not understand: help, slips, anything unusual. So both always know the same options.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

DECLARATIONS, OUTPUT = "Declarations", "Output"
"""Groups of options in the help."""


class PlainOption(NamedTuple):
    """An option: as it is typed, the parameter it sets, and what the help says.

    ``kind`` is text, many (it may be repeated), number or flag.
    """

    typed: str
    parameter: str
    metavar: str
    help: str
    kind: str = "text"
    group: str = ""


SHAPE = PlainOption(
    "--shape", "shape", "A:m,n", "Declare a shape: A:m,n  x:n  a:scalar.", kind="many", group=DECLARATIONS
)
ASSUME = PlainOption(
    "--assume",
    "assume",
    "S:PROPERTY",
    "Declare a property: symmetric, skew, spd, psd, diagonal, orthogonal, invertible, lower, upper, positive,"
    " simplex, unit, integer, fullrank.",
    kind="many",
    group=DECLARATIONS,
)
DEFINE = PlainOption(
    "--define",
    "define",
    "DEFINITION",
    'Declare a function: "swish(t) = t*sigmoid(t)", "L(z): scalar", "phi(t): elementwise", "f(x): m".',
    kind="many",
    group=DECLARATIONS,
)
FORMAT = PlainOption("--format", "output", "FORMAT", "text or json.", group=OUTPUT)
ASCII = PlainOption("--ascii", "ascii_only", "", "Print ASCII only.", kind="flag", group=OUTPUT)
COLOUR = PlainOption("--color", "colour", "WHEN", "auto, always or never.", group=OUTPUT)
WRT = PlainOption("--wrt", "wrt", "X", "The variable.", kind="many")
FAMILY = PlainOption("--family", "family", "FAMILY", "List the identities of a family.")
COUNT = PlainOption("--count", "count", "N", "Further matches shown; 0 is all.", kind="number")
LOOKUP = (WRT, FAMILY, SHAPE, ASSUME, DEFINE, COUNT, FORMAT, ASCII, COLOUR)
"""The options of ``mc lookup``."""


def read_plainly(arguments: Sequence[str], options: Sequence[PlainOption]) -> tuple[str, dict[str, Any]] | None:
    """The one argument that is no option ("" if there is none), and the parameters. None for Typer to take over."""
    table = {option.typed: option for option in options}
    given: dict[str, Any] = {}
    plain: list[str] = []
    rest = list(arguments)
    while rest:
        word = rest.pop(0)
        if word in ("-h", "-V", "--") or (word.startswith("--") and word.partition("=")[0] not in table):
            return None
        if not word.startswith("--"):
            plain.append(word)
            continue
        typed, equals, value = word.partition("=")
        option = table[typed]
        if option.kind == "flag":
            if equals:
                return None
            given[option.parameter] = True
            continue
        if not equals and not rest:
            return None
        if not _put(given, option, value if equals else rest.pop(0)):
            return None
    return ("".join(plain), given) if len(plain) < 2 else None


def _put(given: dict[str, Any], option: PlainOption, value: str) -> bool:
    """Set the parameter of an option. False for a value that only Typer can speak about."""
    if option.kind == "many":
        given.setdefault(option.parameter, []).append(value)
    elif option.kind == "number":
        if not (value.isascii() and value.isdigit()):
            return False
        given[option.parameter] = int(value)
    else:
        given[option.parameter] = value
    return True
