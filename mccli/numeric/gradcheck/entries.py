"""Single entries of a derivative: each of them when asked to be thorough, or the one that the complex step suspects."""

from __future__ import annotations

import numpy as np

from mccli.numeric.gradcheck.bisect import Bisection
from mccli.numeric.gradcheck.calls import Spent
from mccli.numeric.gradcheck.closer import TRACE, Closer
from mccli.numeric.gradcheck.confirm import ROUGH, Confirmed, confirm, look_below
from mccli.numeric.gradcheck.disagreement import DOUBTFUL, TINY, off_by_itself, relative, stands_out
from mccli.numeric.gradcheck.examine import Examination
from mccli.numeric.gradcheck.interpolated import seen_from_afar
from mccli.numeric.gradcheck.ladder import Slope
from mccli.numeric.gradcheck.probes import Judged, Measured
from mccli.numeric.gradcheck.problem import Array
from mccli.numeric.gradcheck.report import Verdict
from mccli.numeric.gradcheck.second_look import SecondLook
from mccli.numeric.gradcheck.spot import Spot
from mccli.numeric.gradcheck.table import Prober, Progress, table

MOST = 0.25
"""If more than this part of the entries is off, each by next to nothing, it is no slip in one of them."""


def every_entry(examination: Examination, spot: Spot, progress: Progress | None, deadline: float | None) -> None:
    """Each entry by itself; the worst ones that fail get a second look."""
    name = examination.names[0]
    exact = examination.trust.verified and not examination.suspicious
    prober = Prober(spot, name, exact, examination.structure, examination.start)
    found = table(prober, range(spot.scale(name).size), progress, deadline)
    suspects: list[tuple[float, int, Measured]] = []
    for column, index in enumerate(found.indices):
        measured = _entry(prober, int(index), found.value[:, column], found.error[:, column])
        if measured is not None and np.any(measured.fails):
            suspects.append((float(np.max(measured.difference / measured.tolerance)), int(index), measured))
    excuses = examination.excuses
    if len(suspects) > MOST * len(found.indices) and all(relative(m) <= TINY for *_, m in suspects):
        excuses.largest = max([excuses.largest, *(relative(m) for *_, m in suspects)])
    left = [s[:2] for s in suspects if not excuses.alike(s[2]) or _is_slip(s[2], excuses.largest)]
    for _, index in sorted(left, reverse=True)[:3]:
        if _confirm_entry(examination, spot, index) == "wrong":
            return
    if len(found.indices) == spot.scale(name).size:
        examination.remark("every entry was looked at")


def _is_slip(entry: Measured, level: float) -> bool:
    return stands_out(entry, level) or off_by_itself(entry)


def pursue(examination: Examination) -> None:
    """The complex step sees an error that differences cannot: find the entry, and look at it alone."""
    suspect = examination.suspicious[0].measured
    located: list[int] = []
    try:
        closer = SecondLook(examination, suspect).closer(suspect, exact=True)
        if closer.judgement() == "solver" and not closer.unsettled:
            examination.excuses.excuse(suspect)
            return
        located = _located(examination, suspect)
        for index in located:
            if _confirm_entry(examination, suspect.spot, index) == "wrong":
                return
    except Spent:
        pass  # differences have said what they can, and the limit is theirs
    examination.trust.refused = "it disagrees with the gradient by less than differences can see"
    name = examination.names[0]
    shape = suspect.spot.scale(name).shape
    for index in located:
        place = tuple(int(i) for i in np.unravel_index(index, shape))
        examination.remark(f"at {name}{list(place)} the complex step disagrees, by less than differences can see")


def _located(examination: Examination, suspect: Measured) -> list[int]:
    name = examination.names[0]
    prober = Prober(suspect.spot, name, exact=True, structure=examination.structure, start=examination.start)
    return Bisection(prober, suspect.direction[name], most=1, evaluations=80).run()


def _entry(prober: Prober, index: int, value: Array, error: Array) -> Measured | None:
    """The comparison of one entry of a table."""
    v, step = prober.unit(index)
    if not step:
        return None
    direction = {prober.name: v}
    found = Slope(value * step, error * step, 0.0)
    return Measured(prober.spot, direction, "entry", found, prober.spot.claim.along(direction))


def _confirm_entry(examination: Examination, spot: Spot, index: int) -> Verdict:
    """One entry by differences, and again if it fails."""
    name = examination.names[0]
    prober = Prober(spot, name, structure=examination.structure, start=examination.start)
    v, _ = prober.unit(index)
    direction = {name: v}
    measured = Measured(spot, direction, f"entry {index}", prober.slope(direction), spot.claim.along(direction))
    verdict, finding = measured.verdict()
    if verdict == "wrong" and finding is None:
        below = look_below(measured)
        if below.kink is not None:
            return SecondLook(examination, measured).at_kink(below.kink)
        confirmed = confirm(measured, below)
        small = relative(confirmed.measured) <= DOUBTFUL
        jumps = confirmed.verdict == "wrong" and small and Closer(confirmed.measured, prober).jump() >= TRACE
        if jumps or (
            confirmed.verdict == "wrong" and seen_from_afar(confirmed.measured, measured.slope.rungs) is not None
        ):
            confirmed = Confirmed(confirmed.measured, "cannot tell", ROUGH)
        examination.judged.append(Judged(confirmed.measured, confirmed.verdict, confirmed.finding))
        return confirmed.verdict
    return "right"
