"""Where the cursor is: at the command, an option, a value or an argument; and what is typed elsewhere on the line."""

from __future__ import annotations

from mccli.completion.table import Option, Table

TYPE_CHECKING = False
if TYPE_CHECKING:
    from mccli.completion.line import Line


class Place:
    """What the word with the cursor is, and the other words by what they are.

    ``kind`` is ``command``, ``option``, or the kind of a value; ``partial`` is what is typed of it, after ``prefix``.
    """

    def __init__(self, table: Table, line: Line) -> None:
        self.table, self.line = table, line
        self.command = ""
        self.options = table.options("")
        self.arguments: list[str] = []
        self.kind, self.prefix, self.partial = "", "", line.current
        self.used: set[str] = set()
        self.values: list[tuple[str, str]] = []
        self._waiting: Option | None = None
        self._only_arguments = False
        self._count = 0
        for i, word in enumerate(line.words):
            self._word(word, i == line.at)

    def typed(self, kind: str) -> list[str]:
        """The values of a kind elsewhere on the line."""
        return [value for known, value in self.values if known == kind and value]

    def free_options(self) -> list[Option]:
        """The options that can still be given."""
        return [o for o in self.options.values() if o.repeats or o.parameter not in self.used]

    def _word(self, word: str, here: bool) -> None:
        if self._waiting is not None:
            option, self._waiting = self._waiting, None
            self._value(option.kind, word, here)
        elif word == "--" and not here and not self._only_arguments:
            self._only_arguments = True
        elif word.startswith("--") and not self._only_arguments:
            self._long(word, here)
        elif word in self.options and not self._only_arguments and not here:
            self._option(self.options[word])
        elif not self.command:
            self._command(word, here)
        elif here and word == "-" and not self._only_arguments:
            self.kind = "option"
        else:
            kind = self.arguments[self._count] if self._count < len(self.arguments) else ""
            self._count += 1
            self._argument(kind, word, here)

    def _command(self, word: str, here: bool) -> None:
        if here:
            self.kind = "option" if word.startswith("-") else "command"
        else:
            self.command = word
            self.options, self.arguments = self.table.options(word), self.table.arguments(word)

    def _long(self, word: str, here: bool) -> None:
        name, equals, value = word.partition("=")
        option = self.options.get(name)
        if not equals and here:
            self.kind = "option"
        elif option is not None and equals:
            self.used.add(option.parameter)
            self.prefix = f"{name}=" if here else self.prefix
            self._value(option.kind, value, here)
        elif option is not None:
            self._option(option)

    def _option(self, option: Option) -> None:
        self.used.add(option.parameter)
        self._waiting = option if option.takes_value else None

    def _argument(self, kind: str, word: str, here: bool) -> None:
        """An argument; where nothing can be said about one that is still empty, options are offered."""
        if here and not word and kind in ("", "expression") and not self._only_arguments:
            self.kind = "option"
        else:
            self._value(kind, word, here)

    def _value(self, kind: str, word: str, here: bool) -> None:
        if here:
            self.kind, self.partial = kind, word
        else:
            self.values.append((kind, word))
