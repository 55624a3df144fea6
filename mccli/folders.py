"""Where mc's files are: the data that comes with it, and the folders of the user (XDG base directories)."""

from __future__ import annotations

import os


def data_folder() -> str:
    """Where the database is: in the installed package, or at the top of a checkout."""
    return _beside("data")


def completions_folder() -> str:
    """Where the completion scripts of the shells are."""
    return _beside("completions")


def user_folder() -> str:
    """Where a user keeps records of their own."""
    return os.path.join(_base("XDG_DATA_HOME", "~/.local/share"), "mccli")


def cache_folder() -> str:
    """Where mc keeps what it can make anew."""
    return os.path.join(_base("XDG_CACHE_HOME", "~/.cache"), "mccli")


def state_folder() -> str:
    """Where mc keeps what a session leaves for the next one."""
    return os.path.join(_base("XDG_STATE_HOME", "~/.local/state"), "mccli")


def _beside(name: str) -> str:
    """A folder that an installation has in the package and a checkout at its top."""
    package = os.path.dirname(os.path.abspath(__file__))
    installed = os.path.join(package, name)
    return installed if os.path.isdir(installed) else os.path.join(os.path.dirname(package), name)


def _base(variable: str, usual: str) -> str:
    given = os.environ.get(variable, "")
    return given if os.path.isabs(given) else os.path.expanduser(usual)
