"""The cheat sheet as a PDF, made by the ``typst`` wheel without any network."""

from __future__ import annotations

from importlib import import_module

from mccli.errors import McError, UsageError
from mccli.render.sheet import typst
from mccli.render.sheet.model import Sheet


def document(sheet: Sheet) -> bytes:
    """The PDF. UsageError if the wheel is not installed."""
    try:
        compiler = import_module("typst")
    except ImportError:
        raise UsageError(
            "a PDF needs the typst package, which is not installed",
            notes=["--format tex and --format html need nothing"],
            fix='pip install "mccli[pdf]"',
        ) from None
    try:
        made: bytes = compiler.compile(typst.document(sheet).encode(), format="pdf")
    except Exception as error:
        raise McError("the PDF could not be made", notes=[str(error).splitlines()[0]]) from None
    return made
