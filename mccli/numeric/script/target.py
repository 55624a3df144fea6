"""What a person names: a function in a file or in a module, as pytest, flask and uvicorn spell it."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from mccli.errors import closest
from mccli.numeric.script.mistakes import TargetMistake, command

SPELLINGS = "a target is written script.py:name, package.module:name or script.py"


@dataclass(frozen=True)
class Target:
    """A file or a module, and the dotted name of something in it ("" where the whole file is meant)."""

    file: str = ""
    module: str = ""
    attribute: str = ""

    @property
    def source(self) -> str:
        """The part before the colon."""
        return self.file or self.module

    def spelled(self, attribute: str | None = None) -> str:
        """The target as a person would type it, with another name in it if one is given."""
        name = self.attribute if attribute is None else attribute
        return f"{self.source}:{name}" if name else self.source


def parse_target(text: str) -> Target:
    """Read ``path.py:name``, ``package.module:name.sub``, ``path.py`` or ``C:\\path\\file.py:name``.

    The last colon separates, and only when a dotted name stands right of it: the colon of a Windows drive does not.
    """
    text = text.strip()
    left, colon, right = text.rpartition(":")
    if not colon:
        return _whole(text)
    if is_dotted_name(right) or not right:
        return _target(left.rstrip(":"), right, text)  # script.py::name is how pytest spells it
    if _called(right):
        plain = f"{left}:{_called(right)}"
        notes = [f"leave out the brackets: {plain}"]
        raise TargetMistake(f"{right} is a call, a target is a name", notes=notes, fix=command(plain))
    if left.endswith(".py"):
        raise TargetMistake(f"{right} is not the name of a function", notes=[SPELLINGS])
    return _whole(text)


def is_dotted_name(text: str) -> bool:
    """Whether ``text`` is identifiers with dots between them."""
    return all(part.isidentifier() for part in text.split("."))


def existing_file(target: Target) -> Path:
    """The file of a target, absolute; or the mistake in its name."""
    path = Path(os.path.expanduser(os.path.expandvars(target.file)))
    if os.path.isdir(path):  # these of os.path are never surprised by what a person typed
        return _package(path, target)
    if not os.path.exists(path):
        raise _no_such_file(path, target)
    if path.suffix == ".ipynb":
        note = "its code can be written to a script: jupyter nbconvert --to script"
        raise TargetMistake(f"{path} is a notebook, not a Python file", notes=[note])
    if not os.access(path, os.R_OK):
        raise TargetMistake(f"{path} cannot be read: permission denied")
    return path.resolve()


def _whole(text: str) -> Target:
    return _target(text, "", text)


def _target(source: str, attribute: str, text: str) -> Target:
    if not source:
        raise TargetMistake(f"{text!r} names no file and no module", notes=[SPELLINGS])
    if _is_file(source):
        return Target(file=source, attribute=attribute)
    return Target(module=source, attribute=attribute)


def _is_file(source: str) -> bool:
    looks = "/" in source or "\\" in source or source.endswith((".py", ".ipynb")) or not is_dotted_name(source)
    return looks or os.path.isfile(source)


def _called(name: str) -> str:
    """``f`` for ``f()`` and ``f(x)``."""
    head, parenthesis, _ = name.partition("(")
    return head if parenthesis and is_dotted_name(head) else ""


def _package(path: Path, target: Target) -> Path:
    inside = path / "__init__.py"
    if inside.is_file():
        return inside.resolve()
    found = sorted(p.name for p in path.glob("*.py"))[:8]
    notes = [f"Python files in it: {', '.join(found)}"] if found else []
    raise TargetMistake(f"{target.file} is a folder, not a Python file", notes=notes)


def _no_such_file(path: Path, target: Target) -> TargetMistake:
    folder = path.parent
    if not os.path.isdir(folder):
        return TargetMistake(f"no such file: {path}", notes=[f"there is no folder {folder}"])
    near = closest(path.name, (p.name for p in folder.glob("*.py")))
    if near is None:
        return TargetMistake(f"no such file: {path}", notes=[f"looked in {os.path.realpath(folder)}"])
    fixed = Target(file=str(folder / near), attribute=target.attribute)
    notes = [f"did you mean {fixed.spelled()}?"]
    return TargetMistake(f"no such file: {path}", notes=notes, fix=command(fixed.spelled()))
