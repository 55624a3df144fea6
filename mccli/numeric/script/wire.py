"""Messages between mc and the process with the user's code: JSON for the structure, raw bytes for the arrays.

A message is a head (two lengths), a JSON text, and the bytes of the arrays that the text names. Nothing is
unpickled: the other side runs code that mc knows nothing of, so whatever it says is read as data and checked.
"""

from __future__ import annotations

import json
import math
import os
import re
import struct
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
Json = Any
Body = dict[str, Json]
Message = tuple[Body, list[Array]]

HEAD = struct.Struct(">IQ")
MOST_BYTES = 1 << 33
DEEPEST = 32
MOST_BITS = 1024
REMEMBERED = 16
CHANNEL_LOST = 86
"""Exit status of a child that found its channel closed."""
_encode = json.JSONEncoder(separators=(",", ":")).encode  # kept here: scripts put their own into json
_decode = json.JSONDecoder().decode
_PLAIN_DTYPE = re.compile(r"[<>|=][biufc]\d{1,2}$")


class Unsendable(Exception):
    """A value that is not made of numbers; the text says what it is."""


class WireError(Exception):
    """A message that cannot be read."""


class Rng:
    """Stands for ``numpy.random.default_rng(seed)``, made where the function runs."""

    def __init__(self, seed: int) -> None:
        self.seed = seed


# ------------------------------------------------------------------------------------------ values


def same(value: Any) -> Any:
    """The conversion that converts nothing."""
    return value


def pack(value: Any, arrays: list[Array], convert: Callable[[Any], Any] = same, depth: int = 0) -> Json:
    """A value as JSON; its arrays are appended to ``arrays``. ``convert`` turns what is foreign into what is plain."""
    if depth > DEEPEST:
        raise Unsendable(f"lists nested more than {DEEPEST} deep")
    value = convert(value)
    if isinstance(value, np.ndarray | np.generic) and not isinstance(value, str):
        return _pack_array(value, arrays)
    if value is None or isinstance(value, bool | float | str):
        return value
    if isinstance(value, int):
        return _pack_int(value)
    if isinstance(value, complex):
        return {"c": [value.real, value.imag]}
    if isinstance(value, Rng):
        return {"r": value.seed}
    return _pack_container(value, lambda item: pack(item, arrays, convert, depth + 1))


def _pack_int(value: int) -> int:
    if value.bit_length() > MOST_BITS:
        raise Unsendable(f"an integer of {value.bit_length()} bits")
    return int(value)


def _pack_array(value: Any, arrays: list[Array]) -> Json:
    array = np.asarray(value, order="C")
    if not _PLAIN_DTYPE.match(array.dtype.str):
        raise Unsendable(f"an array of {array.dtype}")
    tag = "a" if isinstance(value, np.ndarray) and array.ndim else "s"
    for index in range(len(arrays) - 1, max(len(arrays) - 1 - REMEMBERED, -1), -1):
        if arrays[index] is array:  # data that is the same at many points is sent once
            return {tag: index}
    arrays.append(array)
    return {tag: len(arrays) - 1}


def _pack_container(value: Any, inner: Callable[[Any], Json]) -> Json:
    if isinstance(value, tuple):
        return {"t": [inner(item) for item in value]}
    if isinstance(value, list):
        return [inner(item) for item in value]
    if isinstance(value, dict):
        if not all(isinstance(key, str) for key in value):
            raise Unsendable("a dict whose keys are not all strings")
        return {"d": [[key, inner(item)] for key, item in value.items()]}
    raise Unsendable(article(type(value).__name__))


def article(noun: str) -> str:
    """``a list``, ``an object``."""
    return f"an {noun}" if noun[:1].lower() in "aeiou" else f"a {noun}"


def unpack(structure: Json, arrays: Sequence[Array], depth: int = 0) -> Any:
    """The value that :func:`pack` packed. Arrays of no dimension come back as NumPy scalars."""
    if depth > DEEPEST + 1:
        raise WireError("nested too deep")
    if isinstance(structure, list):
        return [unpack(item, arrays, depth + 1) for item in structure]
    if not isinstance(structure, dict):
        return structure
    try:
        ((tag, inside),) = structure.items()
        return _unpack_tagged(tag, inside, arrays, depth)
    except (TypeError, ValueError, IndexError) as error:
        raise WireError(f"not a value: {error}") from error


def _unpack_tagged(tag: str, inside: Json, arrays: Sequence[Array], depth: int) -> Any:
    match tag:
        case "a":
            return arrays[inside]
        case "s":
            return arrays[inside][()]
        case "t":
            return tuple(unpack(item, arrays, depth + 1) for item in inside)
        case "d":
            return {str(key): unpack(item, arrays, depth + 1) for key, item in inside}
        case "c":
            return complex(*inside)
        case "r":
            return Rng(int(inside))
    raise WireError(f"unknown tag {tag!r}")


# ------------------------------------------------------------------------------------------ messages


def frame(body: Body, arrays: Sequence[Array] = ()) -> list[memoryview]:
    """A message as the pieces to be written, in order; the arrays are not copied."""
    specs = [[a.dtype.str, list(a.shape)] for a in arrays]
    text = _encode([body, specs]).encode()
    blobs = [a.reshape(-1).view(np.uint8).data for a in arrays if a.size]
    head = HEAD.pack(len(text), sum(len(b) for b in blobs))
    return [memoryview(head + text), *blobs]


def lengths(head: bytes | bytearray) -> tuple[int, int]:
    """The lengths of the text and of the arrays that follow a head."""
    text, blob = HEAD.unpack(head)
    if text + blob > MOST_BYTES:
        raise WireError(f"a message of {text + blob} bytes")
    return text, blob


def parse(text: bytes | bytearray | memoryview, blob: memoryview) -> Message:
    """The message in the bytes after the head."""
    try:
        body, specs = _decode(bytes(text).decode())
        arrays, offset = [], 0
        for code, shape in specs:
            array = _array(code, shape, blob[offset:])
            arrays.append(array)
            offset += array.nbytes
    except (TypeError, ValueError, RecursionError) as error:
        raise WireError(f"not a message: {error}") from error
    if not isinstance(body, dict) or offset != len(blob):
        raise WireError("not a message: the lengths do not fit")
    return body, arrays


def _array(code: str, shape: list[int], blob: memoryview) -> Array:
    if not _PLAIN_DTYPE.match(code) or not all(isinstance(n, int) and n >= 0 for n in shape):
        raise WireError(f"not an array: {code!r} {shape!r}")
    dtype, count = np.dtype(code), math.prod(shape)
    if count == 0:
        return np.empty(shape, dtype)
    return np.frombuffer(blob, dtype, count).reshape(shape).copy()


class Channel:
    """The blocking end of the wire, for the process that answers."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor

    def send(self, body: Body, arrays: Sequence[Array] = ()) -> None:
        """Write one message."""
        for piece in frame(body, arrays):
            sent = 0
            while sent < len(piece):
                sent += os.write(self._descriptor, piece[sent : sent + (1 << 20)])

    def receive(self) -> Message | None:
        """Read one message; None when the other side has gone."""
        head = self._read(HEAD.size)
        if head is None:
            return None
        text, blob = lengths(head)
        data = self._read(text + blob)
        return None if data is None else parse(memoryview(data)[:text], memoryview(data)[text:])

    def _read(self, count: int) -> bytearray | None:
        data, have = bytearray(count), 0
        while have < count:
            try:
                got = os.readv(self._descriptor, [memoryview(data)[have:]])
            except ConnectionError:  # gone with answers unread
                return None
            if got == 0:
                return None
            have += got
        return data
