"""Code that misbehaves: what is said, and that nothing is called right that is not."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from mccli.errors import McError
from mccli.numeric.gradcheck import Problem, Report, check

X = np.array([0.3, -1.2, 0.7, 2.0])


def reasons(report: Report) -> set[str]:
    return {f.reason for f in report.findings} | {f.reason for a in report.arguments for f in a.findings}


def cube(p: Any) -> Any:
    return np.sum(p["x"] ** 3)


def cube_gradient(p: Any) -> dict[str, Any]:
    return {"x": 3 * p["x"] ** 2}


@pytest.mark.parametrize("culprit", ["value", "gradient"])
def test_arguments_changed_in_place(culprit: str) -> None:
    def value(p: Any) -> Any:
        found = cube(p)
        if culprit == "value":
            p["x"] *= 2
        return found

    def gradient(p: Any) -> dict[str, Any]:
        found = cube_gradient(p)
        if culprit == "gradient":
            p["x"][0] = 7
        return found

    report = check(Problem(value, {"x": X}, gradient=gradient))
    assert report.verdict == "cannot tell"
    assert "changed in place" in reasons(report)
    assert np.array_equal(X, [0.3, -1.2, 0.7, 2.0])


def test_a_gradient_that_uses_what_f_left_behind() -> None:
    memory = {}

    def value(p: Any) -> Any:
        memory["x"] = p["x"].copy()
        return cube(p)

    report = check(Problem(value, {"x": X}, gradient=lambda _: {"x": 3 * memory["x"] ** 2}))
    assert report.verdict == "wrong"
    assert "stale cache" in reasons(report)


def test_one_buffer_for_all_gradients_is_mentioned() -> None:
    buffer = np.zeros(4)

    def gradient(p: Any) -> dict[str, Any]:
        buffer[:] = 3 * p["x"] ** 2
        return {"x": buffer}

    report = check(Problem(cube, {"x": X}, gradient=gradient))
    assert report.verdict == "right"
    assert any("changed by a later call" in r for r in report.remarks)


def test_random_numbers_from_the_global_state_are_frozen() -> None:
    def mask() -> Any:
        return np.random.random(4) < 0.5

    def value(p: Any) -> Any:
        return np.sum(mask() * p["x"] ** 3)

    report = check(Problem(value, {"x": X}, gradient=lambda p: {"x": 3 * mask() * p["x"] ** 2}))
    assert report.verdict == "right"
    assert any("frozen" in r for r in report.remarks)
    other = check(Problem(value, {"x": X}, gradient=lambda p: {"x": (mask(), mask())[1] * 3 * p["x"] ** 2}))
    assert other.verdict == "cannot tell"
    assert "non-deterministic" in reasons(other)


def test_a_hook_reseeds() -> None:
    state = {"rng": np.random.default_rng(0)}

    def value(p: Any) -> Any:
        return np.sum(state["rng"].normal(size=4) * p["x"])

    def reseed() -> None:
        state["rng"] = np.random.default_rng(1)

    def gradient(_: Any) -> dict[str, Any]:
        return {"x": state["rng"].normal(size=4)}

    assert check(Problem(value, {"x": X}, gradient=gradient, reseed=reseed)).verdict == "right"
    assert check(Problem(value, {"x": X}, gradient=gradient)).verdict == "cannot tell"


def test_a_random_estimate_cannot_be_told() -> None:
    rng = np.random.default_rng(0)
    report = check(Problem(lambda p: cube(p) * rng.normal(1, 0.3), {"x": X}, gradient=cube_gradient))
    assert report.verdict == "cannot tell"


def test_a_random_gradient() -> None:
    rng = np.random.default_rng(0)
    report = check(Problem(cube, {"x": X}, gradient=lambda p: {"x": 3 * p["x"] ** 2 * rng.normal(1, 1e-3)}))
    assert report.verdict != "right"
    assert "non-deterministic" in reasons(report)


@pytest.mark.parametrize(
    ("found", "reason"),
    [
        (np.ones(3), "wrong shape"),
        (np.ones((4, 1)), "wrong shape"),
        (np.ones((4, 4)), "wrong shape"),
        (np.float64(1.0), "wrong shape"),
        (np.array(["a", "b", "c", "d"]), "wrong shape"),
        (np.ones(4) * 1j, "wrong shape"),
        (None, "wrong shape"),
        (np.array([1.0, np.nan, 1, 1]), "not finite"),
        (np.array([1.0, np.inf, 1, 1]), "not finite"),
    ],
)
def test_no_gradient_at_all(found: Any, reason: str) -> None:
    report = check(Problem(cube, {"x": X}, gradient=lambda _: {"x": found}))
    assert report.verdict == "wrong"
    assert reason in reasons(report)


def test_a_missing_gradient() -> None:
    report = check(Problem(lambda p: np.sum(p["x"] * p["y"]), {"x": X, "y": X}, gradient=lambda p: {"x": p["y"]}))
    assert report.of("x").verdict == "right"
    assert report.of("y").verdict == "wrong"


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (lambda p: np.log(-np.abs(p["x"])).sum(), "not finite"),
        (lambda _: np.linalg.cholesky(-np.eye(2)), "raised"),
        (lambda _: "text", "raised"),
        (lambda p: p["x"], "wrong shape"),
        (lambda p: np.sum(p["x"]) * 1j, "not finite"),
    ],
)
def test_a_function_that_cannot_be_checked(value: Any, reason: str) -> None:
    report = check(Problem(value, {"x": X}, gradient=cube_gradient))
    assert report.verdict == "cannot tell"
    assert reason in reasons(report)


def test_a_gradient_that_raises() -> None:
    def gradient(_: Any) -> dict[str, Any]:
        raise ZeroDivisionError("no")

    report = check(Problem(cube, {"x": X}, gradient=gradient))
    assert report.verdict == "cannot tell"
    assert "ZeroDivisionError: no" in report.arguments[0].findings[0].text


def test_mistakes_of_mc_pass_through() -> None:
    def value(_: Any) -> Any:
        raise McError("the child process is gone")

    with pytest.raises(McError):
        check(Problem(value, {"x": X}, gradient=cube_gradient))


def test_at_the_edge_of_the_domain() -> None:
    x = np.zeros(3)
    report = check(
        Problem(lambda p: np.sum(np.sqrt(p["x"]) ** 3), {"x": x}, gradient=lambda p: {"x": 1.5 * np.sqrt(p["x"])})
    )
    assert report.verdict in ("right", "cannot tell")
    wrong = check(Problem(lambda p: np.sum(np.sqrt(p["x"]) ** 3), {"x": x}, gradient=lambda _: {"x": np.ones(3)}))
    assert wrong.verdict == "wrong"


def test_a_gradient_with_a_buffer_of_float32() -> None:
    def gradient(p: Any) -> dict[str, Any]:
        return {"x": (3 * p["x"] ** 2).astype(np.float32)}

    assert check(Problem(cube, {"x": X}, gradient=gradient)).verdict == "right"


def test_an_argument_in_float32() -> None:
    x = X.astype(np.float32)
    assert check(Problem(cube, {"x": x}, gradient=cube_gradient)).verdict == "right"
    assert check(Problem(cube, {"x": x}, gradient=lambda p: {"x": 3.1 * p["x"] ** 2})).verdict == "wrong"


def test_float32_that_drowns_the_slope() -> None:
    def value(p: Any) -> Any:
        return np.float32(1e6) + np.float32(np.sum(np.sin(p["x"])))

    report = check(Problem(value, {"x": X}, gradient=lambda p: {"x": np.cos(p["x"])}))
    assert report.verdict == "cannot tell"
    assert "float32" in reasons(report)


def test_a_kink_in_every_direction() -> None:
    """At zero the norm has every vector up to length one as a subgradient, and none other."""

    def at_zero(g: float) -> Report:
        return check(
            Problem(
                lambda p: np.sum(np.abs(p["x"])),
                {"x": np.zeros(4)},
                gradient=lambda p: {"x": np.sign(p["x"]) + g * (p["x"] == 0)},
            )
        )

    assert at_zero(0.0).verdict == "right"
    assert at_zero(0.3).verdict == "right"
    assert any("kink" in r for r in at_zero(0.3).of("x").remarks)


def test_a_constant_function() -> None:
    assert check(Problem(lambda _: 3.0, {"x": X}, gradient=lambda _: {"x": np.zeros(4)})).verdict == "right"
    assert check(Problem(lambda _: 3.0, {"x": X}, gradient=lambda _: {"x": np.ones(4)})).verdict == "wrong"


def test_a_stationary_point() -> None:
    a = np.array([1.0, 2.0, 3.0, 4.0])
    problem = Problem(lambda p: np.sum((p["x"] - a) ** 2), {"x": a}, gradient=lambda p: {"x": 2 * (p["x"] - a)})
    assert check(problem).verdict == "right"
