"""Hooks for all tests: the long runs of the property tests are left out unless asked for."""

from __future__ import annotations

import signal
import sys

import pytest

from mccli.cli.main import RECURSION_LIMIT

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # started in the background: processes would inherit that
    signal.signal(signal.SIGINT, signal.default_int_handler)

sys.setrecursionlimit(RECURSION_LIMIT)  # as the command does, so that no test changes it while it runs


OPTION = "--update-golden"


def pytest_addoption(parser: pytest.Parser) -> None:
    """The option that writes golden files anew."""
    parser.addoption(OPTION, action="store_true", help="write the golden files anew instead of comparing")


@pytest.fixture
def update_golden(request: pytest.FixtureRequest) -> bool:
    """Whether golden files are written instead of compared."""
    return bool(request.config.getoption(OPTION))


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Deselect tests marked slow unless an expression is given with -m."""
    if config.option.markexpr:
        return
    slow = [item for item in items if item.get_closest_marker("slow")]
    if slow:
        config.hook.pytest_deselected(items=slow)
        items[:] = [item for item in items if not item.get_closest_marker("slow")]
