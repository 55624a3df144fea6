"""Giving a number its name: 2, 1/2, a dimension of an argument, a scalar argument."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from mccli.numeric.gradcheck.problem import Arguments

NEAR = 1e-5
"""A fitted number that is as near as this to a named one is taken for it; the named one is then tested by itself."""

PLAIN = ((1.0, "1"), (2.0, "2"), (0.5, "1/2"), (4.0, "4"), (0.25, "1/4"), (3.0, "3"), (1 / 3, "1/3"), (8.0, "8"),
         (0.125, "1/8"), (6.0, "6"), (1 / 6, "1/6"), (1.5, "3/2"), (2 / 3, "2/3"), (np.pi, "π"), (1 / np.pi, "1/π"),
         (2 * np.pi, "2π"), (1 / (2 * np.pi), "1/(2π)"), (np.log(2), "log 2"), (1 / np.log(2), "1/log 2"),
         (np.log(10), "log 10"), (1 / np.log(10), "1/log 10"), (np.sqrt(2), "√2"), (1 / np.sqrt(2), "1/√2"),
         (5.0, "5"), (0.2, "1/5"), (10.0, "10"), (0.1, "1/10"), (100.0, "100"), (0.01, "1/100"))  # fmt: skip
MULTIPLES = ((1.0, ""), (2.0, "2·"), (0.5, "1/2·"), (4.0, "4·"), (0.25, "1/4·"))


@dataclass(frozen=True)
class Named:
    """A number and what it is; ``because`` explains a dimension or an argument."""

    value: float
    text: str
    because: str = ""
    rank: float = 0.0
    batch: bool = False
    """A dimension that the differentiated argument does not have."""

    @property
    def shown(self) -> str:
        """With the reason in brackets."""
        return f"{self.text} ({self.because})" if self.because else self.text


@dataclass(frozen=True)
class Names:
    """All the numbers that have names at a point."""

    known: tuple[Named, ...]

    def of(self, number: float) -> Named | None:
        """The simplest name of a number, its sign included."""
        near = [n for n in self.known if abs(abs(number) - n.value) <= NEAR * n.value]
        if not near or not np.isfinite(number):
            return None
        best = min(near, key=lambda n: (n.rank, n.text))
        if number > 0:
            return best
        return Named(-best.value, f"-{best.text}", best.because, best.rank + 0.1, best.batch)


def names_for(arguments: Arguments, scalars: Mapping[str, float], of: str) -> Names:
    """The names of numbers near a problem; ``of`` is the argument whose derivative is wrong."""
    known = [Named(value, text, rank=0.1 * min(i, 3)) for i, (value, text) in enumerate(PLAIN)]
    known += list(_scalars(arguments, scalars))
    known += list(_dimensions(arguments, of))
    return Names(tuple(known))


def _scalars(arguments: Arguments, scalars: Mapping[str, float]) -> Iterator[Named]:
    values = dict(scalars)
    values.update({k: float(a) for k, a in arguments.items() if np.ndim(a) == 0 and np.asarray(a).dtype.kind in "fi"})
    for name, value in values.items():
        if not np.isfinite(value) or value in (0.0, 1.0):
            continue
        for rank, power in enumerate((1, -1, 2, -2, 0.5, -0.5)):
            if value < 0 and power not in (1, -1, 2, -2):
                continue
            text = {1: name, -1: f"1/{name}", 2: f"{name}²", -2: f"1/{name}²", 0.5: f"√{name}", -0.5: f"1/√{name}"}
            yield from _multiples(abs(float(value)) ** power, text[power], f"{name} = {value:g}", 0.2 + 0.1 * rank)


def _dimensions(arguments: Arguments, of: str) -> Iterator[Named]:
    own = set(np.shape(arguments[of]))
    seen: dict[int, str] = {}
    for name in sorted(arguments, key=lambda n: n == of):
        shape = np.shape(arguments[name])
        for axis, length in enumerate(shape):
            seen.setdefault(int(length), _axis(name, axis, len(shape)))
        if len(shape) > 1:
            seen.setdefault(int(np.prod(shape)), f"the number of entries of {name}")
    for length, what in seen.items():
        batch = length not in own
        rank = 0.3 if batch else 0.4
        for offset, suffix in ((0, ""), (-1, " less one")):
            base = length + offset
            if base > 1:
                why = f"{length} is {what}" + (suffix and f", {base} is{suffix}")
                yield from _multiples(float(base), str(base), why, rank - 0.5 * offset, batch)
                yield from _multiples(1 / base, f"1/{base}", why, rank - 0.5 * offset, batch)
                yield from _multiples(base**-0.5, f"1/√{base}", why, rank + 0.6 - 0.5 * offset)


def _axis(name: str, axis: int, axes: int) -> str:
    if axes == 1:
        return f"the length of {name}"
    if axes == 2:
        return f"the number of {('rows', 'columns')[axis]} of {name}"
    return f"the length of axis {axis} of {name}"


def _multiples(value: float, text: str, because: str, rank: float, batch: bool = False) -> Iterator[Named]:
    if not value:
        return
    for multiple, prefix in MULTIPLES:
        whole = multiple * value
        shown = f"{whole:g}" if float(whole).is_integer() and not text.isidentifier() else f"{prefix}{text}"
        yield Named(whole, shown, because, rank + (0 if multiple == 1 else 0.25), batch)
