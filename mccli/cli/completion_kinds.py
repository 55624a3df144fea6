"""What the value of an option or argument is, so that it can be completed: what Click itself does not know.

An option that is not understood here has no kind, and a test fails until it has one.
"""

from __future__ import annotations

import re

from typer.core import TyperArgument, TyperOption

Parameter = TyperArgument | TyperOption
NOTHING = "none"
"""The kind of a value that only the person knows: a number, a definition, a word of their own."""

KINDS = {
    "EXPR": "expression",
    "EQUATION": "expression",
    "X": "symbol",
    "A:m,n": "shape",
    "S:PROPERTY": "property",
    "DEFINITION": "definition",
    "FAMILY": "family",
    "FILE": "file",
    "PATH": "file .yaml",
    "FILE.npz": "file .npz",
    "FILE.py[:NAME]": "script",
    "EXE": "file",
    "lookup TEXT": "identity",
    "ops NAME": "operation",
    "verify --grad": "function",
    "help TOPIC": "topic",
    "numpy": "choice numpy",
    "derive --order": "choice 1 2",
    "V": NOTHING,
    "G": NOTHING,
    "A=ARG": NOTHING,
    "N": NOTHING,
    "MB": NOTHING,
    "10s": NOTHING,
    "2,3": NOTHING,
}
"""By metavar, or by the command with an option or a metavar where the metavar alone does not tell."""

LISTED = frozenset({"FORMAT", "WHEN", "LEVEL", "LAYOUT"})
"""Metavars of options whose help lists the choices: ``text, json or latex.``"""

_CHOICES = re.compile(r"((?:[\w-]+, )*[\w-]+ or [\w-]+)\.?$")


def kind_of(command: str, parameter: Parameter) -> str | None:
    """The kind of a parameter's value; None if it is not known here."""
    choices = _choices(parameter)
    key = key_of(command, parameter)
    return f"choice {' '.join(choices)}" if choices else KINDS[key] if key else None


def key_of(command: str, parameter: Parameter) -> str | None:
    """Where a parameter stands in the table; None if it does not."""
    metavar = _metavar(parameter)
    keys = (*(f"{command} {name}" for name in (*parameter.opts, metavar)), metavar)
    return next((key for key in keys if key in KINDS and not _choices(parameter)), None)


def _metavar(parameter: Parameter) -> str:
    """The metavar without the brackets and dots of an argument that may be left out or repeated."""
    return re.sub(r"^\[(.*?)\](?:\.\.\.)?$", r"\1", parameter.metavar or "")


def _choices(parameter: Parameter) -> list[str]:
    """The choices: Click's own, those in ``1|2``, or those that the help lists."""
    metavar = _metavar(parameter)
    own = getattr(parameter.type, "choices", None)  # Typer brings a Click of its own in some versions
    if own:
        return [str(choice) for choice in own]
    if "|" in metavar:
        return metavar.split("|")
    listed = _CHOICES.search(getattr(parameter, "help", None) or "") if metavar in LISTED else None
    return listed.group(1).replace(" or ", ", ").split(", ") if listed else []
