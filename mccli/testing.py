"""For tests: is a gradient right. The check of ``mc verify``, in the process of the test.

    from mccli.testing import assert_gradient

    def test_gradient_of_loss():
        assert_gradient(loss, grad_loss, w, X, y)

There is no tolerance to choose: it comes from an error estimate of the differences. The functions take NumPy arrays;
functions written for JAX, PyTorch or autograd get arrays of theirs. A function that runs in a process of its own,
with a limit of time and memory, is what the command ``mc verify`` is for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mccli.numeric.verify.outcome import Outcome

__all__ = ["GradientCheck", "assert_gradient", "check_gradient"]

WIDTH = 88
SEED = 1


class GradientCheck:
    """What :func:`check_gradient` found. ``str`` is the report; it is true where the gradient is right."""

    def __init__(self, outcome: Outcome, raised: BaseException | None = None) -> None:
        self.outcome = outcome
        self.raised = raised
        """What the functions raised, if they did."""

    @property
    def verdict(self) -> str:
        """``"right"``, ``"wrong"`` or ``"cannot tell"``."""
        return self.outcome.verdict

    @property
    def labels(self) -> tuple[str, ...]:
        """The mistakes that explain a wrong gradient, the likeliest first: ``"factor"``, ``"transpose"``, ..."""
        return tuple(d.label for d in self.outcome.diagnoses)

    def __bool__(self) -> bool:
        return self.verdict == "right"

    def __str__(self) -> str:
        from mccli.cli.terminal import Terminal
        from mccli.cli.verify_text import VerdictText

        layout = VerdictText(self.outcome, Terminal(False, False, WIDTH, True))
        return "\n".join(line for line, _ in layout.lines())

    def __repr__(self) -> str:
        return f"<{self.verdict}: {self.outcome.function}>"


def check_gradient(
    f: Callable[..., Any],
    grad: Callable[..., Any] | None = None,
    /,
    *arguments: Any,
    named: Mapping[str, Any] | None = None,
    wrt: str | Iterable[str] = (),
    kind: str = "",
    symmetric: str | Iterable[str] = (),
    seed: int = SEED,
    thorough: bool = False,
    budget: float | None = None,
) -> GradientCheck:
    """Look at a gradient at the arguments and near them.

    Args:
        f: the function; with ``grad=None`` it returns ``(value, gradient)``.
        grad: its gradient: an array of the shape of the first array argument, or of the one named by ``wrt``, or a
            tuple or dict with one for each argument. For a function with several outputs its Jacobian.
        arguments: the arguments of ``f``, in its order.
        named: more arguments of ``f``, by name.
        wrt: the arguments to check, one name or several; those that ``grad`` returns if left out.
        kind: ``"hessian"``, ``"vjp"`` or ``"jvp"`` where ``grad`` is that; the last argument of these is the
            cotangent or the tangent.
        symmetric: arguments that are symmetric by definition, and move as such.
        seed: of the random directions.
        thorough: look at every entry.
        budget: the time that may be used, in seconds.

    Raises:
        mccli.errors.McError: the arguments do not fit the functions.
    """
    from mccli.numeric.verify.local import check_local
    from mccli.numeric.verify.request import Request

    outcome, raised = check_local(
        f,
        grad,
        arguments,
        named or {},
        wrt=_names(wrt),
        kind=kind,
        symmetric=_names(symmetric),
        request=Request("", seed=seed, thorough=thorough, budget=budget),
    )
    return GradientCheck(outcome, raised)


def assert_gradient(
    f: Callable[..., Any], grad: Callable[..., Any] | None = None, /, *arguments: Any, **options: Any
) -> None:
    """Fail unless the gradient is right: the arguments and options are those of :func:`check_gradient`.

    Raises:
        AssertionError: with the report: the worst entries and the mistake that was probably made; or, where it
            cannot be told whether the gradient is right, with the reason.
    """
    __tracebackhide__ = True
    found = check_gradient(f, grad, *arguments, **options)
    if not found:
        raise AssertionError(f"\n{found}") from found.raised


def _names(given: str | Iterable[str]) -> tuple[str, ...]:
    words = given.split(",") if isinstance(given, str) else given
    return tuple(name.strip() for name in words if name.strip())
