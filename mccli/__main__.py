"""``python -m mccli`` is ``mc``."""

from mccli.cli.main import entry

entry()
