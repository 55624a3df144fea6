"""The table of the zoo can be imported by every test of the checker: ``from zoo import FROZEN``."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent / "zoo"))
