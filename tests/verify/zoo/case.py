"""What one case of the zoo says."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent

LABELS = frozenset(
    {
        "factor",
        "sign",
        "transpose",
        "layout",
        "missing-sum",
        "extra-sum",
        "mean-or-sum",
        "symmetric-assumed",
        "product-order",
        "elementwise-product",
        "triangle",
        "diagonal",
        "missing-term",
        "chain-factor",
        "some-entries",
        "not-a-gradient",
        "other-function",
        "stale-state",
        "changed-in-place",
        "random",
        "float32",
        "kink",
        "missing-argument",
    }
)
REASONS = frozenset({"noise", "random", "not-finite", "raised", "not-a-number", "could-not-run"})
KINDS = frozenset({"gradient", "jacobian", "hessian", "vjp", "jvp"})
VERDICTS = frozenset({"right", "wrong", "cannot tell"})


@dataclass(frozen=True)
class Case:
    """One function, one gradient, and what a checker must say about them.

    ``detail``: texts that the message must all contain; ``|`` separates alternatives of one text. Indices count from 0.
    ``also``: labels that are as right as ``label``. ``shapes`` empty: the script has ``mc_example(rng)``, a dict from
    names to values, of which a function takes those that it has. ``grad`` None: the function returns both.
    A ``vjp`` or ``jvp`` takes the cotangent or tangent as its last argument, named ``u`` or ``v``.
    """

    id: str
    script: str
    f: str
    grad: str | None
    verdict: str
    wrt: tuple[str, ...]
    shapes: tuple[str, ...] = ()
    assume: tuple[str, ...] = ()
    of: str = ""
    """A formula with the same value in mc's language, for ``--of``."""
    label: str = ""
    detail: tuple[str, ...] = ()
    also: tuple[str, ...] = ()
    wrong_in: tuple[str, ...] = ()
    """The arguments whose gradients are wrong; empty: all of them."""
    wrong_at: str = "example"
    """``example``; ``nearby``: right at the example, wrong a step away; ``again``: wrong once the function or the
    gradient has run at another point; ``after``: the call changes its argument."""
    kind: str = "gradient"
    accuracy: float = 1e-6
    """How well a right gradient agrees with the exact one, relative to its largest entry in units of the input."""
    entries: tuple[int, ...] = ()
    """Of a huge argument: the flat entries that are wrong."""
    reason: str = ""
    """Why nothing can be said."""
    part: str = "design"
    """``frozen``: diagnosis code must never be tuned on it."""

    @property
    def path(self) -> Path:
        return HERE / self.script

    @property
    def target(self) -> str:
        """As one would type it."""
        return f"{self.path}:{self.f}"

    @property
    def by_convention(self) -> bool:
        """Whether the gradient is found without ``--grad``."""
        owner, _, last = self.f.rpartition(".")
        dot = f"{owner}." if owner else ""
        names = {f"{dot}grad_{last}", f"{dot}{last}_grad", f"{self.f}.grad", f"{dot}d{last}"}
        if self.kind == "hessian":
            names = {f"{dot}hess_{last}", f"{dot}{last}_hess"}
        return self.grad is None or self.grad in names


def words(text: str) -> tuple[str, ...]:
    """Texts at blanks: shapes and names without quotes around each."""
    return tuple(text.split())


def wrong(name: str, target: str, grad: str, label: str, *detail: str, wrt: str, **other: object) -> Case:
    """A wrong gradient."""
    return _case(name, target, grad, "wrong", wrt, label=label, detail=detail, **other)


def right(name: str, target: str, grad: str | None, *, wrt: str, **other: object) -> Case:
    """A right gradient."""
    return _case(name, f"zoo_right/{target}", grad, "right", wrt, **other)


def unsure(name: str, target: str, grad: str, reason: str, *detail: str, wrt: str, **other: object) -> Case:
    """Nothing can be said, or nothing could be run."""
    return _case(name, f"zoo_unsure/{target}", grad, "cannot tell", wrt, reason=reason, detail=detail, **other)


def _case(name: str, target: str, grad: str | None, verdict: str, wrt: str, **other: object) -> Case:
    script, _, f = target.partition(":")
    for key in ("shapes", "assume", "also", "wrong_in"):
        other[key] = words(str(other.get(key, "")))
    return Case(name, f"{script}.py", f, grad, verdict, words(wrt), **other)  # type: ignore[arg-type]
