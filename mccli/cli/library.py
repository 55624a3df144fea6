"""The database as the commands use it: mc's own index, and one made from the user's own records."""

from __future__ import annotations

import json
import os

from mccli.errors import McError
from mccli.identities.catalogue import INDEX, Catalogue, Library, data_folder, user_folder


def library() -> tuple[Library, list[McError]]:
    """The records that can be looked up, and what is wrong with the user's own."""
    own = Catalogue.read(os.path.join(data_folder(), INDEX))
    files = user_files()
    if not files:
        return Library([own]), []
    user, mistakes = _user_catalogue(files)
    return Library([own, user]), mistakes


def user_files() -> list[str]:
    """The user's record files."""
    folder = user_folder()
    try:
        names = sorted(os.listdir(folder))
    except OSError:
        return []
    return [os.path.join(folder, name) for name in names if name.endswith((".yaml", ".yml"))]


def _cache_file() -> str:
    base = os.environ.get("XDG_CACHE_HOME", "")
    return os.path.join(base if os.path.isabs(base) else os.path.expanduser("~/.cache"), "mccli", INDEX)


def _state(files: list[str]) -> str:
    """What the files are now: the index made from them is used as long as this stays."""
    found = [os.stat(file) for file in files]
    return json.dumps([[file, s.st_mtime_ns, s.st_size] for file, s in zip(files, found, strict=True)])


def _user_catalogue(files: list[str]) -> tuple[Catalogue, list[McError]]:
    state, cache = _state(files), _cache_file()
    try:
        with open(cache, "rb") as file:
            kept_state, _, index = file.read().partition(b"\n")
        if kept_state == state.encode():
            return Catalogue(index), []
    except OSError:
        pass
    from mccli.numeric.records.own import checked_index  # reads YAML and checks with NumPy: only when files changed

    text, mistakes = checked_index(files)
    if not mistakes:
        _keep(cache, f"{state}\n{text}")
    return Catalogue(text.encode()), mistakes


def _keep(cache: str, text: str) -> None:
    """Write the cache; a folder that cannot be written costs time, not the answer."""
    fresh = f"{cache}.{os.getpid()}"
    try:
        os.makedirs(os.path.dirname(cache), exist_ok=True)
        with open(fresh, "w", encoding="utf-8") as file:
            file.write(text)
        os.replace(fresh, cache)
    except OSError:
        return
