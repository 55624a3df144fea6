"""mc: matrix calculus on the command line, and as a Python package.

>>> import mccli
>>> print(mccli.derive("tr(AXB)", wrt="X").gradient)
Aᵀ Bᵀ
"""

from __future__ import annotations

TYPE_CHECKING = False  # importing typing would cost as much as starting Python, and completion starts here
if TYPE_CHECKING:
    from typing import Any

    from mccli.api import Formula, Result, derive, shape
    from mccli.errors import McError
    from mccli.identity import Identity, lookup
    from mccli.solving import Solution, solve

__version__ = "0.1.0"
__all__ = ["Formula", "Identity", "McError", "Result", "Solution", "__version__", "derive", "lookup", "shape", "solve"]


def __getattr__(name: str) -> Any:
    """Load the interface when it is first used, so that ``import mccli`` costs nothing."""
    if name == "McError":
        from mccli.errors import McError

        return McError
    if name in ("Identity", "lookup"):
        from mccli import identity

        return getattr(identity, name)
    if name in ("Solution", "solve"):
        from mccli import solving

        return getattr(solving, name)
    if name in __all__:
        from mccli import api

        return getattr(api, name)
    raise AttributeError(f"module 'mccli' has no attribute {name!r}")
