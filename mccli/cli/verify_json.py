"""What ``mc verify`` found as JSON."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from mccli.cli.verify_words import change_words
from mccli.expressions.tree import Node
from mccli.numeric.gradcheck import ArgumentReport, Report, Worst
from mccli.numeric.verify import FormulaGradient, FormulaReport, Outcome, overall
from mccli.render.text import text

SCHEMA = 1
LARGEST = 10_000

Json = Any


def document(target: str, outcomes: Sequence[Outcome]) -> dict[str, Json]:
    """The whole answer."""
    return {
        "schema": SCHEMA,
        "command": "verify",
        "target": target,
        "exit_code": overall(tuple(outcomes)),
        "functions": [_outcome(o) for o in outcomes],
    }


def real(value: float | None) -> float | None:
    """A number that JSON has."""
    return float(value) if value is not None and math.isfinite(value) else None


def formula(node: Node) -> str:
    """A formula in ASCII."""
    return text(node, ascii_only=True)


def _outcome(o: Outcome) -> dict[str, Json]:
    return {
        "function": o.function,
        "derivatives": dict(o.derivatives),
        "verdict": o.verdict,
        "by": list(o.names),
        "seed": o.seed,
        "point": [{"name": i.name, "shape": list(i.shape), "from": i.source} for i in o.looked],
        "value": real(o.value),
        "arguments": [_argument(a) for a in o.report.arguments] if o.report is not None else [],
        "worst": [_worst(w) for w in o.worst],
        "diagnoses": [
            {"label": d.label, "argument": d.argument, "sentence": d.sentence, "evidence": d.evidence}
            for d in o.diagnoses
        ],
        "formula": _formula(o.formula) if o.formula is not None else None,
        "numerical": {n: _numerical(v) for n, v in o.numerical.items()},
        "looks_like": [
            {"id": a.id, "by": a.argument, "factor": a.factor, "function": formula(a.function),
             "gradient": formula(a.gradient)} for a in o.alike
        ],
        "error": {"message": o.error.message, "notes": list(o.error.notes)} if o.error is not None else None,
        "remarks": list(o.remarks) + (list(o.report.remarks) if o.report is not None else []),
        "warnings": list(o.report.warnings) if o.report is not None else [],
        "findings": [f.text for f in o.report.findings] if o.report is not None else [],
        "noise": _noise(o.report),
        "evaluations": o.report.evaluations if o.report is not None else None,
        "gradient_evaluations": o.report.gradient_evaluations if o.report is not None else None,
        "seconds": round(o.seconds, 3),
        "printed": {"lines": o.printed.lines, "first": o.printed.first_lines()},
    }  # fmt: skip


def _noise(report: Report | None) -> dict[str, Json] | None:
    if report is None or report.noise is None:
        return None
    noise = report.noise
    return {"absolute": real(noise.absolute), "relative": real(noise.relative), "float32": noise.single}


def _argument(a: ArgumentReport) -> dict[str, Json]:
    limit = a.limit
    return {
        "name": a.name,
        "kind": a.kind,
        "verdict": a.verdict,
        "method": a.method,
        "evaluations": a.evaluations,
        "would_have_seen": {"absolute": real(limit.absolute), "relative": real(limit.relative)} if limit else None,
        "findings": [{"reason": f.reason, "text": f.text, "help": f.help} for f in a.findings],
        "remarks": list(a.remarks),
    }


def _worst(worst: Worst) -> dict[str, Json]:
    return {
        "name": worst.name,
        "kind": worst.kind,
        "total": worst.total,
        "wrong": worst.wrong,
        "entries": [
            {"index": list(e.index), "output": list(e.output), "yours": real(e.yours), "numerical": real(e.numeric),
             "error": real(e.error), "ratio": real(e.ratio)} for e in worst.entries
        ],
    }  # fmt: skip


def _formula(report: FormulaReport) -> dict[str, Json]:
    return {
        "text": report.text,
        "agrees": report.agrees,
        "error": real(report.error),
        "values": [{"yours": real(a), "formula": real(b)} for a, b in report.values],
        "symbols": dict(report.symbols),
        "gradients": [_gradient(g) for g in report.gradients],
        "remarks": list(report.remarks),
    }


def _gradient(g: FormulaGradient) -> dict[str, Json]:
    return {
        "by": g.argument,
        "kind": g.kind,
        "right": formula(g.right) if g.agrees is not None else None,
        "agrees": g.agrees,
        "error": real(g.error),
        "yours": formula(g.edit.formula) if g.edit else None,
        "edits": [{"kind": c.kind, "says": change_words(c, formula)} for c in g.edit.changes] if g.edit else [],
        "remark": g.remark,
    }


def _numerical(found: Any) -> dict[str, Json]:
    small = found.value.size <= LARGEST
    return {
        "shape": list(found.value.shape),
        "value": found.value.tolist() if small else None,
        "error": real(float(found.error.max())) if found.error.size else None,
        "method": found.method,
    }
