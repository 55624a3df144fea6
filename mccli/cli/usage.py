"""What Click complains about, said in the style of mc."""

from __future__ import annotations

import re
import shlex
from collections.abc import Sequence
from typing import Any

from mccli.errors import McError, Typed, UsageError, closest

COMMAND_FIRST = "the command comes first: mc derive EXPR, mc lookup EXPR, mc shape EXPR"
QUOTE = 'an expression with spaces or brackets stands in quotation marks: "tr(A X)"'


class Usage:
    """Says what is wrong with the words of one command. ``app`` is Click's group, ``name`` the command in it."""

    def __init__(self, words: Sequence[str], app: Any, name: str) -> None:
        self.words, self.app = words, app
        self.command = app.commands[name] if name else app
        self.called = f"mc {name}" if name else "mc"
        self.see = f"see {self.called} --help"
        self.options = {spelled: p for p in self.command.params for spelled in (*p.opts, *p.secondary_opts)}

    def mistake(self, error: Any) -> McError:
        """What an exception of Click's stands for. Typer has its own copy of Click: names tell them apart."""
        message = str(error.format_message()).rstrip(".")
        match type(error).__name__:
            case "NoSuchOption":
                return self._no_such_option(error.option_name)
            case "BadOptionUsage":
                return self._bad_usage(error.option_name, message)
            case "MissingParameter":
                return self._missing(error)
            case "BadParameter":
                return self._bad_value(error)
        if message.startswith("No such command"):
            return no_such_command(self.words, list(self.app.commands))
        if message.startswith("Got unexpected extra argument"):
            return self._too_many(message)
        return UsageError(message[:1].lower() + message[1:], notes=[self.see])

    def _no_such_option(self, given: str) -> UsageError:
        near = closest(given, [spelled for spelled in self.options if spelled.startswith("--")])
        notes = [f"did you mean {near}?"] if near else []
        if given.startswith("-") and not given.startswith("--") and near:
            notes.append("a long option begins with two dashes")
        said = f"{self.called} has no option {given}"
        return UsageError(said, notes=[*notes, self.see], fix=near, typed=Typed(given))

    def _bad_usage(self, option: str, message: str) -> UsageError:
        if "requires" not in message:
            return UsageError(f"{option} takes no value", notes=[self.see], typed=Typed(option))
        return UsageError(f"{option} needs a value", notes=[self._about(option)], typed=Typed(option))

    def _about(self, option: str) -> str:
        found = self.options.get(option)
        return f"{option} {found.metavar or 'VALUE'}: {found.help}" if found is not None else self.see

    def _missing(self, error: Any) -> UsageError:
        what = (
            "an expression" if error.param.metavar == "EXPR" else error.param.metavar or str(error.param.name).upper()
        )
        example = example_of(self.command.help or "")
        return UsageError(f"{self.called} needs {what}", notes=[f"as in {example}" if example else self.see])

    def _bad_value(self, error: Any) -> UsageError:
        option = error.param.opts[0] if error.param is not None else ""
        found = re.search(r"'(.*)' is not a valid (\w+)", error.message, re.DOTALL)
        if found is None:
            return UsageError(f"{option}: {error.message}", notes=[self._about(option)])
        what = {"int": "a whole number", "integer": "a whole number", "float": "a number"}.get(found[2], found[2])
        return UsageError(
            f"{option} takes {what}, not {found[1]}", notes=[self._about(option)], typed=Typed(found[1], option)
        )

    def _too_many(self, message: str) -> UsageError:
        """One argument too many: an expression without quotation marks, or an option with one dash."""
        extra = re.sub(r"^Got unexpected extra arguments?(\(s\))? \(", "", message).removesuffix(")").strip()
        first = next((w for word in self.words[1:] if (w := word.strip()) and extra.startswith(w)), extra)
        if re.fullmatch("-[a-z]+", first) and closest(f"-{first}", self.options):
            return self._no_such_option(first)
        taken = sum(p.param_type_name == "argument" for p in self.command.params)
        count = {0: "no argument", 1: "one argument"}.get(taken, f"{taken} arguments")
        said = f"{self.called} takes {count}, and {first} is one too many"
        return UsageError(said, notes=[*([QUOTE] if taken else []), self.see], typed=Typed(first))


def no_such_command(words: Sequence[str], commands: Sequence[str]) -> UsageError:
    """The first word is no command; an expression there was probably meant for one."""
    word = words[0].strip()
    near = closest(word, commands)
    notes, fix = [f"did you mean {near}?"] if near else [], near
    if near is None and not word.isalpha():
        notes.append(COMMAND_FIRST)
        fix = shlex.join(("mc", "derive", *words))
    notes.append("commands: " + ", ".join(commands))
    return UsageError(f"there is no command {word}", notes=notes, fix=fix, typed=Typed(word))


def example_of(text: str) -> str:
    """The first example in the help of a command."""
    return next((line.strip() for line in text.splitlines() if line.strip().startswith("mc ")), "")
