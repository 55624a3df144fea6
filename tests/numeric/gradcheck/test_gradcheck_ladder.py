"""The parts: scales, noise, ladder, kinks, complex step; and that each of them is needed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from gradient_zoo import MAKERS
from held_out_zoo import HELD_OUT

from mccli.numeric.gradcheck import Problem, check, full_gradient, ladder, noise, taylor_table
from mccli.numeric.gradcheck import confirm as confirming
from mccli.numeric.gradcheck import probes as probing
from mccli.numeric.gradcheck import second_look as looking_again
from mccli.numeric.gradcheck.directions import signs_and_sizes
from mccli.numeric.gradcheck.kinks import kink_in, sides
from mccli.numeric.gradcheck.ladder import slope
from mccli.numeric.gradcheck.noise import Noise, measure, table_level
from mccli.numeric.gradcheck.scales import entry_scales
from mccli.numeric.gradcheck.second_look import SecondLook

ALL = {**MAKERS, **HELD_OUT}


def line_of(f: Callable[[float], Any]) -> Callable[[list[float]], list[Any]]:
    def values(ts: list[float]) -> list[Any]:
        with np.errstate(all="ignore"):
            return [np.atleast_1d(np.asarray(f(t), dtype=float)) for t in ts]

    return values


QUIET = Noise(np.zeros(1))


def noise_of(line: Any) -> Noise | None:
    """The noise around 0."""
    return measure(line, line([0.0])[0])


# ---------------------------------------------------------------------------------------------- scales and directions


def test_scales() -> None:
    assert np.array_equal(entry_scales(np.zeros(3)), np.ones(3))
    assert np.array_equal(entry_scales(np.array([0.0, 2, -4])), [2.0, 2, 4])
    wide = np.array([1e-8, 1.0, 1e8])
    assert np.array_equal(entry_scales(wide), wide)
    many = np.random.default_rng(0).normal(size=100_000)
    assert entry_scales(many).min() > 0.5


def test_directions_leave_no_entry_out() -> None:
    v = np.abs(signs_and_sizes((1000,), np.random.default_rng(0)))
    assert v.min() >= 0.5
    assert v.max() <= 1.5


# ---------------------------------------------------------------------------------------------- noise


@pytest.mark.parametrize("level", [1e-12, 1e-9, 1e-6, 1e-3])
def test_the_noise_level_is_found(level: float) -> None:
    rng = np.random.default_rng(0)
    found = [noise_of(line_of(lambda t: np.cos(t) + level * rng.normal())) for _ in range(20)]
    levels = [float(f.level[0]) for f in found if f is not None]
    assert len(levels) == 20
    assert level / 4 < np.median(levels) < 4 * level
    assert min(levels) > level / 20


def test_float32_is_recognised() -> None:
    found = noise_of(line_of(lambda t: np.float32(np.cos(np.float32(0.7 + t)))))
    assert found is not None
    assert found.single
    plain = noise_of(line_of(lambda t: np.cos(0.7 + t)))
    assert plain is not None
    assert not plain.single
    assert plain.level[0] < 1e-15


def test_a_smooth_function_has_no_noise_at_any_spacing() -> None:
    t = 1e-3 * np.arange(7)
    assert table_level(np.exp(3 * t)[:, None], smooth=True)[0] < 1e-13


# ---------------------------------------------------------------------------------------------- the ladder


@pytest.mark.parametrize(
    ("f", "derivative"),
    [
        (np.exp, 1.0),
        (lambda t: np.sin(1e5 * t + 1), 1e5 * np.cos(1)),
        (lambda t: 1e8 + np.sin(t), 1.0),
        (lambda t: np.log(1e-6 + t), 1e6),
        (lambda t: abs(t - 1e-7) + 3 * t, 2.0),
        (lambda t: t**2 + 1e-5 * np.sin(3e4 * t), 0.3),
        (lambda t: 1 / (1 + 1e4 * t + 1e9 * t**2), -1e4),
        (lambda _t: 5.0, 0.0),
        (lambda t: 1e-200 * np.sinh(t), 1e-200),
        (lambda t: 1e200 * np.sinh(t), 1e200),
    ],
)
def test_slopes_and_their_errors(f: Callable[[float], Any], derivative: float) -> None:
    line = line_of(f)
    (center,) = line([0.0])
    level = noise_of(line) or QUIET
    found = slope(line, level, center)
    assert abs(found.value[0] - derivative) <= 2 * found.error[0]
    assert found.error[0] <= max(1e-5 * abs(derivative), 1e-6 if abs(center[0]) > 1e7 else 1e-14)


def test_outside_the_domain_there_is_no_slope() -> None:
    found = slope(line_of(lambda t: np.sqrt(t)), QUIET, np.zeros(1))
    assert not found.found


def test_many_outputs_at_once() -> None:
    a = 10.0 ** np.linspace(-6, 6, 40)
    found = slope(line_of(lambda t: a * np.exp(t)), Noise(np.zeros(40)), a)
    assert np.all(np.abs(found.value - a) <= 2 * found.error)
    assert np.all(found.error <= 1e-10 * a)


def test_a_kink_is_seen_and_a_parabola_is_none() -> None:
    line = line_of(lambda t: abs(t) + t**2)
    kink = kink_in(slope(line, QUIET, np.zeros(1)).rungs, np.zeros(1), QUIET)
    assert kink is not None
    assert kink.left[0] == pytest.approx(-1, abs=1e-4)
    assert kink.right[0] == pytest.approx(1, abs=1e-4)
    found = sides(line, 1e-4, np.zeros(1), QUIET)
    assert found is not None
    assert found.left[0] == pytest.approx(-1, abs=1e-10)
    assert bool(found.covers(np.array([0.3]), found.error))
    assert not bool(found.covers(np.array([1.3]), found.error))
    smooth = line_of(lambda t: 100 * t**2 + t)
    assert kink_in(slope(smooth, QUIET, np.zeros(1)).rungs, np.zeros(1), QUIET) is None


# ---------------------------------------------------------------------------------------------- calibration

ORDINARY = ("quadratic", "logdet_general", "trace_inverse", "logistic", "softmax_entropy", "rosenbrock", "poisson")
ORDINARY += ("euclidean_norm", "tiny_function", "huge_function", "cosine", "cox", "layer_norm", "gaussian_process")


def actual_over_estimated(name: str, seed: int, allow_complex: bool = False) -> Any:
    case = ALL[name](np.random.default_rng([seed, 7]))
    problem = Problem(case.value, {case.main: case.arguments[case.main]}, seed=seed, allow_complex=allow_complex)
    found = full_gradient(problem)[case.main]
    off = np.abs(found.value - case.gradient(case.arguments)[case.main])
    return off.reshape(-1) / found.error.reshape(-1)


@pytest.mark.parametrize("name", ORDINARY)
def test_the_error_estimate_is_calibrated(name: str) -> None:
    """What is off is at most about twice what the ladder says, and the ladder does not exaggerate wildly."""
    ratios = np.concatenate([actual_over_estimated(name, seed) for seed in range(4)])
    assert ratios.max() <= 2
    assert np.median(ratios) > 1e-3


@pytest.mark.parametrize(
    "name", ["scaled_entries", "large_offset", "noisy", "single_precision_hidden", "kink_nearby", "fast_wave"]
)
def test_the_error_estimate_holds_on_hard_functions(name: str) -> None:
    ratios = np.concatenate([actual_over_estimated(name, seed) for seed in range(4)])
    assert ratios.max() <= 4


def test_the_numerical_gradient_without_a_claim() -> None:
    case = MAKERS["two_layer_tanh"](np.random.default_rng(0))
    found = full_gradient(Problem(case.value, case.arguments))
    right = case.gradient(case.arguments)
    for name, numerical in found.items():
        assert numerical.method == "complex step"
        assert np.allclose(numerical.value, right[name], rtol=1e-12, atol=1e-13)
    vector = full_gradient(Problem(lambda p: np.array([p["x"].sum(), np.abs(p["x"]).max()]), {"x": np.arange(1.0, 4)}))
    assert vector["x"].value.shape == (2, 3)
    assert vector["x"].method == "differences"


def test_the_taylor_table_explains() -> None:
    case = MAKERS["rosenbrock"](np.random.default_rng(0))
    right = taylor_table(Problem(case.value, case.arguments, gradient=case.gradient))
    wrong = taylor_table(
        Problem(case.value, case.arguments, gradient=lambda p: {"x": 1.1 * case.gradient(p)["x"]}),
    )
    assert right[4].rate == pytest.approx(2, abs=0.2)
    assert wrong[-1].rate == pytest.approx(1, abs=0.2)


# ---------------------------------------------------------------------------------------------- complex step

UNSAFE = {
    "abs": (lambda x: np.sum(np.abs(x)), np.sign),
    "vdot": (lambda x: np.vdot(x, x), lambda x: 2 * x),
    "norm": (np.linalg.norm, lambda x: x / np.linalg.norm(x)),
    "mixture": (lambda x: np.sum(x**3) + np.vdot(x, x), lambda x: 3 * x**2 + 2 * x),
    "real part": (lambda x: np.sum(x.real * x), lambda x: 2 * x),
    "sign": (lambda x: np.sum(np.sign(x) * x), np.sign),
    "var": (np.var, lambda x: 2 * (x - x.mean()) / x.size),
    "small unsafe part": (lambda x: np.sum(x**3) + 1e-4 * np.vdot(x, x), lambda x: 3 * x**2 + 2e-4 * x),
}


@pytest.mark.parametrize("name", UNSAFE)
def test_an_unsafe_complex_step_is_not_used(name: str) -> None:
    f, g = UNSAFE[name]
    x = np.random.default_rng(0).normal(size=6) + 0.1
    report = check(Problem(lambda p: f(p["x"]), {"x": x}, gradient=lambda p: {"x": g(p["x"])}))
    assert report.verdict == "right"
    assert "refused" in report.of("x").method
    assert all(p.method == "differences" for p in report.of("x").probes)


def test_slogdet_does_not_take_the_complex_step() -> None:
    case = MAKERS["logdet_general"](np.random.default_rng(0))
    assert "refused" in check(Problem(case.value, case.arguments, gradient=case.gradient)).of("x").method


def test_a_verified_complex_step_sharpens_the_verdict() -> None:
    x = np.random.default_rng(0).normal(size=50)

    def gradient(p: Any) -> dict[str, Any]:
        g = np.cos(p["x"])
        g[3] *= 1 + 1e-10
        return {"x": g}

    def value(p: Any) -> Any:
        return np.sum(np.sin(p["x"]))

    right = check(Problem(value, {"x": x}, gradient=lambda p: {"x": np.cos(p["x"])}))
    assert right.of("x").method == "complex step, verified against differences"
    assert right.of("x").limit.relative < 1e-12
    assert check(Problem(value, {"x": x}, gradient=gradient)).verdict == "wrong"


# ---------------------------------------------------------------------------------------------- weakened on purpose


def false_alarms(names: tuple[str, ...], seeds: range = range(4)) -> int:
    count = 0
    for name in names:
        for seed in seeds:
            case = ALL[name](np.random.default_rng([seed, 7]))
            count += check(Problem(case.value, case.arguments, gradient=case.gradient, seed=seed)).verdict == "wrong"
    return count


class Pinned:
    """A closer look that takes everything for a mistake."""

    slope = entry = prober = None

    def judgement(self) -> str:
        return "pinned"


def test_nothing_is_a_false_alarm_as_it_is() -> None:
    assert false_alarms(("fast_wave", "ill_conditioned", "noisy", "large_offset", "kink_of_little_weight")) == 0


def test_a_kink_at_the_point_is_no_noise() -> None:
    found = noise_of(line_of(lambda t: 3 + abs(t)))
    assert found is not None
    assert found.level[0] < 1e-14


def test_without_the_second_look_there_are_false_alarms(monkeypatch: pytest.MonkeyPatch) -> None:
    def believe(measured: Any, _: Any) -> Any:
        return confirming.Confirmed(measured, "wrong", None)

    monkeypatch.setattr(looking_again, "confirm", believe)
    monkeypatch.setattr(looking_again, "seen_from_afar", lambda *_: None)
    monkeypatch.setattr(SecondLook, "factor", lambda *_: None)
    monkeypatch.setattr(SecondLook, "closer", lambda *_: Pinned())
    assert false_alarms(("fast_wave", "ill_conditioned", "noisy")) > 0


def test_without_the_small_step_a_kink_nearby_is_not_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    line = line_of(lambda t: 1 + t**2 + 1e-3 * abs(t - 1e-7))
    center = np.array([1 + 1e-10])
    guarded, unguarded = slope(line, QUIET, center), slope(line, QUIET, center, guard=False)
    assert abs(guarded.value[0] + 1e-3) <= 2 * guarded.error[0] < 1e-7
    assert abs(unguarded.value[0] + 1e-3) > 100 * unguarded.error[0]
    monkeypatch.setattr(confirming, "_telling_rung", lambda *_: None)
    monkeypatch.setattr(ladder, "_look_closer", lambda _: False)
    assert false_alarms(("kink_of_little_weight", "kink_nearby")) > 0


def test_without_the_noise_the_error_estimate_is_too_small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(noise, "table_level", lambda values: np.zeros(values.shape[1]))
    assert max(actual_over_estimated("noisy", seed).max() for seed in range(3)) > 10


def test_a_margin_that_is_too_wide_misses_mistakes(monkeypatch: pytest.MonkeyPatch) -> None:
    case = MAKERS["mean_of_many"](np.random.default_rng(0))

    def gradient(p: Any) -> dict[str, Any]:
        g = case.gradient(p)["x"]
        g[17] *= 1.01
        return {"x": g}

    problem = Problem(case.value, case.arguments, gradient=gradient, allow_complex=False)
    assert check(problem).verdict == "wrong"
    monkeypatch.setattr(probing, "MARGIN", 1e10)
    assert check(problem).verdict != "wrong"


def test_balanced_directions_see_small_entries(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nine entries whose shares in the slope span sixteen decades: the small ones drown in a plain direction."""
    w = 10.0 ** np.linspace(-8, 8, 9)

    def gradient(factor: float) -> Any:
        return lambda p: {"x": 3 * w * p["x"] ** 2 * np.where(np.arange(9) == 0, factor, 1.0)}

    right = Problem(lambda p: np.sum(w * p["x"] ** 3), {"x": np.linspace(1, 2, 9)}, gradient=gradient(1.0))
    assert check(right).of("x").limit.doubled == 1
    doubled = check(Problem(right.value, right.arguments, gradient=gradient(2.0)))
    assert any("x[0] the complex step disagrees" in r for r in doubled.of("x").remarks)
    assert doubled.of("x").limit.doubled < 1
    monkeypatch.setattr("mccli.numeric.gradcheck.spot.balancing", lambda *_: 1.0)
    assert check(right).of("x").limit.doubled < 1
