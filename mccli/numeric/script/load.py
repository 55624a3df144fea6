"""Import the user's file or module as pytest and flask do. Runs in the child process.

A file inside packages is imported by its dotted name, with the first folder that is no package at the head of the
path, so that imports from siblings and relative imports work. The module is never called ``__main__``.
"""

from __future__ import annotations

import importlib
import importlib.util
import os
import sys
from dataclasses import dataclass
from importlib.machinery import SourceFileLoader
from pathlib import Path
from types import ModuleType


class NoSuchModule(Exception):
    """The module that the target names is not there (as opposed to one that it imports)."""


@dataclass(frozen=True)
class Place:
    """A file as the import system sees it: the folder to look in, and the dotted name of the module there."""

    folder: Path
    name: str


def place_of(file: Path) -> Place:
    """Walk up while there is an ``__init__.py``."""
    parts = [] if file.name == "__init__.py" else [file.stem]
    folder = file.parent
    while (folder / "__init__.py").is_file() and folder != folder.parent:
        parts.insert(0, folder.name)
        folder = folder.parent
    return Place(folder, ".".join(parts))


def load_file(file: Path) -> ModuleType:
    """Import a file; its own exceptions pass through."""
    place = place_of(file)
    _enter(place.folder, str(file))
    parent, _, last = place.name.rpartition(".")
    if parent and file.stem == last:
        package = importlib.import_module(parent)
        known = sys.modules.get(place.name)
        if known is not None and _is_from(known, file):  # the package has imported it already
            return known
        module = _run(file, place.name)
        setattr(package, last, module)
        return module
    return _run(file, place.name)


def load_module(name: str) -> ModuleType:
    """Import a module by its dotted name, looked for in the current folder first."""
    _enter(Path.cwd(), name)
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        if error.name and (name == error.name or name.startswith(error.name + ".")):
            raise NoSuchModule(error.name) from error
        raise


def file_of(name: str) -> str:
    """The file in the current folder that a person who typed a module's name may have meant."""
    beside = Path(*name.split(".")).with_suffix(".py")
    return str(beside) if beside.is_file() else ""


def _enter(folder: Path, argument: str) -> None:
    sys.path.insert(0, str(folder))
    sys.argv = [argument]


def _run(file: Path, name: str) -> ModuleType:
    """Load exactly this file. A standard module of the same name stays what it is for everybody else."""
    loader = SourceFileLoader(name, str(file))
    inside = [str(file.parent)] if file.name == "__init__.py" else None
    spec = importlib.util.spec_from_file_location(name, file, loader=loader, submodule_search_locations=inside)
    assert spec is not None
    module = importlib.util.module_from_spec(spec)
    taken = name in sys.modules
    if not taken:
        sys.modules[name] = module
    try:
        loader.exec_module(module)
    except BaseException:
        if not taken:
            sys.modules.pop(name, None)
        raise
    return module


def _is_from(module: ModuleType, file: Path) -> bool:
    origin = getattr(module, "__file__", None)
    return origin is not None and os.path.realpath(origin) == os.path.realpath(file)
