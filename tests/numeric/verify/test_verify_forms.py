"""Shapes in options and annotations, and numbers for their letters."""

from __future__ import annotations

import numpy as np
import pytest

from mccli.errors import UsageError
from mccli.numeric.script import Parameter
from mccli.numeric.verify.annotations import form_of
from mccli.numeric.verify.arguments import gather, numeric
from mccli.numeric.verify.forms import Form, bind, number_letters, read_shapes, shape_of
from mccli.numeric.verify.request import seconds_of

SHAPES = {
    "X:3,4": ("3", "4"),
    "X: m , n": ("m", "n"),
    "x:n": ("n",),
    "c:4,1": ("4", "1"),
    "a:scalar": (),
    "T:2,3,4": ("2", "3", "4"),
    "X:3x4": ("3", "4"),
    "x:n+1": ("n+1",),
    "x:2*n": ("2*n",),
}


@pytest.mark.parametrize("text", SHAPES)
def test_shape(text: str) -> None:
    ((_, form),) = read_shapes([text]).items()
    assert form.sizes == SHAPES[text]


@pytest.mark.parametrize("text", ["X", "X:", ":3", "X:3,", "X:1.5", "X:-3", "X:a b"])
def test_shape_that_cannot_be_read(text: str) -> None:
    with pytest.raises(UsageError):
        read_shapes([text])


def test_letters_get_different_numbers() -> None:
    forms = [Form(("m", "n")), Form(("n", "k")), Form(("m+1",)), Form(("4",))]
    numbers: dict[str, int] = {}
    number_letters(forms, numbers)
    assert len({*numbers.values(), 4}) == 4
    assert shape_of(forms[2], numbers) == (numbers["m"] + 1,)
    assert shape_of(Form(("2*n",)), numbers) == (2 * numbers["n"],)


def test_known_arrays_give_numbers() -> None:
    numbers: dict[str, int] = {}
    bind(Form(("m", "n")), (9, 2), numbers)
    assert numbers == {"m": 9, "n": 2}


def test_too_large() -> None:
    with pytest.raises(UsageError):
        shape_of(Form(("100000", "100000")), {})


ANNOTATIONS = {
    'Float[Array, "m n"]': ("m", "n"),
    "Float[np.ndarray, 'm n']": ("m", "n"),
    'Float64[Array, "*batch n"]': ("n",),
    'Float[Array, "... 3"]': ("3",),
    'Float[Array, "n+1"]': ("n+1",),
    'Float[Array, "m=5 n"]': ("5", "n"),
    'Float[Array, ""]': (),
    'NDArray[Shape["3, 4"], Float]': ("3", "4"),
    "Annotated[np.ndarray, (3, 4)]": ("3", "4"),
    "float": (),
}


@pytest.mark.parametrize("text", ANNOTATIONS)
def test_annotation(text: str) -> None:
    form = form_of(text)
    assert form is not None
    assert form.sizes == ANNOTATIONS[text]
    assert not form.integer


def test_integer_annotation() -> None:
    form = form_of('Int[Array, "n"]')
    assert form is not None
    assert form.integer


@pytest.mark.parametrize("text", ["", "np.ndarray", "NDArray[np.float64]", "int", "dict[str, Any]", "Array"])
def test_annotation_without_a_shape(text: str) -> None:
    assert form_of(text) is None


@pytest.mark.parametrize(("text", "seconds"), [("10s", 10), ("500ms", 0.5), ("2m", 120), ("3", 3), ("1.5 s", 1.5)])
def test_time(text: str, seconds: float) -> None:
    assert seconds_of(text, "--budget") == pytest.approx(seconds)


PARAMETERS = [
    Parameter("X", annotation='Float[Array, "m n"]'),
    Parameter("w", annotation='Float[Array, "n"]'),
    Parameter("y"),
    Parameter("lam", required=False, default=0.3),
    Parameter("mode", required=False, default=None, default_text="'fast'"),
]


def test_sources_in_their_order() -> None:
    place = gather(
        PARAMETERS,
        data={"w": np.ones(7)},
        data_name="data.npz",
        example={"y": np.zeros(5), "w": np.zeros(3), "unused": 1},
        shapes={"y": Form(("m",))},
        properties={},
    ).at(np.random.default_rng(0))
    assert place.missing == ()
    assert dict(place.sources) == {"X": "drawn", "w": "data.npz", "y": "drawn", "lam": "its default"}
    assert place.values["X"].shape == (place.numbers["m"], 7)
    assert place.values["y"].shape == (place.numbers["m"],)
    assert list(place.values) == ["X", "w", "y", "lam"]


def test_missing() -> None:
    place = gather(PARAMETERS, data={}, data_name="", example={}, shapes={}, properties={})
    assert place.missing == ("y",)


@pytest.mark.parametrize("word", ["spd", "symmetric", "positive", "diagonal", "lower"])
def test_properties(word: str) -> None:
    from mccli.numeric.verify.request import Request

    properties = Request("f.py:f", assume=(f"S:{word}",)).properties()
    place = gather(
        [Parameter("S")], data={}, data_name="", example={}, shapes={"S": Form(("4", "4"))}, properties=properties
    ).at(np.random.default_rng(0))
    s = place.values["S"]
    assert np.array_equal(s, s.T) == (word in ("spd", "symmetric", "diagonal"))
    assert (place.symmetric() == {"S"}) == (word in ("spd", "symmetric", "diagonal"))
    if word in ("diagonal", "lower"):
        assert np.all(s[place.frozen()["S"]] == 0)
        assert place.frozen()["S"].any()
    if word == "spd":
        assert np.all(np.linalg.eigvalsh(s) > 0)


def test_what_is_an_array() -> None:
    assert numeric(3) == 3
    assert isinstance(numeric(3), int)
    assert numeric(3.0).shape == ()
    assert numeric([1.0, 2.0]).shape == (2,)
    assert numeric("text") == "text"
    assert numeric({"W": 1}) == {"W": 1}
