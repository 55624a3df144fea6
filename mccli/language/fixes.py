"""Fixes for shape mistakes: small edits of the text, each tried before it is offered."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from mccli.errors import ShapeError, Span


def offer_fix(error: ShapeError, text: str, works: Callable[[str], bool]) -> None:
    """Give the error a fix: the first edit of the text after which it fits. Nothing if there is none."""
    if error.fix is not None or len(error.marks) != 3:
        return
    left, _operator, right = (m.span for m in sorted(error.marks, key=lambda m: m.span.start))
    for candidate in _edits(text, left, right):
        if works(candidate):
            error.fix = candidate
            return


def _edits(text: str, left: Span, right: Span) -> Iterator[str]:
    first, second = text[left.start : left.end], text[right.start : right.end]
    between = text[left.end : right.start]
    before, after = text[: left.start], text[right.end :]
    yield before + _transposed(first) + between + second + after
    yield before + first + between + _transposed(second) + after
    if between.strip() in ("", "*", "·", "@"):
        yield f"{before}{first}.*{second}{after}"
        if not {first[-1:], second[-1:]} & {"'", "ᵀ"}:  # x'y turned round is another kind of product
            yield f"{before}{second}{between}{first}{after}"
        yield before + _transposed(second) + between + first + after


def _transposed(piece: str) -> str:
    if piece.endswith("'"):
        return piece[:-1]
    simple = all(c.isalnum() or c in "_'" for c in piece) and sum(c.isalpha() for c in piece) == 1
    return f"{piece}'" if simple or (piece.startswith("(") and piece.endswith(")")) else f"({piece})'"
