"""The user's script, run apart: ``mc verify script.py:f`` asks it for functions and for their values.

The script runs in one child process with its own channel for answers, limits of time and memory, and its printing
captured; when it hangs, crashes, reads the keyboard or ends the program, mc says so in one sentence and goes on.

This protects against accidents. **It is no sandbox**: the code runs with the rights of the person who started mc,
and can read, write, delete and send what that person can. Do not verify code that you would not run.

    with Script("model.py:loss") as script:
        script.functions                                    # what the file defines
        script.call("loss", {"x": x, "A": A}).value         # NumPy arrays in and out, for JAX and PyTorch too
        script.scalar_probe("loss", {"x": x}, {"x": v}, steps)

Mistakes are subclasses of :class:`mccli.errors.ScriptError`. Modules: ``target`` (what is named), ``script`` (functions
and their values), ``conversation`` (questions to the process, and its accidents), ``process`` (start, limits, end),
``wire`` (messages), ``child`` and what it imports (the other side), ``mistakes`` (sentences), ``pairs`` (which function
is the gradient of which).
"""

from __future__ import annotations

from mccli.numeric.script.answers import FunctionInfo, Outcome, Parameter, Probe, Value
from mccli.numeric.script.mistakes import (
    CallFailed,
    Crashed,
    ImportFailed,
    OutOfMemory,
    TargetMistake,
    TimedOut,
    ValueMistake,
)
from mccli.numeric.script.pairs import Pair, pairs
from mccli.numeric.script.printed import Printed
from mccli.numeric.script.script import Script
from mccli.numeric.script.target import Target, parse_target
from mccli.numeric.script.wire import Rng

__all__ = [
    "CallFailed",
    "Crashed",
    "FunctionInfo",
    "ImportFailed",
    "OutOfMemory",
    "Outcome",
    "Pair",
    "Parameter",
    "Printed",
    "Probe",
    "Rng",
    "Script",
    "Target",
    "TargetMistake",
    "TimedOut",
    "Value",
    "ValueMistake",
    "pairs",
    "parse_target",
]
