"""Which functions are meant: f, and what is claimed to be its derivative."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from mccli.errors import UsageError
from mccli.numeric.gradcheck.problem import Kind
from mccli.numeric.script import FunctionInfo, Pair, Script, TargetMistake, pairs
from mccli.numeric.script.mistakes import command
from mccli.numeric.script.pairs import EXAMPLE, PATTERNS, derivatives_of

Claims = dict[Kind, str]
PRODUCTS: tuple[Kind, Kind] = ("vjp", "jvp")


@dataclass(frozen=True)
class Plan:
    """A function with the names of its derivatives, by kind; none: it may return both, or there is none."""

    function: str
    claims: Claims


def plan_for(script: Script, name: str, grad: str, order: int) -> Plan:
    """The derivatives of one function: the named one, or those that are called like it."""
    info = script.function(name)
    if grad:
        return Plan(info.name, {kind_of(grad, order): _named(script, grad).name})
    found = claims_of(derivatives_of(info.name, script.functions), order)
    if not found:
        found = claims_of(derivatives_of(info.name, [*script.functions, *_hanging(script, info.name)]), order)
    if order == 2 and "hessian" not in found:
        raise UsageError(
            f"there is no Hessian of {name} in {script.source}",
            notes=[f"it would be called hess_{name.rpartition('.')[2]}; another name is given with --grad"],
        )
    if not found:
        _refuse_derivative(script, name)
    return Plan(info.name, found)


def _hanging(script: Script, name: str) -> list[str]:
    """Derivatives that are no functions of the file: methods of an object, or set on one."""
    owner, dot, last = name.rpartition(".")
    spelled = [owner + dot + p.format(f=last) for patterns in PATTERNS.values() for p in patterns]
    return [n for n in spelled if "." in n and _is_there(script, n)]


def _is_there(script: Script, name: str) -> bool:
    try:
        script.function(name)
    except TargetMistake:
        return False
    return True


def plans(script: Script, order: int) -> list[Plan]:
    """All functions of a file that have a derivative there."""
    return [Plan(p.function, claims) for p in pairs(script.functions) if (claims := _all_claims(p, order))]


def others(script: Script, known: Sequence[Plan]) -> list[Plan]:
    """Functions of a file without a derivative by name: each may return its value and its gradient."""
    taken = {name for plan in known for name in (plan.function, *plan.claims.values())}
    taken |= {name for pair in pairs(script.functions) for name in pair.derivatives} | {EXAMPLE}
    names = [f.name for f in script.functions if f.name not in taken]
    return [Plan(name, {}) for name in names if "." not in name and not name.startswith("_")]


def nothing_to_check(script: Script) -> TargetMistake:
    """What is said of a file without a gradient."""
    return TargetMistake(
        f"{script.source} has no function with a gradient",
        notes=[
            f"it defines {', '.join(f.name for f in script.functions) or 'no functions'}",
            "the gradient of f is found as grad_f, f_grad, df or f.grad; or name both: script.py:f --grad NAME",
        ],
    )


def claims_of(pair: Pair, order: int) -> Claims:
    """What is checked of a function that was named."""
    if order == 2:
        claims: Claims = {"gradient": pair.gradient, "hessian": pair.hessian}
        return {k: v for k, v in claims.items() if v} if pair.hessian else {}
    every: Claims = {"gradient": pair.gradient, "vjp": pair.vjp, "jvp": pair.jvp}
    return {k: v for k, v in every.items() if v}


def _all_claims(pair: Pair, order: int) -> Claims:
    if order == 2:
        return claims_of(pair, 2)
    return claims_of(pair, 1) | ({"hessian": pair.hessian} if pair.hessian else {})


def kind_of(name: str, order: int) -> Kind:
    """What a derivative is, from its name and the order."""
    if order == 2:
        return "hessian"
    words = re.split(r"[_.]", name.lower())
    return next((kind for kind in PRODUCTS if kind in words), "gradient")


def _named(script: Script, grad: str) -> FunctionInfo:
    try:
        return script.function(grad)
    except TargetMistake as error:
        error.message = f"--grad: {error.message}"
        error.args = (error.message,)
        raise


def _refuse_derivative(script: Script, name: str) -> None:
    """A derivative that is named by mistake for its function."""
    for pair in pairs(script.functions):
        if name in pair.derivatives:
            raise UsageError(
                f"{name} is the derivative of {pair.function}",
                notes=["name the function; its derivative is found"],
                fix=command(script.target.spelled(pair.function)),
            )


def added(f: FunctionInfo, derivative: FunctionInfo) -> list[str]:
    """The parameters that a derivative has beyond those of the function."""
    own = {p.name for p in f.parameters}
    return [p.name for p in derivative.parameters if p.name not in own]


def renamed(f: FunctionInfo, derivative: FunctionInfo, kind: Kind) -> dict[str, str]:
    """Where a derivative calls an argument differently: its name by that of the function, told by the position."""
    own, theirs = list(f.parameters), list(derivative.parameters)
    theirs_names = {p.name for p in theirs}
    own_names = {p.name for p in own}
    if kind in PRODUCTS:
        return {}
    return {
        p.name: q.name
        for p, q in zip(theirs, own, strict=False)
        if p.name not in own_names and q.name not in theirs_names and p.required
    }


def variable_parameters(names: Sequence[str], kind: Kind) -> list[str]:
    """Of the additional parameters of a vjp or jvp: those for the cotangent or the tangents."""
    return list(names[-1:]) if kind == "vjp" else list(names)
