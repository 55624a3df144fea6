"""The limit on time: it ends what does not end, anywhere, and leaves no trace behind."""

from __future__ import annotations

import sys
import threading

import pytest

from mccli.symbolic.limit import OutOfTime, time_limit


def _one() -> int:
    return 1


def _forever() -> None:
    while True:
        _one()


def test_an_endless_computation_is_ended() -> None:
    with pytest.raises(OutOfTime), time_limit(0.05):
        _forever()


def test_the_limit_works_outside_the_main_thread() -> None:
    ended: list[bool] = []

    def work() -> None:
        try:
            with time_limit(0.05):
                _forever()
        except OutOfTime:
            ended.append(True)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join(20)
    assert ended == [True]


def test_a_handler_for_exceptions_does_not_swallow_it() -> None:
    def stubborn() -> None:
        while True:
            try:
                _forever()
            except Exception:
                continue

    with pytest.raises(OutOfTime), time_limit(0.05):
        stubborn()


def test_generators_that_are_closed_do_not_swallow_it() -> None:
    def close_many() -> None:
        while True:
            any(i == _one() for i in range(5))

    for _ in range(20):
        with pytest.raises(OutOfTime), time_limit(0.01):
            close_many()


@pytest.mark.parametrize("seconds", [0.02, 100.0])
def test_the_former_hook_is_put_back(seconds: float) -> None:
    before = sys.gettrace()
    try:
        with time_limit(seconds):
            _forever() if seconds < 1 else _one()
    except OutOfTime:
        pass
    assert sys.gettrace() is before
