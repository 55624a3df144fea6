"""From probes to a verdict: wrong where one was confirmed to fail, right where a whole point passed."""

from __future__ import annotations

from collections.abc import Iterable

from mccli.numeric.gradcheck.examine import Examination
from mccli.numeric.gradcheck.probes import Judged
from mccli.numeric.gradcheck.report import ArgumentReport, Finding, Verdict
from mccli.numeric.gradcheck.second_look import KINKED, SPENT

UNSETTLED = (KINKED, SPENT)
"""What was seen at one point and not explained: that another point passes is no answer to it."""

SPOILING = ("stale cache", "non-deterministic", "changed in place")


def verdict_of(judged: list[Judged]) -> tuple[Verdict, tuple[Finding, ...]]:
    """The verdict about an argument and the reasons for it."""
    if any(j.verdict == "wrong" for j in judged):
        return "wrong", _distinct(j.finding for j in judged if j.verdict == "wrong")
    points = sorted({j.measured.spot.number for j in judged})
    passed = [p for p in points if all(j.verdict == "right" for j in judged if j.measured.spot.number == p)]
    if passed and not any(j.finding in UNSETTLED for j in judged):
        return "right", ()
    findings = _distinct(j.finding for j in judged if j.verdict == "cannot tell")
    return "cannot tell", findings or (Finding("time", "there was no time for a probe", "allow more time"),)


def unsure(judged: list[Judged]) -> tuple[str, ...]:
    """Points that could not be judged although another one could."""
    found = _distinct(j.finding for j in judged if j.verdict == "cannot tell")
    names = {0: "the given point", 1: "the point nearby"}
    numbers = sorted({j.measured.spot.number for j in judged if j.verdict == "cannot tell"})
    where = " and ".join(names.get(n, f"point {n + 1}") for n in numbers)
    return tuple(f"at {where}: {f.text}" for f in found)


def nearby_only(judged: list[Judged]) -> bool:
    """Whether the gradient passed at the given point and failed at another one."""
    given = [j.verdict for j in judged if j.measured.spot.number == 0]
    others = [j.verdict for j in judged if j.measured.spot.number > 0]
    return bool(given) and all(v == "right" for v in given) and "wrong" in others


def overall(reports: Iterable[ArgumentReport], findings: Iterable[Finding]) -> Verdict:
    """Wrong beats cannot tell beats right."""
    verdicts = {r.verdict for r in reports}
    reasons = {f.reason for f in findings}
    if "wrong" in verdicts or "stale cache" in reasons:
        return "wrong"
    if not verdicts or "cannot tell" in verdicts or reasons & set(SPOILING):
        return "cannot tell"
    return "right"


def report_on(examination: Examination, remark: str = "") -> ArgumentReport:
    """All about one argument."""
    name, judged = examination.names[0], examination.judged
    verdict, findings = verdict_of(judged)
    remarks = [*([remark] if remark else []), *examination.remarks]
    if verdict == "right":
        remarks += unsure(judged)
    if verdict == "right" and examination.excuses.agreement:
        remarks.append(examination.excuses.agreement)
    if verdict == "right" and len(judged) == 1:
        remarks.append("one probe only: the evaluations were used up on it")
    if nearby_only(judged):
        remarks.append("right at the given point, wrong near it")
    limit = examination.limit() if verdict == "right" else None
    probes = tuple(j.probe for j in judged)
    kind = examination.allowance.kind
    spent, structure = examination.allowance.spent, examination.structure
    return ArgumentReport(
        name,
        kind,
        verdict,
        examination.method,
        probes,
        findings,
        tuple(remarks),
        limit,
        spent,
        examination.second_looks,
        structure.name if structure else "",
    )


def _distinct(findings: Iterable[Finding | None]) -> tuple[Finding, ...]:
    return tuple(dict.fromkeys(f for f in findings if f is not None))
