"""What single arguments do not show: all of them moving at once, and matrices that are not symmetric."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from mccli.numeric.gradcheck.allowance import Allowance
from mccli.numeric.gradcheck.claims import Blocks
from mccli.numeric.gradcheck.examine import Examination
from mccli.numeric.gradcheck.points import broken
from mccli.numeric.gradcheck.problem import Kind, Problem
from mccli.numeric.gradcheck.report import ArgumentReport, Finding
from mccli.numeric.gradcheck.spot import Spot
from mccli.numeric.gradcheck.visits import Unusable, Visit, Visitor

BEYOND = 12
"""Evaluations kept for a look at matrices that are not symmetric, where the given ones are."""

CERTAIN = 1e3
"""Off by so many times the tolerance, it is wrong without a second look."""

JOINT = 14
"""Evaluations kept for the probe that moves all arguments."""


def kept_back(problem: Problem, kind: Kind, arguments: int) -> int:
    """Evaluations, of those for each argument, that are kept for both."""
    joint = -(-JOINT // arguments) if arguments > 1 and kind in ("gradient", "jacobian") else 0
    return joint + (BEYOND if broken(problem, np.random.default_rng(0)) is not None else 0)


def all_together(
    allowance: Allowance, visits: list[Visit], reports: list[ArgumentReport], rng: np.random.Generator
) -> list[Finding]:
    """One probe that moves all arguments at once: what holds for each must hold for all."""
    spots = visits[-1].spots
    names = tuple(r.name for r in reports if r.verdict == "right" and r.name in spots and not r.structure)
    if len(names) < 2 or allowance.kind not in ("gradient", "jacobian") or not allowance.suffices:
        return []
    examination = Examination(names, allowance, rng)
    examination.one(_joint(spots, names), 0, 0)
    if not examination.wrong:
        return []
    text = "each argument agrees, but not all of them moving together: does f remember earlier arguments?"
    return [Finding("stale cache", text)]


def _joint(spots: dict[str, Spot], names: tuple[str, ...]) -> Spot:
    """The spot of several arguments at once."""
    first = spots[names[0]]
    claims = [spots[n].claim for n in names]
    blocks = {n: c.blocks[n] for n, c in zip(names, claims, strict=True) if isinstance(c, Blocks)}
    precision = max(c.precision for c in claims if isinstance(c, Blocks))
    return replace(first, claim=Blocks(blocks, precision), scales={}, reread=lambda _: None)


def beyond_symmetric(
    allowance: Allowance, visits: list[Visit], reports: list[ArgumentReport], rng: np.random.Generator
) -> list[ArgumentReport]:
    """Where the given matrices are symmetric: is the gradient right for others too? Worth a remark, no verdict."""
    problem = allowance.calls.problem
    place = broken(problem, rng)
    right = [r.name for r in reports if r.verdict == "right" and not r.structure]
    if place is None or not right or not allowance.suffices or any(r.verdict == "wrong" for r in reports):
        return reports
    noise = {name: spot.noise for name, spot in visits[0].spots.items()}
    try:
        visit = Visitor(allowance.calls, allowance.kind, rng).visit(place, len(visits), None, noise)
    except Unusable:
        return reports
    remarks = {}
    for name in right:
        if name in visit.spots and allowance.suffices:
            general = Examination((name,), allowance, rng)
            spot = visit.spots[name]
            direction = {name: spot.direction(name, rng)}
            measured = general.measure(spot, direction, "random", 0, first=True)
            if np.any(measured.difference > CERTAIN * measured.tolerance):
                matrices = " and ".join(n for n in place if place[n] is not problem.arguments[n])
                remarks[name] = f"right because {matrices} is symmetric; wrong for a general {matrices}"
    return [replace(r, remarks=(*r.remarks, remarks[r.name])) if r.name in remarks else r for r in reports]
