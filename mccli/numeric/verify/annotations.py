"""Shapes in annotations: ``Float[Array, "m n"]`` of jaxtyping and its like. The text is read, never run."""

from __future__ import annotations

import re

from mccli.numeric.verify.forms import SIZE, Form

QUOTED = re.compile(r"""(["'])(.*?)\1""")
NUMBERS = re.compile(r"\(\s*(\d+(?:\s*,\s*\d+)*)\s*,?\s*\)")
INTEGER = re.compile(r"\s*(?:\w+\.)*U?[Ii]nt(?:8|16|32|64)?\s*\[")
SCALARS = frozenset({"float", "np.float64", "numpy.float64", "np.floating", "Scalar", "ScalarLike", "FloatScalar"})


def form_of(annotation: str) -> Form | None:
    """The form that an annotation gives, if it gives one."""
    text = annotation.strip().strip("'\"")
    if text in SCALARS:
        return Form(())
    integer = INTEGER.match(annotation) is not None
    if "[" not in annotation:
        return None
    quoted = QUOTED.search(annotation)
    if quoted is not None:
        return _from_words(quoted[2], integer)
    numbers = NUMBERS.search(annotation)
    if numbers is not None:
        return Form(tuple(n.strip() for n in numbers[1].split(",")), integer)
    return None


def _from_words(text: str, integer: bool) -> Form | None:
    """Sizes between blanks or commas; leading batch sizes (``*batch``, ``...``) may be nothing, and are."""
    words = text.replace(",", " ").split()
    sizes: list[str] = []
    for number, word in enumerate(words):
        if word.startswith("*") or word == "...":
            continue
        plain = word.lstrip("#").split("=")[-1]
        plain = f"_{number}" if plain == "_" else plain
        if not SIZE.fullmatch(plain):
            return None
        sizes.append(plain)
    return Form(tuple(sizes), integer)
