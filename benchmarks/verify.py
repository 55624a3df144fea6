"""Gradient checkers on the same functions: false alarms, misses, evaluations of f, and time in evaluations of f.

``mc`` against ``scipy.optimize.check_grad``, ``jax.test_util.check_grads``, autograd's ``check_grads`` and
``torch.autograd.gradcheck``, as far as they are installed.
"""

from __future__ import annotations

import statistics
import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from benchmarks.verify_functions import HARD, MISTAKES, ORDINARY, Case, right_ones, wrong_ones
from benchmarks.verify_tools import Tool, Verdict, tools

SEEDS = 3
SIZES = (10, 1_000, 1_000_000)
SLOW = 5_000
"""Evaluations of f after which a check is given up where time is taken."""

WIDTHS = (15, 11, 8, 8, 10)


def run() -> None:
    """Print the figures."""
    installed, missing = tools()
    rights = list(right_ones(SEEDS))
    wrongs = [wrong for right in rights for wrong in wrong_ones(right)]
    print(f"\n{len(ORDINARY)} ordinary and {len(HARD)} hard functions, {SEEDS} seeds:", end=" ")
    print(f"{len(rights)} right gradients, {len(wrongs)} wrong ones")
    print("\n".join(missing), end="\n" if missing else "")
    results = _verdicts(installed, rights, wrongs)
    _by_mistake(results)
    _by_function(results)
    _times(installed)


# ------------------------------------------------------------------------------------------------------ verdicts


@dataclass(frozen=True)
class Outcome:
    """What one tool said about one case."""

    case: Case
    verdict: Verdict
    evaluations: int

    @property
    def mistaken(self) -> bool:
        """A false alarm or a miss."""
        return self.verdict == ("right" if self.case.mistake else "wrong")

    @property
    def untold(self) -> bool:
        """Neither right nor wrong was said."""
        return self.verdict == "cannot tell"


Results = dict[str, list[Outcome]]


def _verdicts(installed: Sequence[Tool], rights: Sequence[Case], wrongs: Sequence[Case]) -> Results:
    """The main table, a line as soon as a tool is through."""
    hard = sum(case.name in HARD for case in rights)
    print(f"\n{'':<28}{'false alarms':>24}{'cannot tell':>16}{'misses':>10}{'evaluations of f':>28}")
    heads = (f"ordinary of {len(rights) - hard}", f"hard of {hard}", "right", "wrong", f"of {len(wrongs)}")
    head = "".join(f"{text:>{width}}" for text, width in zip(heads, WIDTHS, strict=True))
    print(f"{'':<28}{head}{'right: median':>16}{'most':>6}{'wrong':>7}")
    results: Results = {}
    for tool in installed:
        outcomes = results[tool.name] = [Outcome(case, *tool(case)) for case in (*rights, *wrongs)]
        right = [o for o in outcomes if not o.case.mistake]
        wrong = [o for o in outcomes if o.case.mistake]
        alarms = Counter(o.case.name in HARD for o in right if o.mistaken)
        untold = [sum(o.untold for o in part) for part in (right, wrong)]
        line = (alarms[False], alarms[True], *untold, sum(o.mistaken for o in wrong))
        figures = "".join(f"{number:>{width}}" for number, width in zip(line, WIDTHS, strict=True))
        print(f"{tool.name:<28}{figures}{_middle(right):>16.0f}{_most(right):>6}{_middle(wrong):>7.0f}", flush=True)
    return results


def _middle(outcomes: Iterable[Outcome]) -> float:
    return statistics.median(o.evaluations for o in outcomes)


def _most(outcomes: Iterable[Outcome]) -> int:
    return max(o.evaluations for o in outcomes)


def _by_mistake(results: Results) -> None:
    """Which wrong variants pass as right."""
    totals = Counter(o.case.mistake for o in next(iter(results.values())))
    print(f"\n{'misses':<28}" + "".join(f"{mistake:>16}" for mistake in MISTAKES))
    print(f"{'  of':<28}" + "".join(f"{totals[mistake]:>16}" for mistake in MISTAKES))
    for name, outcomes in results.items():
        missed = Counter(o.case.mistake for o in outcomes if o.mistaken)
        print(f"{name:<28}" + "".join(f"{missed[mistake]:>16}" for mistake in MISTAKES))


def _by_function(results: Results) -> None:
    """The functions on which not everything was told apart: false alarms, misses and cannot-tells of every tool."""
    names = list(results)
    print("\nby function: a = false alarms, m = misses, ? = cannot tell (right and wrong ones together)")
    print("\n".join(f"  [{number}] {name}" for number, name in enumerate(names, 1)))
    print(f"{'':<36}" + "".join(f"{f'[{number}]':>12}" for number in range(1, len(names) + 1)))
    for function in ORDINARY | HARD:
        cells = [_cell(o for o in results[name] if o.case.name == function) for name in names]
        if any(cells):
            print(f"{function:<36}" + "".join(f"{cell or '.':>12}" for cell in cells))


def _cell(outcomes: Iterable[Outcome]) -> str:
    """As ``a3 m2 ?1``."""
    counts: Counter[str] = Counter()
    for outcome in outcomes:
        if outcome.untold:
            counts["?"] += 1
        elif outcome.mistaken:
            counts["m" if outcome.case.mistake else "a"] += 1
    return " ".join(f"{letter}{counts[letter]}" for letter in "am?" if counts[letter])


# ---------------------------------------------------------------------------------------------------------- time


def _large(n: int, mistaken: bool = False) -> Case:
    """A smooth function of n entries, and one entry of the gradient doubled."""
    rng = np.random.default_rng(n)
    a = rng.uniform(0.5, 2, size=n)

    def f(x: Any) -> Any:
        return np.sum(np.sqrt(1 + (a * x) ** 2)) + np.sum(x[1:] * x[:-1]) / 2

    def gradient(x: Any) -> Any:
        g = a**2 * x / np.sqrt(1 + (a * x) ** 2)
        g[1:] += x[:-1] / 2
        g[:-1] += x[1:] / 2
        if mistaken:
            g[n // 3] *= 2
        return g

    x = rng.normal(size=n)
    x[n // 3 - 1 : n // 3 + 2] = 1.0
    return Case("large", f, gradient, x, "one entry x2" if mistaken else "")


def _times(installed: Sequence[Tool]) -> None:
    """Time per check as a multiple of one evaluation of f, both within this run."""
    print(
        "\nprocessor time per check as a multiple of one evaluation of f (evaluations of f; one entry x2: seen, missed)"
    )
    print(f"{'':<28}" + "".join(f"{f'n = {n:,}':>30}" for n in SIZES))
    for tool in installed:
        print(f"{tool.name:<28}" + "".join(f"{_timed(tool, n):>30}" for n in SIZES), flush=True)


def _timed(tool: Tool, n: int) -> str:
    if tool.least(n) > SLOW:
        return f"not run ({tool.least(n):,})"
    right, wrong = _large(n), _large(n, True)
    verdict, evaluations = tool(right, SLOW)  # also a warm-up
    ratios = []
    for _ in range(1 if n > 10_000 else 5):
        unit = _seconds(lambda: right.f(right.x), 9)
        ratios.append(_seconds(lambda: tool(right, SLOW), 1) / unit)
    words = {"wrong": "seen", "right": "missed", "cannot tell": "?"}
    word = words[tool(wrong, SLOW)[0]] if verdict == "right" else {"wrong": "false alarm"}.get(verdict, "?")
    return f"{statistics.median(ratios):,.0f} ({evaluations:,}; {word})"


def _seconds(action: Callable[[], object], repeats: int) -> float:
    """Median processor time."""
    times = []
    for _ in range(repeats):
        start = time.process_time()
        action()
        times.append(time.process_time() - start)
    return statistics.median(times)
