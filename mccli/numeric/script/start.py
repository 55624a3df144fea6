"""Where the process with the user's code begins. Run as a file, it needs no installed mccli and leaves none behind.

The interpreter may be the user's own, so the parts of mc that run in it are loaded from beside this file, under
stand-in packages that are taken away again: a script that imports mccli gets the one that is installed for it.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

HERE = Path(__file__).resolve().parent
STAND_INS = {"mccli": HERE.parent.parent, "mccli.numeric": HERE.parent, "mccli.numeric.script": HERE}


def child_main() -> Callable[[int, int], None]:
    """``main`` of the child's module, with the stand-ins gone."""
    for name, folder in STAND_INS.items():
        package = ModuleType(name)
        package.__path__ = [str(folder)]
        sys.modules[name] = package
    main: Callable[[int, int], None] = importlib.import_module("mccli.numeric.script.child").main
    for name in [n for n in sys.modules if n.split(".")[0] == "mccli"]:
        del sys.modules[name]
    return main


if __name__ == "__main__":
    sys.dont_write_bytecode = True  # nothing is left in the user's folders, and no stale cache is made there
    channel, trace = int(sys.argv[1]), int(sys.argv[2])
    child_main()(channel, trace)
