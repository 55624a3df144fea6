"""What the process with the user's code answers: functions as they are declared, and the outcome of a call."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mccli.errors import ScriptError
from mccli.numeric.script.printed import NOTHING_PRINTED, Printed

Array = NDArray[Any]
Value = Any
"""A number, a NumPy array or scalar, or tuples, lists and dicts of them."""


@dataclass(frozen=True)
class Parameter:
    """One parameter of a function. ``default`` is None where there is none, or where it is no number or array."""

    name: str
    required: bool = True
    default: Value = None
    default_text: str = ""
    annotation: str = ""
    kind: str = "positional or keyword"


@dataclass(frozen=True)
class FunctionInfo:
    """A function of the script as it is declared; ``readable`` is False where Python cannot tell its parameters."""

    name: str
    parameters: tuple[Parameter, ...] = ()
    line: int = 0
    doc: str = ""
    returns: str = ""
    readable: bool = True

    def parameter(self, name: str) -> Parameter | None:
        """The parameter of that name."""
        return next((p for p in self.parameters if p.name == name), None)


@dataclass(frozen=True)
class Outcome:
    """One evaluation of a function.

    ``changed_arguments`` were changed in place; ``shared_arguments`` share their memory with the value;
    ``reused_result`` says that the value lies in the memory of the one returned before; ``dtype`` is the least precise
    floating type in the value ("" if it has none). ``error`` is set by ``call_many(..., keep_errors=True)`` only.
    """

    value: Value
    seconds: float = 0.0
    changed_arguments: tuple[str, ...] = ()
    shared_arguments: tuple[str, ...] = ()
    reused_result: bool = False
    framework: str = "numpy"
    dtype: str = ""
    printed: Printed = NOTHING_PRINTED
    error: ScriptError | None = None


@dataclass(frozen=True)
class Probe:
    """Values of a function along a line. NaN where it raised; ``errors`` says what (None elsewhere)."""

    steps: Array
    values: Array
    errors: tuple[ScriptError | None, ...]
    seconds: float
    framework: str = "numpy"
    dtype: str = ""
    printed: Printed = NOTHING_PRINTED

    @property
    def first_error(self) -> ScriptError | None:
        """The first mistake on the line, if there was one."""
        return next((e for e in self.errors if e is not None), None)


def stacked(values: Sequence[Value], shape_of: Value) -> Array:
    """The values as one array with the steps first; missing ones (None) are NaN."""
    like = np.asarray(shape_of, dtype=np.result_type(np.asarray(shape_of).dtype, np.float64))
    rows = [np.full(like.shape, np.nan) if v is None else np.asarray(v) for v in values]
    return np.stack(rows) if rows else np.empty((0, *like.shape))
