"""What ``mc lookup`` prints: cards in the user's own names, records for pipes, JSON."""

from __future__ import annotations

import importlib
import json
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

from mccli.cli.arguments import check_colour, command_line, read_expression
from mccli.cli.card import LABELS, Card, pipe_fields, record_line
from mccli.cli.library import library
from mccli.cli.terminal import Terminal, detect
from mccli.cli.write import print_encoded, write_lines
from mccli.declarations import scope_of
from mccli.errors import NameMistake, NothingFound, UsageError, report, to_ascii
from mccli.identities.catalogue import Library
from mccli.identities.lookup import Answer, closest_family, look_up, told_result
from mccli.identities.matched import Match
from mccli.identities.record import Record
from mccli.render.text import text

if TYPE_CHECKING:
    from mccli.cli.derived import Derived

MOST_LINES = 8


def answer(
    query: str,
    wrt: Sequence[str] = (),
    family: str = "",
    shapes: Sequence[str] = (),
    assume: Sequence[str] = (),
    define: Sequence[str] = (),
    count: int = MOST_LINES,
    output: str = "text",
    ascii_only: bool = False,
    colour: str = "auto",
) -> int:
    """Answer a question on standard output; the exit code. McError if it cannot be read or nothing is known."""
    if output not in ("text", "json"):
        raise UsageError(f"--format {output} is not known", notes=["formats: text, json"])
    if bool(query.strip()) == bool(family):
        raise UsageError("give either something to look up or --family", notes=['mc lookup "tr(AXB)"'])
    terminal = detect(ascii_only=ascii_only, colour=check_colour(colour))
    records, mistakes = library()
    for mistake in mistakes:
        print(report(mistake, ascii_only=terminal.ascii_only), file=sys.stderr)
    if family:
        _show_family(records, family, terminal, output)
        return 0
    scope = scope_of(shapes, assume, define, command_line("lookup", shapes, assume, define, wrt))
    found = look_up(records, read_expression(query), scope, wrt)
    derived = None if _settled(found) else _derived(found)
    if output == "json":
        _show_json(found, derived)
    elif terminal.interactive:
        _show_text(found, records, terminal, count)
        if derived is not None:
            write_lines(_unmatched_lines(found, derived, terminal), colour=terminal.colour)
    else:
        _show_records(found, derived)
    if not found.matches and derived is None:
        raise NothingFound(
            f"nothing is known by {found.asked.expression!r}",
            notes=["mc sheet --list shows the families, mc sheet FAMILY what is in one"],
        )
    if not found.matches and derived is not None and derived.gradient is None:
        return NothingFound.exit_code
    return 0


def _settled(answer: Answer) -> bool:
    """Whether the database answers the question as it stands."""
    return bool(answer.matches) and answer.way != "near"


def _derived(answer: Answer) -> Derived | None:
    """What the engine derives for an expression that no record states."""
    if answer.read is None:
        return None
    derive = importlib.import_module("mccli.cli.derived").derive  # NumPy and the engine: only where nothing matches
    found: Derived = derive(answer.read, answer.asked.variables)
    return found


# ------------------------------------------------------------------------------------------------ showing


def _show_text(answer: Answer, records: Library, terminal: Terminal, count: int) -> None:
    if not answer.matches:
        return
    best = answer.matches[0]
    lines: list[tuple[str, str]] = [(f"Read with: {'; '.join(answer.notes)}", "dim")] if answer.notes else []
    elsewhere = answer.way == "near" and best.unconditional
    if answer.way == "near":
        lines += [(_ascii(_near_sentence(answer), terminal), "strong")]
    if not elsewhere:
        typed = answer.read.expression if answer.read is not None else None
        lines += list(Card(best, records, terminal, typed).lines())
    if answer.agrees is not None and not elsewhere:
        lines.append((_ascii(_agreement(answer), terminal), "good" if answer.agrees else "strong"))
    rest = tuple(m for m in answer.matches if m.unconditional) if elsewhere else answer.matches[1:]
    rest = tuple(sorted(rest, key=lambda match: match.variables != best.variables))
    shown = rest if count == 0 else rest[:count]
    lines += _more_lines(shown, len(rest), terminal)
    write_lines(lines, colour=terminal.colour)


def _near_sentence(answer: Answer) -> str:
    match = answer.matches[0]
    conditions = [*match.missing, *match.same_sizes]
    if conditions:
        return f"Nothing states it as it stands. It is stated if {' and '.join(conditions)}:"
    return "Nothing in the database states it for the variable that is meant, only for others."


def _agreement(answer: Answer) -> str:
    said = "agrees with" if answer.agrees else "differs from"
    return f"What stands behind the arrow ({answer.asked.answer}) {said} this."


def _more_lines(shown: tuple[Match, ...], total: int, terminal: Terminal) -> list[tuple[str, str]]:
    """A line for each further match: its result where an expression was asked, else its name."""
    if not total:
        return []
    head = f"{total} more match{'es' if total > 1 else ''}" + (f", {len(shown)} shown" if len(shown) < total else "")
    width = max(len(m.record.id) for m in shown) if shown else 0
    lines = [(head + ":", "dim")]
    for match in shown:
        conditions = "; ".join((*match.missing, *match.same_sizes))
        line = _result_line(match, terminal, width) if match.symbols else record_line(match.record, terminal, width)
        lines.append((line + (f"   if {_ascii(conditions, terminal)}" if conditions else ""), ""))
    return lines


def _result_line(match: Match, terminal: Terminal, width: int) -> str:
    """The id, the variable, and the result; the name of the record where the result does not fit."""
    stated = match.statement.results[0]
    shown = text(told_result(match, stated.node), ascii_only=terminal.ascii_only)
    name = "d²f" if match.record.order == 2 else LABELS[stated.kind]
    head = _ascii(f"  {match.record.id:<{width}}  by {', '.join(match.variables)}:", terminal)
    line = f"{head} {_ascii(name, terminal)} = {shown}"
    return line if len(line) <= terminal.width else f"{head} {_ascii(match.record.name, terminal)}"


def _ascii(line: str, terminal: Terminal) -> str:
    return to_ascii(line) if terminal.ascii_only else line


def _unmatched_lines(answer: Answer, derived: Derived, terminal: Terminal) -> list[tuple[str, str]]:
    lines: list[tuple[str, str]] = []
    if not answer.matches:
        lines.append(("Nothing in the database states this.", "strong"))
        if answer.nearest:
            width = max(len(r.id) for r in answer.nearest)
            lines += [("The nearest:", "dim"), *((record_line(r, terminal, width), "") for r in answer.nearest)]
    return [*lines, ("", ""), *derived.lines(terminal)]


def _show_records(answer: Answer, derived: Derived | None) -> None:
    for match in answer.matches:
        print("\t".join(pipe_fields(match)))
    if derived is not None and derived.gradient is not None:
        print("\t".join(derived.fields()))
    elif not answer.matches and derived is not None:
        print(f"nothing found, and not derived: {derived.refusal}", file=sys.stderr)


def _show_json(answer: Answer, derived: Derived | None) -> None:
    keys = ("id", "function", "variable", "kind", "result", "shape", "found")
    matches = []
    for match in answer.matches:
        fields = dict(zip(keys, pipe_fields(match), strict=True))
        matches.append({**fields, **_details(match)})
    document = {
        "schema": 1,
        "command": "lookup",
        "query": answer.asked.expression,
        "found_by": answer.way,
        "notes": list(answer.notes),
        "agrees": answer.agrees,
        "matches": matches,
        "nearest": [record.id for record in answer.nearest],
        "derived": derived.record() if derived is not None else None,
    }
    print_encoded(json.dumps(document, ensure_ascii=False, indent=2))


def _details(match: Match) -> dict[str, object]:
    record: Record = match.record
    return {
        "name": record.name,
        "family": record.family,
        "stated": record.expression,
        "assume": list(record.assume),
        "missing": [*match.missing, *match.same_sizes],
        "set_to": list(match.set_to),
        "why": record.why,
        "pitfall": record.pitfall,
        "sources": list(record.sources),
        "related": list(record.see),
    }


def _show_family(records: Library, name: str, terminal: Terminal, output: str) -> None:
    chosen = closest_family(records, name)
    families = {f.id: f for f in records.families}
    if chosen not in families or (chosen != name.casefold().strip() and not families[chosen].id.startswith(name)):
        fix = f"mc lookup --family {chosen}" if chosen else None
        raise NameMistake(f"there is no family {name}", notes=["families: " + ", ".join(families)], fix=fix)
    entry = families[chosen]
    listed = [r for i in entry.ids if (r := records.record(i)) is not None]
    if output == "json":
        document = {"schema": 1, "command": "lookup", "family": entry.id, "ids": [r.id for r in listed]}
        print_encoded(json.dumps(document, indent=2))
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
