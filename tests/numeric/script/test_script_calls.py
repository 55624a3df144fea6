"""Calling functions: values, what happens to arguments, many points, lines, and what f may print."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import pytest

from mccli.numeric.script import CallFailed, Script, ValueMistake

Run = Callable[..., Script]

TEXT = """
import random, sys, os, subprocess
import numpy as np
from fractions import Fraction

def same(x): return x
def square(x, A=None, *, c=1.0): return c * float(x @ (np.eye(len(x)) if A is None else A) @ x)
def nested(x): return {"value": float(x.sum()), "grads": (x, [2, 3.5 + 1j], None), 3: np.int64(4)}
def in_place(x, y):
    x *= 2
    y = y + 1
    return float(x.sum())
def in_list(xs):
    xs[0][0] = 7.0
    return 1.0
def resized(x):
    x.resize((1,), refcheck=False)
    return 1.0
def view(x, y): return x[1:]
buffer = np.zeros(3)
def stale(x):
    buffer[:] = x
    return buffer
def noisy(): return random.random() + np.random.rand()
def single(x): return np.float32(x.sum())
def mixed(x): return (float(x.sum()), x.astype(np.float32))
def integer(x): return int(x.size)
def fraction(): return Fraction(1, 4)
def matrix(x): return np.matrix(x)
def sometimes(x):
    if x[0] < 0: raise np.linalg.LinAlgError("negative")
    return np.log(x)
def strict(x):
    if x[0] < 0: raise ValueError("negative")
    return x[0]
def throws_away(x): return np.asarray(x, dtype=float).sum()
def gradient(x, A): return {"x": 2 * A @ x, "A": np.outer(x, x)}
def changing(x): return np.ones(2 if x[0] < 0 else 3)
def says(x):
    print("said", float(x[0]))
    print("warned", file=sys.stderr)
    os.write(1, b"raw\\xff\\xfe bytes\\n")
    subprocess.run(["echo", "from a child"])
    return x
def nothing(x): pass
def text(x): return "abc"
def thing(x): return object()
def closure(x): return lambda: x
def generator(x): yield x
async def later(x): return x
def objects(x): return np.array([object()])
def words(x): return np.array(["a"])
def inside(x): return [x, {"a": {1, 2}}]
def huge(x): return 10 ** 10000
def own_class(x):
    class Weird: pass
    return Weird()
"""


@pytest.fixture(scope="module")
def script(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Script]:
    path = tmp_path_factory.mktemp("calls") / "model.py"
    path.write_text(TEXT, encoding="utf-8")
    with Script(str(path), timeout=60, import_timeout=60) as opened:
        yield opened


# ------------------------------------------------------------------------------------------ values


@pytest.mark.parametrize("value", [2.0, 3, np.float32(1.5), (1.0, [2.0]), {"a": 1.0}, 1j])
def test_values_come_back(script: Script, value: object) -> None:
    found = script.call("same", {"x": value}).value
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize("shape", [(3,), (2, 3), (0,), (2, 0, 3)])
def test_arrays_come_back(script: Script, shape: tuple[int, ...]) -> None:
    array = np.random.default_rng(1).standard_normal(shape)
    for given in (array, array.T, np.asfortranarray(array), array.astype(np.float32), array.astype(complex)):
        found = script.call("same", [given]).value
        assert found.dtype == given.dtype
        assert np.array_equal(found, given)


def test_arguments_by_name_and_by_position(script: Script) -> None:
    x, A = np.arange(3.0), np.diag([1.0, 2.0, 3.0])
    assert script.call("square", {"x": x, "c": 2.0}).value == 10.0
    assert script.call("square", [x, A]).value == 14.0


def test_nested_values(script: Script) -> None:
    outcome = script.call("nested", {"x": np.ones(2)})
    assert outcome.value["value"] == 2.0
    assert np.array_equal(outcome.value["grads"][0], np.ones(2))
    assert outcome.value["grads"][1:] == ([2, 3.5 + 1j], None)
    assert outcome.value["3"] == 4


def test_numbers_of_other_kinds(script: Script) -> None:
    assert script.call("fraction", []).value == 0.25
    assert script.call("matrix", [np.eye(2)]).value.shape == (2, 2)
    assert script.call("integer", [np.eye(2)]).value == 4


def test_precision_is_reported(script: Script) -> None:
    x = np.ones(3)
    assert script.call("single", [x]).dtype == "float32"
    assert script.call("mixed", [x]).dtype == "float32"
    assert script.call("same", [x]).dtype == "float64"
    assert script.call("integer", [x]).dtype == ""
    assert script.call("single", [x]).value.dtype == np.float32


def test_a_large_array(script: Script) -> None:
    x = np.random.default_rng(2).standard_normal(300_000)
    assert np.array_equal(script.call("same", [x]).value, x)


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("nothing", "returned None"),
        ("text", "a string \\('abc'\\)"),
        ("thing", "an object of type object"),
        ("own_class", "an object of type Weird"),
        ("closure", "a function"),
        ("generator", "an object of type generator"),
        ("later", "a coroutine"),
        ("objects", "array of object"),
        ("words", "array of <U1"),
        ("inside", "of type set"),
        ("huge", "an integer of"),
    ],
)
def test_what_is_no_number(script: Script, name: str, found: str) -> None:
    with pytest.raises(ValueMistake, match=found) as caught:
        script.call(name, [np.ones(2)])
    assert caught.value.message.startswith(name)


def test_a_forgotten_return_is_named(script: Script) -> None:
    with pytest.raises(ValueMistake) as caught:
        script.call("nothing", [1.0])
    assert "return" in caught.value.notes[0]
    assert script.call("nothing", [1.0], numeric=False).value is None


# ------------------------------------------------------------------------------------------ arguments


def test_changed_arguments_are_named_and_the_callers_are_safe(script: Script) -> None:
    x, y = np.ones(3), np.ones(3)
    assert script.call("in_place", {"x": x, "y": y}).changed_arguments == ("x",)
    assert script.call("in_place", [x, y]).changed_arguments == ("x",)
    assert script.call("in_list", [[x, y]]).changed_arguments == ("xs",)
    assert script.call("resized", [x]).changed_arguments == ("x",)
    assert script.call("same", [np.array([np.nan, -0.0])]).changed_arguments == ()
    assert np.array_equal(x, np.ones(3))
    again = script.call_many("in_place", [{"x": x, "y": y}] * 2)
    assert [o.value for o in again] == [6.0, 6.0]


def test_a_view_of_an_argument(script: Script) -> None:
    outcome = script.call("view", {"x": np.arange(3.0), "y": np.ones(2)})
    assert np.array_equal(outcome.value, [1.0, 2.0])
    assert outcome.shared_arguments == ("x",)
    assert not outcome.changed_arguments


def test_a_result_in_the_memory_of_the_last(script: Script) -> None:
    first, second = script.call_many("stale", [[np.zeros(3)], [np.ones(3)]])
    assert (first.reused_result, second.reused_result) == (False, True)
    assert np.array_equal(first.value, np.zeros(3))
    assert not any(o.reused_result for o in script.call_many("same", [[np.ones(3)]] * 4))


def test_seeds(script: Script) -> None:
    free = [o.value for o in script.call_many("noisy", [[], []])]
    fixed = [o.value for o in script.call_many("noisy", [[], []], rng_seed=7)]
    assert free[0] != free[1]
    assert fixed[0] == fixed[1]
    assert script.call("noisy", [], rng_seed=2**40).value != fixed[0]


# ------------------------------------------------------------------------------------------ many points


def test_many_points(script: Script) -> None:
    points = [{"x": np.full(2, float(i))} for i in range(200)]
    values = [o.value for o in script.call_many("square", points)]
    assert values == [2.0 * i * i for i in range(200)]
    assert script.call_many("square", []) == []


def test_many_large_points(script: Script) -> None:
    data = np.random.default_rng(5).standard_normal((700, 700))
    points = [{"x": np.full(700, t), "A": data} for t in range(12)]
    values = [o.value for o in script.call_many("square", points)]
    assert np.allclose(values, [t * t * data.sum() for t in range(12)])
    alone = [o.value.sum() for o in script.call_many("same", [[data + t] for t in range(10)])]
    assert np.allclose(alone, [(data + t).sum() for t in range(10)])


def test_an_error_among_many(script: Script) -> None:
    points = [[np.array([t])] for t in (1.0, -1.0, 2.0)]
    kept = script.call_many("sometimes", points, keep_errors=True)
    assert [o.error is None for o in kept] == [True, False, True]
    assert isinstance(kept[1].error, CallFailed)
    assert kept[1].error.is_a("LinAlgError")
    assert kept[1].error.is_a("ValueError")
    assert not kept[1].error.is_a("TypeError")
    with pytest.raises(CallFailed, match="LinAlgError: negative"):
        script.call_many("sometimes", points)
    assert script.call("sometimes", [np.ones(1)]).value == 0.0, "and the answers are still in step"


def test_a_line(script: Script) -> None:
    x, v, A = np.arange(3.0), np.array([1.0, -1.0, 2.0]), np.diag([1.0, 2.0, 3.0])
    steps = np.array([0.0, 0.5, -1.0])
    probe = script.scalar_probe("square", {"x": x, "A": A}, {"x": v}, steps)
    assert np.allclose(probe.values, [(x + t * v) @ A @ (x + t * v) for t in steps])
    assert probe.first_error is None
    both = script.scalar_probe("square", [x, A], {"0": v, "1": A}, [1.0])
    assert np.allclose(both.values, [(x + v) @ (2 * A) @ (x + v)])


def test_a_line_of_arrays_parts_and_contractions(script: Script) -> None:
    x, v, A = np.arange(2.0), np.ones(2), np.array([[1.0, 2.0], [0.0, 3.0]])
    u = np.array([0.3, -2.0])
    part = script.scalar_probe("gradient", {"x": x, "A": A}, {"x": v}, [0.0, 1.0], part="x")
    assert np.allclose(part.values, [2 * A @ x, 2 * A @ (x + v)])
    scalar = script.scalar_probe("gradient", {"x": x, "A": A}, {"x": v}, [0.0, 1.0], part="x", cotangent=u)
    assert np.allclose(scalar.values, part.values @ u)
    whole = script.scalar_probe("gradient", {"x": x, "A": A}, {"x": v}, [1.0], cotangent={"x": u, "A": np.eye(2)})
    assert np.allclose(whole.values, part.values[1] @ u + np.sum((x + v) ** 2))


def test_a_line_that_leaves_the_domain(script: Script) -> None:
    probe = script.scalar_probe("strict", [np.ones(2)], {"0": np.ones(2)}, [0.0, -3.0, 1.0])
    assert np.array_equal(probe.values, [1.0, np.nan, 2.0], equal_nan=True)
    assert probe.first_error is not None
    assert "ValueError: negative" in probe.first_error.message
    nowhere = script.scalar_probe("strict", [np.ones(2)], {"0": np.ones(2)}, [-3.0, -4.0])
    assert np.isnan(nowhere.values).all()


def test_what_does_not_fit_on_a_line(script: Script) -> None:
    line = ([np.ones(2)], {"0": np.ones(2)})
    wrong = script.scalar_probe("same", *line, [0.0], cotangent=np.ones(3))
    assert "shape (2,) where (3,)" in str(wrong.first_error)
    absent = script.scalar_probe("same", *line, [0.0], part="x")
    assert absent.first_error is not None
    with pytest.raises(ValueMistake, match="one shape"):
        script.scalar_probe("changing", *line, [0.0, -3.0])
    with pytest.raises(ValueMistake, match="one array"):
        script.scalar_probe("nested", *line, [0.0])


def test_complex_steps(script: Script) -> None:
    x = np.arange(1.0, 4.0)
    probe = script.scalar_probe("same", [x], {"0": np.ones(3)}, [1e-30j])
    assert np.array_equal(probe.values.imag, np.full((1, 3), 1e-30))
    lost = script.scalar_probe("throws_away", [x], {"0": np.ones(3)}, [1e-30j])
    assert isinstance(lost.first_error, CallFailed)
    assert lost.first_error.is_a("ComplexWarning", "TypeError")


def test_a_line_keeps_single_precision(script: Script) -> None:
    x = np.ones(3, np.float32)
    assert script.scalar_probe("single", [x], {"0": np.ones(3)}, [0.5]).dtype == "float32"
    assert script.scalar_probe("same", [x], {"0": np.ones(3)}, [0.5]).dtype == "float32"


def test_a_million_entries_are_sent_once(script: Script) -> None:
    x = np.full(1_000_000, 0.5)
    probe = script.scalar_probe("same", [x], {"0": np.ones_like(x)}, np.linspace(0, 1, 20), cotangent=np.ones_like(x))
    assert np.allclose(probe.values, 1e6 * (0.5 + probe.steps))


# ------------------------------------------------------------------------------------------ printing


def test_printing_is_captured_and_mixes_with_nothing(script: Script, capfd: pytest.CaptureFixture[str]) -> None:
    outcome = script.call("says", [np.ones(1)])
    assert np.array_equal(outcome.value, [1.0])
    assert "said 1.0\nwarned\nraw\ufffd\ufffd bytes\nfrom a child\n" in outcome.printed.text
    assert capfd.readouterr() == ("", "")
