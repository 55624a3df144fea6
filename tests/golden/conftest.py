"""The option that writes golden files anew: ``pytest tests/golden --update-golden``."""

from __future__ import annotations

import pytest

OPTION = "--update-golden"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option."""
    parser.addoption(OPTION, action="store_true", help="write the golden files anew instead of comparing")


@pytest.fixture
def update_golden(request: pytest.FixtureRequest) -> bool:
    """Whether golden files are written instead of compared; False if pytest was started further up."""
    return bool(request.config.getoption(OPTION, default=False))
