"""What ``mc lookup`` prints: cards in the user's own names; records for pipes and JSON are made beside."""

from __future__ import annotations

import importlib
import json
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from mccli.cli.arguments import check_colour, check_format, command_line, read_expression
from mccli.cli.card import LABELS, Card, record_line
from mccli.cli.families import chosen_family
from mccli.cli.library import library
from mccli.cli.lookup_records import show_json, show_records
from mccli.cli.lookup_remarks import Remarks, compared_with, is_for_expected, kind_asked, remarks_on
from mccli.cli.terminal import Terminal, detect
from mccli.cli.write import write_lines
from mccli.declarations import scope_of
from mccli.errors import NothingFound, Typed, UsageError
from mccli.identities.catalogue import Library
from mccli.identities.lookup import Answer, look_up, refuse_unknown_names
from mccli.identities.matched import Match
from mccli.render.text import text

if TYPE_CHECKING:
    from mccli.cli.derived import Derived

MOST_LINES = 8
Styled = tuple[str, str]


def answer(
    query: str = "",
    wrt: Sequence[str] = (),
    family: str = "",
    shape: Sequence[str] = (),
    assume: Sequence[str] = (),
    define: Sequence[str] = (),
    count: int = MOST_LINES,
    output: str = "text",
    ascii_only: bool = False,
    colour: str = "auto",
) -> int:
    """Answer a question on standard output; the exit code. McError if it cannot be read or nothing is known."""
    check_format(output)
    if bool(query.strip()) == bool(family):
        raise UsageError("give either something to look up or --family", notes=['mc lookup "tr(AXB)"'])
    terminal = detect(ascii_only=ascii_only, colour=check_colour(colour))
    records = library()
    if family:
        _show_family(records, family, terminal, output)
        return 0
    scope = scope_of(shape, assume, define, command_line("lookup", shape, assume, define, wrt))
    found = look_up(records, read_expression(query), scope, wrt)
    refuse_unknown_names(found, scope)
    derived = None if _settled(found) else _derived(found, shape, assume, define)
    found = _with_verdict(found, derived)
    remarks = remarks_on(found, declared=bool(wrt or scope.names() or scope.functions))
    if output == "json":
        show_json(found, derived, remarks.all())
    elif terminal.interactive:
        _show_text(found, derived, records, terminal, count, remarks)
    else:
        show_records(found, derived, remarks.all())
    if not found.matches and derived is None:
        raise NothingFound(
            f"nothing is known by {found.asked.expression!r}",
            notes=["mc sheet --list shows the families, mc sheet FAMILY what is in one"],
        )
    if not found.matches and derived is not None and derived.formula is None:
        return NothingFound.exit_code
    return 0


def _settled(answer: Answer) -> bool:
    """Whether the database answers the question as it stands."""
    return bool(answer.matches) and answer.way != "near"


def _derived(answer: Answer, shape: Sequence[str], assume: Sequence[str], define: Sequence[str]) -> Derived | None:
    """What the engine derives for an expression that no record states."""
    if answer.read is None:
        return None
    if len(answer.asked.variables) > 1:
        listed = " and ".join(answer.asked.variables)
        raise UsageError(
            f"no record states a derivative by {listed} together",
            notes=["look it up by one at a time; mc derive takes several: --wrt X --wrt A"],
            typed=Typed(",".join(answer.asked.variables), "--wrt"),
            fix=answer.asked.variables[0],
        )
    given = (("--shape", shape), ("--assume", assume), ("--define", define))
    options = [(name, value) for name, values in given for value in values]
    derive = importlib.import_module("mccli.cli.derived").derive  # NumPy and the engine: only where nothing matches
    found: Derived = derive(answer.read, answer.asked.variables, answer.asked.kind, (*options, *answer.options))
    return found


def _with_verdict(answer: Answer, derived: Derived | None) -> Answer:
    """The answer with the verdict about a typed result; one that is not found equal exactly is put to numbers."""
    best = compared_with(answer)
    if answer.claim is None or (answer.agrees and best is not None):
        return answer
    results = [best.result(stated.node) for stated in best.statement.results] if best is not None else []
    if best is None and derived is not None and derived.formula is not None:
        results = [derived.formula]
    if not results:
        return answer._replace(agrees=None)
    agrees = importlib.import_module("mccli.cli.derived").agrees
    return answer._replace(agrees=agrees(answer.claim, results))


# ------------------------------------------------------------------------------------------------ showing


def _show_text(
    answer: Answer, derived: Derived | None, records: Library, terminal: Terminal, count: int, remarks: Remarks
) -> None:
    verdict = [(terminal.plain(words), "good" if answer.agrees else "strong") for words in remarks.verdict]
    lines: list[Styled] = [(terminal.plain(words), "dim") for words in remarks.reading]
    lines += [(terminal.plain(words), "strong") for words in remarks.reservation]
    if answer.matches:
        lines += _match_lines(answer, records, terminal, count, verdict)
    if derived is not None:
        lines += _unmatched_lines(answer, derived, terminal)
    write_lines(lines if answer.matches else [*lines, *verdict], colour=terminal.colour)


def _match_lines(
    answer: Answer, records: Library, terminal: Terminal, count: int, verdict: Sequence[Styled]
) -> Iterator[Styled]:
    best = answer.matches[0]
    elsewhere = answer.way == "near" and best.unconditional and not is_for_expected(answer, best)
    if not elsewhere:
        typed = answer.read.expression if answer.read is not None else None
        yield from Card(best, records, terminal, typed).lines()
    yield from verdict
    rest = tuple(m for m in answer.matches if m.unconditional) if elsewhere else answer.matches[1:]
    rest = tuple(sorted(rest, key=lambda match: match.variables != best.variables))
    yield from _more_lines(rest if count == 0 else rest[:count], len(rest), terminal, "" if elsewhere else "more ")


def _more_lines(shown: tuple[Match, ...], total: int, terminal: Terminal, more: str) -> list[Styled]:
    """A line for each further match: its result where an expression was asked, else its name."""
    if not total:
        return []
    head = f"{total} {more}match{'es' if total > 1 else ''}" + (f", {len(shown)} shown" if len(shown) < total else "")
    width = max(len(m.record.id) for m in shown) if shown else 0
    lines = [(head + ":", "dim")]
    for match in shown:
        conditions = "; ".join(match.conditions)
        line = _result_line(match, terminal, width) if match.symbols else record_line(match.record, terminal, width)
        lines.append((line + (f"   if {terminal.plain(conditions)}" if conditions else ""), ""))
    return lines


def _result_line(match: Match, terminal: Terminal, width: int) -> str:
    """The id, the variable, and the result; the name of the record where the result does not fit."""
    stated = match.statement.results[0]
    shown = text(match.result(stated.node), ascii_only=terminal.ascii_only)
    name = "d²f" if match.record.order == 2 else LABELS[stated.kind]
    head = terminal.plain(f"  {match.record.id:<{width}}  by {', '.join(match.variables)}:")
    line = f"{head} {terminal.plain(name)} = {shown}"
    return line if len(line) <= terminal.width else f"{head} {terminal.plain(match.record.name)}"


def _unmatched_lines(answer: Answer, derived: Derived, terminal: Terminal) -> Iterator[Styled]:
    if not answer.matches:
        yield "Nothing in the database states this.", "strong"
        if answer.nearest:
            yield "The nearest:", "dim"
            width = max(len(r.id) for r in answer.nearest)
            yield from ((record_line(r, terminal, width), "") for r in answer.nearest)
    yield "", ""
    if derived.formula is not None and answer.asked.kind not in ("", derived.kind):
        yield f"No record states {kind_asked(answer.asked.kind)} of it; here is the {derived.kind}.", "strong"
    yield from derived.lines(terminal)


def _show_family(records: Library, name: str, terminal: Terminal, output: str) -> None:
    entry = chosen_family(records.families, name)
    listed = [r for i in entry.ids if (r := records.record(i)) is not None]
    if output == "json":
        document = {"schema": 1, "command": "lookup", "family": entry.id, "ids": [r.id for r in listed]}
        print(json.dumps(document, indent=2))
        return
    if not terminal.interactive:
        for record in listed:
            print(
                "\t".join((record.id, record.expression, record.kind, next(iter(record.results.values())), record.name))
            )
        return
    width = max((len(r.id) for r in listed), default=0)
    lines = [(f"{entry.title}: {entry.about}", "strong")]
    lines += [(record_line(r, terminal, width), "") for r in listed]
    write_lines(lines, colour=terminal.colour)
