"""What stands behind a row of the HTML page: proof, pitfall, other forms and names, sources, neighbours."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape

from mccli.render.mathml import NAMESPACE
from mccli.render.sheet.html_spelling import HtmlSpelling
from mccli.render.sheet.model import Details, Entry, Formula, Proof

_SPELL = HtmlSpelling()


def details(entry: Entry, ids: frozenset[str]) -> str:
    """The name of an entry, which opens the rest. ``ids`` are the entries that can be linked to."""
    name = escape(entry.id)
    summary = f"<summary>{escape(entry.name)}</summary>"
    facts = "".join(f"<dt>{label}</dt><dd>{content}</dd>" for label, content in _facts(entry, ids) if content)
    link = f'<a class="id" href="#{name}">{name}</a>'
    return f'<div class="name">{link}<details>{summary}<dl>{facts}</dl></details></div>'


def _facts(entry: Entry, ids: frozenset[str]) -> Iterator[tuple[str, str]]:
    more = entry.details
    if more is None:
        return
    yield "Why", _SPELL.prose(more.why)
    yield "Proof", _proof(more, entry.expression)
    yield "Pitfall", _SPELL.prose(more.pitfall)
    yield "Assumed", escape("; ".join(more.fields["assume"]).replace("!=", "≠").replace(">=", "≥"))
    yield "Also", "<br/>".join(map(_SPELL.formula, more.also))
    yield "Typed", _SPELL.code(more.fields["expression"])
    yield (
        "Known as",
        "<br/>".join(
            f'<span id="{escape(a.id)}">{escape(a.name)}</span> {_SPELL.code(a.expression)}' for a in more.aliases
        ),
    )
    yield "Sources", escape("; ".join(more.sources))
    yield "Related", ", ".join(_related(name, ids) for name in more.related)


def _related(name: str, ids: frozenset[str]) -> str:
    shown = escape(name)
    return f'<a href="#{shown}">{shown}</a>' if name in ids else f"<span>{shown}</span>"


def _proof(more: Details, expression: Formula) -> str:
    """The forms of the differential, one below the other, chained by equality signs."""
    proof = more.proof
    if not proof.forms:
        return ""
    lines = [(_called(proof), form) for form in proof.forms[:1]] + [("", form) for form in proof.forms[1:]]
    if proof.defined:
        lines.insert(0, (_letter(proof.name), expression))
    rows = "".join(
        f'<div class="step"><span>{left}</span><span>=</span><div class="formula">{_SPELL.formula(right)}</div></div>'
        for left, right in lines
    )
    where = f"<p>where {_SPELL.listed(more.local)}</p>" if more.local else ""
    return f'<div class="proof">{rows}</div>{where}'


def _letter(name: str) -> str:
    return f'<math xmlns="{NAMESPACE}"><mi>{name}</mi></math>'


def _called(proof: Proof) -> str:
    """``df``, ``d²f`` or ``d∇f``."""
    d = '<mi mathvariant="normal">d</mi>'
    before = {"d²": f"<msup>{d}<mn>2</mn></msup>", "d∇": f'{d}<mi mathvariant="normal">∇</mi>'}.get(proof.sign, d)
    return f'<math xmlns="{NAMESPACE}"><mrow>{before}<mi>{proof.name}</mi></mrow></math>'
