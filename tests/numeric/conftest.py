"""Fixtures for the tests of the kernels."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from checked_derivatives import mp


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(20240517)


@pytest.fixture(autouse=True)
def _fifty_digits() -> Any:
    with mp.workdps(50):
        yield
