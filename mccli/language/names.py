"""Names: Greek letters by their names, one spelling per symbol, and what a run of letters means.

``mu_1``, ``mu1``, ``μ₁`` and ``μ_{1}`` are one symbol, ``μ1``. A run of letters that is no known name is
a product of single letters; a run in which a known name is glued to other letters is refused.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import NamedTuple

from mccli.errors import Mark, NameMistake, Span, closest, slips_between

_ALPHABET = (
    "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi omicron pi rho sigma tau"
    " upsilon phi chi psi omega"
)
_SMALL = dict(zip(_ALPHABET.split(), "αβγδεζηθικλμνξοπρστυφχψω", strict=True))
_VARIANTS = {"epsilon": "ε", "theta": "θ", "phi": "φ", "pi": "π", "rho": "ρ", "sigma": "σ", "kappa": "κ"}
GREEK: Mapping[str, str] = (
    _SMALL
    | {name.capitalize(): letter.upper() for name, letter in _SMALL.items()}
    | {f"var{name}": letter for name, letter in _VARIANTS.items()}
)
GREEK_NAME: Mapping[str, str] = {GREEK[name]: name for name in GREEK if not name.startswith("var")}
_SAME_LETTER = dict(zip("ϵϕϑµϖϱςϰ∆", "εφθμπρσκΔ", strict=True))

SUBSCRIPTS: Mapping[str, str] = dict(zip("₀₁₂₃₄₅₆₇₈₉ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓ", "0123456789aehijklmnoprstuvx", strict=True))


def fold(character: str) -> str:
    """The Latin or Greek letter that ``character`` stands for, or "" if it is no letter of the language."""
    if character.isascii():
        return character if character.isalpha() else ""
    letter = _SAME_LETTER.get(character, character)
    if letter in GREEK_NAME:
        return letter
    if "\u2100" <= letter <= "\u214f" or "\U0001d400" <= letter <= "\U0001d7cb":
        plain = unicodedata.normalize("NFKC", letter)
        return fold(plain) if len(plain) == 1 and plain != letter else ""
    return ""


def join_subscript(head: str, subscript: str) -> str:
    """``W`` and ``1`` give ``W1``, ``A`` and ``inv`` give ``A_inv``."""
    if not subscript:
        return head
    tight = subscript.isdigit() and not head[-1:].isdigit()
    return head + subscript if tight else f"{head}_{subscript}"


def canonical_name(text: str) -> str:
    """The one spelling of a symbol: Greek names become letters, digits stand without an underscore."""
    plain = ""
    for character in text.strip().removeprefix("\\"):
        if character in SUBSCRIPTS:
            opened = "_" in plain or not plain
            plain += ("" if opened else "_") + SUBSCRIPTS[character]
        elif character not in "{}":
            plain += fold(character) or character
    head, _, subscript = plain.partition("_")
    stem = head.rstrip("0123456789")
    return join_subscript(GREEK.get(stem, stem) + head[len(stem) :], subscript.strip("_"))


class Piece(NamedTuple):
    """One letter of a run with its digits and subscript."""

    text: str
    span: Span


class Word(NamedTuple):
    """What a run, or a letter of it, was found to be: kind "name", "function" or "eye"."""

    kind: str
    text: str
    span: Span


class Vocabulary:
    """The names in force: functions by every spelling, declared symbols, functions that take a prime."""

    def __init__(self, functions: Mapping[str, str], names: frozenset[str], primed: frozenset[str]) -> None:
        self.functions, self.names, self.primed = functions, names, primed

    def function(self, spelled: str) -> str | None:
        """The canonical name of a known function; Greek functions are found by letter and by name."""
        letter = canonical_name(spelled)
        for form in (spelled, letter, GREEK_NAME.get(letter, spelled)):
            if form in self.functions:
                return self.functions[form]
        return None

    def applies_bare(self, spelled: str) -> bool:
        """Whether ``spelled x`` applies a function; a letter that merely abbreviates one is a symbol."""
        letter = canonical_name(spelled)
        symbol_like = len(spelled) == 1 or letter in GREEK_NAME
        return not symbol_like or self.function(spelled) in (spelled, letter, GREEK_NAME.get(letter))

    @cached_property
    def long_names(self) -> list[str]:
        """Every name of two or more characters that could be glued to other letters, longest first."""
        known = {*self.functions, *self.names, *GREEK}
        return sorted((n for n in known if len(n) > 1 and n.isidentifier()), key=lambda n: (-len(n), n))


def read_run(pieces: Sequence[Piece], called: bool, touching: bool, words: Vocabulary, text: str) -> list[Word]:
    """What a maximal run of letters means: ``called`` if a bracket follows, ``touching`` if without a space."""
    run = "".join(piece.text for piece in pieces)
    span = pieces[0].span.to(pieces[-1].span)
    name = canonical_name(run)
    differential = f"d{canonical_name(run[1:])}" if run[0] == "d" and len(run) > 1 else name
    for known in (name, differential):
        if known in words.names:
            return [Word("name", known, span)]
    function = words.function(run)
    if function is not None and (called or words.applies_bare(run)):
        return [Word("function", function, span)]
    if name.rstrip("0123456789").partition("_")[0] in GREEK_NAME:
        if touching and called and name[0] in FUNCTION_LETTERS:
            _refuse_function_letter(name, span)
        return [Word("name", name, span)]
    if len(pieces) == 1:
        return [_symbol(pieces[0], words)]
    stem, underscore, _ = run.partition("_")
    if underscore and len(stem) > 1 and words.function(stem) is not None:
        raise NameMistake(f"the function {stem} takes no subscript", marks=[Mark(span, focus=True)])
    if touching:
        _check_call(pieces, run, span, words, text)
    _check_glue(pieces, words, text)
    _check_typo(run, span, words, text)
    return [_letter(piece, called and piece is pieces[-1], words) for piece in pieces]


FUNCTION_LETTERS = "φψχρΦΨ"
"""Greek letters that stand for a function before a bracket far more often than for a factor."""


def _refuse_function_letter(name: str, span: Span) -> None:
    raise NameMistake(
        f"{name}(...) looks like a function, and none of that name is declared",
        marks=[Mark(span, focus=True)],
        notes=[f'declare it: --define "{name}(t): elementwise"', f"for a product write {name}*(...)"],
    )


def _symbol(piece: Piece, words: Vocabulary) -> Word:
    name = canonical_name(piece.text)
    size = name[1:].lstrip("_")
    if name[0] == "I" and size and name not in words.names:
        return Word("eye", size, piece.span)
    return Word("name", name, piece.span)


def _letter(piece: Piece, called: bool, words: Vocabulary) -> Word:
    function = words.function(piece.text)
    if function is None or canonical_name(piece.text) in words.names:
        return _symbol(piece, words)
    if called:
        return Word("function", function, piece.span)
    if words.applies_bare(piece.text):
        said = f"{piece.text} is a function and needs an argument in parentheses"
        raise NameMistake(said, marks=[Mark(piece.span, focus=True)])
    return _symbol(piece, words)


MOST_FACTORS = 3
"""A run of more letters before a bracket is hardly meant as a product."""


def _check_call(pieces: Sequence[Piece], run: str, span: Span, words: Vocabulary, text: str) -> None:
    """Refuse ``trc(`` and ``foo(``; let ``AX(Y+Z)`` pass as a product."""
    long_functions = [n for n in words.functions if len(n) > 1]
    if any(run.endswith(n) for n in long_functions) or not run.isascii():
        return
    similar = closest(run, long_functions)
    if similar is None and not run.islower():
        return
    notes = [f"did you mean {similar}?"] if similar else []
    product = "*".join(piece.text for piece in pieces)
    fix = similar if similar else f"{product}*"
    if not similar:
        notes += [f"for a product write {product}*(...)"] if len(pieces) <= MOST_FACTORS else []
        notes.append("mc ops lists the functions")
    fixed = text[: span.start] + fix + text[span.end :]
    raise NameMistake(f"unknown function {run}", marks=[Mark(span, focus=True)], notes=notes, fix=fixed)


_GLUED_HINTS = {
    "λmax": "the largest eigenvalue of a symmetric matrix is eigmax(A)",
    "λmin": "the smallest eigenvalue of a symmetric matrix is eigmin(A)",
    "argmin": "type the function alone; mc derives it and does not minimise",
    "argmax": "type the function alone; mc derives it and does not maximise",
}


def _check_glue(pieces: Sequence[Piece], words: Vocabulary, text: str) -> None:
    """Refuse a run in which a known name of several letters touches other letters."""
    run = "".join(piece.text for piece in pieces)
    for known in words.long_names:
        first = _find(pieces, known) if known in run else None
        if first is None:
            continue
        start, stop = first
        parts = [pieces[:start], pieces[start:stop], pieces[stop:]]
        spans = [part[0].span.to(part[-1].span) for part in parts if part]
        whole = spans[0].to(spans[-1])
        spaced = " ".join(text[s.start : s.end] for s in spans)
        hint = _GLUED_HINTS.get(run.replace("lambda", "λ"))
        is_applied = start == 0 and known in words.functions  # logdetX; any other gap would be a guess
        raise NameMistake(
            f"{text[whole.start : whole.end]} is no name, and {known} is glued to other letters in it",
            marks=[Mark(whole), Mark(parts[1][0].span.to(parts[1][-1].span), known, focus=True)],
            notes=[hint or f"for a product write a space: {spaced}"],
            fix=text[: whole.start] + spaced + text[whole.end :] if is_applied and not hint else None,
        )


def _check_typo(run: str, span: Span, words: Vocabulary, text: str) -> None:
    """Refuse ``lamda``: a lowercase run of four letters or more that all but spells a known name."""
    if len(run) < 4 or not (run.isascii() and run.islower()):
        return
    similar = next((n for n in words.long_names if len(n) > 3 and _all_but_spells(run, n)), None)
    if similar is not None:
        raise NameMistake(
            f"unknown name {run}",
            marks=[Mark(span, focus=True)],
            notes=[f"did you mean {similar}?", f"for a product write {'*'.join(run)}"],
            fix=text[: span.start] + similar + text[span.end :],
        )


def _all_but_spells(run: str, known: str) -> bool:
    """Whether one letter in five, of the two words together, is a slip at most; of four letters none is replaced."""
    most = (len(run) + len(known) + 1) // 10
    return slips_between(run, known, most) <= most


def _find(pieces: Sequence[Piece], known: str) -> tuple[int, int] | None:
    """Where the letters of ``known`` stand in the run, as a range of pieces."""
    for start in range(len(pieces)):
        joined = ""
        for stop in range(start, len(pieces)):
            joined += pieces[stop].text
            if joined == known and stop > start:
                return start, stop + 1
            if not known.startswith(joined):
                break
    return None
