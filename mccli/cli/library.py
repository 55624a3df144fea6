"""The database as the commands use it: mc's own index, and one made from the user's own records."""

from __future__ import annotations

import json
import os
import shlex
import sys

from mccli.errors import printable
from mccli.folders import cache_folder, data_folder, user_folder
from mccli.identities.catalogue import INDEX, Catalogue, Library, record_files


def library() -> Library:
    """The records that can be looked up. Those of the user's that cannot be are counted on standard error."""
    index = os.path.join(data_folder(), INDEX)
    own = Catalogue.read(index)
    files = record_files(user_folder())
    if not files:
        return Library([own])
    user, unused = _user_catalogue(files, index, own)
    for file, count in unused.items():
        what = f"{count} record{'s' if count > 1 else ''} of {file}" if count else file
        said = f"{what} {'are' if count > 1 else 'is'} not used: mc check {shlex.quote(file)}"
        print(printable(said), file=sys.stderr)
    return Library([own, user])


def _cache_file() -> str:
    return os.path.join(cache_folder(), INDEX)


def _state(files: list[str]) -> str:
    """What the files are now: the index made from them is used as long as this stays."""
    found = [os.stat(file) for file in files]
    return json.dumps([[file, s.st_mtime_ns, s.st_size] for file, s in zip(files, found, strict=True)])


def _user_catalogue(files: list[str], index: str, own: Catalogue) -> tuple[Catalogue, dict[str, int]]:
    """The user's records that hold, and how many others there are by file."""
    state, cache = _state([index, *files]), _cache_file()
    try:
        with open(cache, "rb") as file:
            kept_state, unused, kept = file.read().split(b"\n", 2)
        if kept_state == state.encode():
            return Catalogue(kept), json.loads(unused)
    except (OSError, ValueError):
        pass
    from mccli.numeric.records.own import checked_index  # reads YAML and checks with NumPy: only when files changed

    found = checked_index(files, own.ids)
    _keep(cache, f"{state}\n{json.dumps(found.unused)}\n{found.text}")
    return Catalogue(found.text.encode()), found.unused


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
