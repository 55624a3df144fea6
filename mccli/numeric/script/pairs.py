"""Which function is the gradient of which, by the names that people give them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from mccli.numeric.script.answers import FunctionInfo

PATTERNS: dict[str, tuple[str, ...]] = {
    "gradient": (
        *("{f}.grad", "{f}.gradient", "{f}.jac", "grad_{f}", "{f}_grad", "gradient_{f}", "{f}_gradient"),
        *("jac_{f}", "{f}_jac", "jacobian_{f}", "{f}_jacobian", "d_{f}", "d{f}", "{f}_prime", "{f}prime", "{f}_der"),
    ),
    "hessian": (
        *("{f}.hess", "{f}.hessian", "hess_{f}", "{f}_hess", "hessian_{f}", "{f}_hessian"),
        *("d2_{f}", "d2{f}", "dd{f}", "{f}_prime2"),
    ),
    "vjp": ("{f}.vjp", "vjp_{f}", "{f}_vjp"),
    "jvp": ("{f}.jvp", "jvp_{f}", "{f}_jvp"),
}
"""The names of the derivatives of a function ``f``, in the order in which they are preferred."""

ALONE: dict[str, tuple[str, ...]] = {
    "gradient": ("gradient", "grad", "jac", "jacobian", "derivative"),
    "hessian": ("hessian", "hess"),
    "vjp": ("vjp",),
    "jvp": ("jvp",),
}
"""Names that say no function; they belong to the only other function of the file."""

EXAMPLE = "mc_example"


@dataclass(frozen=True)
class Pair:
    """A function with its derivatives, by name; "" for one that is not there."""

    function: str
    gradient: str = ""
    hessian: str = ""
    vjp: str = ""
    jvp: str = ""

    @property
    def derivatives(self) -> tuple[str, ...]:
        """The names of the derivatives that are there."""
        return tuple(n for n in (self.gradient, self.hessian, self.vjp, self.jvp) if n)


def pairs(functions: Iterable[FunctionInfo | str]) -> list[Pair]:
    """The functions that have a derivative in the same file, in the order of the file."""
    names = [f if isinstance(f, str) else f.name for f in functions]
    found = [_pair(name, names) for name in names]
    taken = {derivative for pair in found for derivative in pair.derivatives}
    paired = [p for p in found if p.derivatives and p.function not in taken]
    if paired:
        return paired
    alone = _only_function(names)
    pair = _matching(alone, ALONE, names) if alone else None
    return [pair] if pair is not None and pair.derivatives else []


def derivatives_of(name: str, functions: Iterable[FunctionInfo | str]) -> Pair:
    """The derivatives of one function: by its name, or those that say no function if it is the only one."""
    names = [f if isinstance(f, str) else f.name for f in functions]
    pair = _pair(name, names)
    return pair if pair.derivatives or _only_function(names) != name else _matching(name, ALONE, names)


def _pair(function: str, names: Sequence[str]) -> Pair:
    return _matching(function, PATTERNS, names)


def _matching(function: str, patterns: dict[str, tuple[str, ...]], names: Sequence[str]) -> Pair:
    """The first name there is of every kind; ``Model.loss`` has ``Model.grad_loss``."""
    owner, dot, last = function.rpartition(".")

    def first(kind: str) -> str:
        spelled = (owner + dot + pattern.format(f=last) for pattern in patterns[kind])
        return next((name for name in spelled if name in names and name != function), "")

    return Pair(function, *(first(kind) for kind in ("gradient", "hessian", "vjp", "jvp")))


def _only_function(names: Sequence[str]) -> str:
    """The one function of a file that is no derivative, no example and no helper; "" if there are several."""
    generic = {name for spelled in ALONE.values() for name in spelled}
    others = [n for n in names if n not in generic and n != EXAMPLE and "." not in n and not n.startswith("_")]
    return others[0] if len(others) == 1 else ""
