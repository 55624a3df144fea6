"""The line that is being typed, as words: quotes and escapes as the shell reads them, and nothing is ever run."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

PROGRAMS = ("mc", "mccli")
ESCAPED_IN_DOUBLE = {"bash": '"\\$`\n', "fish": '"\\$\n'}
"""What a backslash escapes between double quotes."""
ESCAPED_IN_SINGLE = {"bash": "", "fish": "'\\"}
SEPARATORS = "|;&()\n`"


class Line:
    """The words of a command: the one with the cursor is ``words[at]``, and ends at the cursor.

    ``redirected`` is set where the cursor is in the name of a file that output goes to.
    """

    def __init__(self, words: Sequence[str], at: int, redirected: bool = False) -> None:
        self.words, self.at, self.redirected = tuple(words), at, redirected

    @property
    def current(self) -> str:
        """The word to be completed, as far as it is typed."""
        return self.words[self.at]


def read_line(before: str, whole: str, shell: str) -> Line:
    """The words after the name of the program, from the text before the cursor and the whole text."""
    found, redirected = _words(before, shell)
    every, _ = _words(whole, shell) if whole.startswith(before) else (found, False)
    start = _program(found) + 1
    if start >= len(found):
        return Line([""], 0)
    touched = len(found) - (not found[-1])  # the cursor may touch a word that follows, which is a word of its own
    rest = every[touched:] if every[: len(found) - 1] == found[:-1] else []
    return Line([*found[start:], *(word for word in rest if word)], len(found) - 1 - start, redirected)


def _program(words: list[str]) -> int:
    """Where the program is: after assignments, sudo and the like; an alias of it is the first word."""
    for i, word in enumerate(words[:-1]):
        if word.replace("\\", "/").rpartition("/")[2].removesuffix(".exe") in PROGRAMS:
            return i
    return next((i for i, word in enumerate(words) if "=" not in word), 0)


def _words(text: str, shell: str) -> tuple[list[str], bool]:
    """The words of the last command in the text, the unfinished one last; and whether that one is redirected to."""
    reader = _Reader(text, shell)
    while reader.at < len(text):
        reader.step()
    return [*reader.words, reader.word], reader.redirected


class _Reader:
    def __init__(self, text: str, shell: str) -> None:
        self.text, self.at = text, 0
        self.in_single, self.in_double = ESCAPED_IN_SINGLE[shell], ESCAPED_IN_DOUBLE[shell]
        self.words: list[str] = []
        self.word, self.started, self.redirected = "", False, False

    def step(self) -> None:
        """Read one character, or what is between quotes."""
        character = self.text[self.at]
        self.at += 1
        if character in " \t":
            self.end()
        elif character == "\\":
            self.add(self.text[self.at : self.at + 1].replace("\n", ""))
            self.at += 1
        elif character == "'":
            self.quoted("'", self.in_single)
        elif character == '"':
            self.quoted('"', self.in_double)
        elif character in SEPARATORS:
            self.words, self.word, self.started, self.redirected = [], "", False, False
        elif character in "<>":
            self.redirect()
        else:
            self.add(character)

    def add(self, text: str) -> None:
        self.word, self.started = self.word + text, True

    def end(self) -> None:
        """The word ends; the name of a file that is redirected to is no word of the command."""
        if self.started and not self.redirected:
            self.words.append(self.word)
        if self.started:
            self.word, self.started, self.redirected = "", False, False

    def redirect(self) -> None:
        if self.word.isdigit():
            self.word, self.started = "", False
        self.end()
        self.redirected = True
        while self.text[self.at : self.at + 1] in tuple("<>&|"):
            self.at += 1

    def quoted(self, quote: str, escaped: str) -> None:
        """Read up to the closing quote, or to the end where there is none yet."""
        self.add("")
        while self.at < len(self.text) and self.text[self.at] != quote:
            character, following = self.text[self.at], self.text[self.at + 1 : self.at + 2]
            if character == "\\" and following and following in escaped:
                character = following.replace("\n", "")
                self.at += 1
            self.word += character
            self.at += 1
        self.at += 1
