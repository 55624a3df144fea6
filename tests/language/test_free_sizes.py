"""Sizes that nothing determines: the answer holds for every one of them, and says so."""

from __future__ import annotations

import pytest

import mccli
from mccli.language.elaborate import elaborate

FREE = ["||x||^2 I", "||x||^2 tr(I)", "tr(X) I", "||x||^2 kron(I,A)", "x'x + I", "x'x + I^-1"]


@pytest.mark.parametrize("text", FREE)
def test_a_free_size_is_drawn_and_noted(text: str) -> None:
    found = mccli.derive(text, text[-1] if text == "A" else "X" if "X" in text else "x")
    assert found.certificate is not None
    assert [note for note in found.elaborated.notes if note.startswith("nothing determines the size")]


@pytest.mark.parametrize("text", ["||x||^2 eye(k)", "A I x", "x'x + 1", "||x||^2 tr(eye(3))", "||x - 1||^2"])
def test_a_size_that_is_known_is_not_noted(text: str) -> None:
    assert not [note for note in elaborate(text).notes if "nothing determines" in note]


def test_a_free_size_is_an_input_of_a_module() -> None:
    module = mccli.derive("||x||^2 I", "x").numpy_code()
    space: dict[str, object] = {}
    exec(compile(module, "module", "exec"), space)
    assert space["derivative"](x=[1.0, 2.0], n=3).shape == (9, 2)  # type: ignore[operator]
