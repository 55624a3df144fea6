"""The database as the commands use it: mc's own index, and one made from the user's own records."""

from __future__ import annotations

import json
import os
from pathlib import Path

from mccli.errors import McError
from mccli.identities.catalogue import INDEX, Catalogue, Library, data_folder, user_folder


def library() -> tuple[Library, list[McError]]:
    """The records that can be looked up, and what is wrong with the user's own."""
    own = Catalogue.read(data_folder() / INDEX)
    files = user_files()
    if not files:
        return Library([own]), []
    user, mistakes = _user_catalogue(files)
    return Library([own, user]), mistakes


def user_files() -> list[Path]:
    """The user's record files."""
    folder = user_folder()
    return sorted((*folder.glob("*.yaml"), *folder.glob("*.yml"))) if folder.is_dir() else []


def _cache_file() -> Path:
    base = os.environ.get("XDG_CACHE_HOME", "")
    return (Path(base) if base.startswith("/") else Path.home() / ".cache") / "mccli" / INDEX


def _state(files: list[Path]) -> str:
    """What the files are now: the index made from them is used as long as this stays."""
    return json.dumps([[str(f), f.stat().st_mtime_ns, f.stat().st_size] for f in files])


def _user_catalogue(files: list[Path]) -> tuple[Catalogue, list[McError]]:
    state, cache = _state(files), _cache_file()
    try:
        kept_state, _, index = cache.read_bytes().partition(b"\n")
        if kept_state == state.encode():
            return Catalogue(index), []
    except OSError:
        pass
    from mccli.numeric.records.own import checked_index  # reads YAML and checks with NumPy: only when files changed

    text, mistakes = checked_index(files)
    if not mistakes:
        _keep(cache, f"{state}\n{text}")
    return Catalogue(text.encode()), mistakes


def _keep(cache: Path, text: str) -> None:
    """Write the cache; a folder that cannot be written costs time, not the answer."""
    try:
        cache.parent.mkdir(parents=True, exist_ok=True)
        fresh = cache.with_suffix(f".{os.getpid()}")
        fresh.write_text(text, encoding="utf-8")
        fresh.replace(cache)
    except OSError:
        return
