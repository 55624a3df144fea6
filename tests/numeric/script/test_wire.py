"""Messages: what goes in comes out, and what is no message is refused."""

from __future__ import annotations

import math
import socket
from typing import Any

import numpy as np
import pytest

from mccli.numeric.script.printed import FIRST_BYTES, Capture
from mccli.numeric.script.wire import HEAD, Channel, Rng, Unsendable, WireError, frame, lengths, pack, parse, unpack


def through(value: Any) -> Any:
    arrays: list[Any] = []
    packed = pack(value, arrays)
    data = b"".join(bytes(piece) for piece in frame({"v": packed}, arrays))
    text, _ = lengths(data[: HEAD.size])
    body, arrays = parse(data[HEAD.size : HEAD.size + text], memoryview(data)[HEAD.size + text :])
    return unpack(body["v"], arrays)


@pytest.mark.parametrize(
    "value",
    [None, True, 3, -(2**70), 2.5, 1e-320, math.inf, "é\udc80", 1 + 2j, (), [], {}, (1, [2.0, {"a": (3,)}]), [None]],
)
def test_plain_values(value: Any) -> None:
    found = through(value)
    assert found == value
    assert type(found) is type(value)


def test_nan() -> None:
    assert math.isnan(through(math.nan))


@pytest.mark.parametrize("dtype", ["f8", "f4", "f2", "c16", "c8", "i8", "u1", "?", ">f8", "longdouble"])
@pytest.mark.parametrize("shape", [(3,), (2, 3), (0,), (0, 4), (1, 1, 1), ()])
def test_arrays(dtype: str, shape: tuple[int, ...]) -> None:
    array = np.arange(math.prod(shape)).astype(dtype).reshape(shape)
    found = through(array)
    assert found.dtype.newbyteorder("=") == array.dtype.newbyteorder("=")
    assert found.shape == shape
    assert np.array_equal(found, array)


def test_arrays_in_any_order_of_memory() -> None:
    array = np.arange(24.0).reshape(2, 3, 4)
    for view in (array.T, array[:, ::-1], array[:, 1, ::2], np.asfortranarray(array)):
        assert np.array_equal(through(view), view)
    assert through([array, array.T])[1].flags.writeable


def test_scalars_keep_their_precision() -> None:
    assert isinstance(through(np.float32(1.5)), np.float32)
    assert through({"r": (np.float64(1.0), Rng(4))})["r"][1].seed == 4


@pytest.mark.parametrize(
    "value",
    [object(), {1: 2}, {1, 2}, np.array([object()]), np.array(["a"]), np.array([(1, 2)], "i4,i4"), 10**400, len],
)
def test_what_is_not_sent(value: Any) -> None:
    with pytest.raises(Unsendable):
        pack(value, [])


def test_a_list_within_itself() -> None:
    endless: list[Any] = []
    endless.append(endless)
    with pytest.raises(Unsendable, match="nested"):
        pack(endless, [])


@pytest.mark.parametrize(
    ("text", "blob"),
    [
        (b"", b""),
        (b"{}", b""),
        (b"[1,[]]", b""),
        (b"\xff", b""),
        (b"[{},[]]", b"surplus!"),
        (b'[{},[["<f8",[2]]]]', b"12345678"),
        (b'[{},[["<f8",[99999999999999]]]]', b"12345678"),
        (b'[{},[["|O",[1]]]]', b"12345678"),
        (b'[{},[["<f8",[-1]]]]', b""),
        (b'[{},[["<f8",[1.0]]]]', b"12345678"),
        (b'[{},[["<f8"]]]', b"12345678"),
        (b"[" * 100000, b""),
    ],
)
def test_what_is_no_message(text: bytes, blob: bytes) -> None:
    with pytest.raises(WireError):
        parse(text, memoryview(blob))


@pytest.mark.parametrize("structure", [{"a": 0}, {"a": "x"}, {"q": 1}, {}, {"a": 0, "b": 1}, {"d": [1]}, {"c": "x"}])
def test_what_is_no_value(structure: Any) -> None:
    with pytest.raises(WireError):
        unpack(structure, [])


def test_lengths_beyond_reason() -> None:
    with pytest.raises(WireError):
        lengths(HEAD.pack(12, 1 << 62))


def test_a_channel_whose_other_end_has_gone() -> None:
    for unread in (False, True):
        ours, theirs = socket.socketpair()
        with ours:
            if unread:
                Channel(ours.fileno()).send({"answer": 1})
            theirs.close()
            assert Channel(ours.fileno()).receive() is None


def test_printing_is_bounded() -> None:
    capture = Capture()
    for _ in range(1000):
        capture.feed(b"line of text\n" * 100)
    capture.feed(b"the end")
    printed = capture.snapshot()
    assert printed.lines == 100_001
    assert printed.size == 1_300_007
    assert len(printed.text) <= FIRST_BYTES
    assert printed.last_lines() == ["line of text", "line of text", "the end"]
    assert printed.first_lines(2) == ["line of text", "line of text", "… and 99999 more lines"]
    assert not Capture().snapshot()
