"""``python -m mccli`` is ``mc``."""

from mccli.entry import entry

entry()
