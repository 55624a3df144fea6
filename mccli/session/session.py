"""A session: lines come in, replies go out; what a line declares or defines is there for the lines after it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from mccli.errors import McError, NothingFound, UsageError
from mccli.expressions.sizes import shape_text
from mccli.language.names import canonical_name
from mccli.language.where import split_where
from mccli.render.text import text
from mccli.session import script
from mccli.session.asking import derivative, read, value
from mccli.session.declaring import declare_function, declare_symbols
from mccli.session.defining import define
from mccli.session.naming import refuse_clearing
from mccli.session.reply import Derived, Entry, Help, Left, Listing, LookUp, Reply, Said, Solved, Steps, Value
from mccli.session.results import with_last_result
from mccli.session.state import ANS, WORD, State, plain_shape
from mccli.session.statement import (
    Ask,
    Command,
    Declare,
    DeclareFunction,
    Define,
    Statement,
    read_declaration,
    read_question,
    read_statement,
    without_comment,
)

_ANS = re.compile(rf"(?<![^\W\d_]){ANS}(?![\w])")


class Line(NamedTuple):
    """A line that was answered, with the state before it; ``before`` is None if it changed nothing."""

    text: str
    before: State | None


class Session:
    """What was said so far. Only :meth:`run` changes it, and only when a line has been answered."""

    def __init__(self, state: State | None = None) -> None:
        self.state = state or State()
        self.lines: list[Line] = []

    def run(self, line: str) -> Reply | None:
        """Answer a line; None if there is nothing in it. McError leaves the session as it was."""
        statement = read_statement(line, self.state.names())
        if statement is None:
            if line.strip():
                self.lines.append(Line(line.strip(), None))
            return None
        if isinstance(statement, Command):
            return self._command(statement, line)
        state, reply = self._answered(statement, line)
        self.lines.append(Line(line.strip(), self.state))
        self.state = state
        return reply

    def works(self, lines: Sequence[str]) -> bool:
        """Whether lines would be answered. The session stays as it is."""
        trial = Session(self.state)
        try:
            for line in lines:
                trial.run(line)
        except McError:
            return False
        return True

    # -------------------------------------------------------------------------------------------- statements

    def _answered(self, statement: Statement, line: str) -> tuple[State, Reply]:
        """The state after a statement, and the reply to it."""
        whole = without_comment(line)
        stop, clause = split_where(whole)
        if clause is not None and not isinstance(statement, Declare | DeclareFunction):
            state, sentences = declare_symbols(self.state, read_declaration(whole[clause.start : clause.end]))
            inner = read_statement(whole[:stop], state.names())
            assert inner is not None
            state, reply = self._carried_out(state, inner)
            return state, _with_sentences(reply, sentences)
        return self._carried_out(self.state, statement)

    def _carried_out(self, state: State, statement: Statement) -> tuple[State, Reply]:
        if isinstance(statement, Declare):
            state, sentences = declare_symbols(state, statement)
            return state, Said(sentences)
        if isinstance(statement, DeclareFunction):
            state, sentences = declare_function(state, statement.text)
            return state, Said(sentences)
        assert isinstance(statement, Define | Ask)
        body = statement.body if isinstance(statement, Define) else statement.expression
        inner = with_last_result(state) if _ANS.search(body) else state
        if isinstance(statement, Define):
            fresh, reply = define(inner, statement)
            derived = reply if isinstance(reply, Derived) else fresh.derived
            return fresh.without([ANS])._replace(last=reply, derived=derived), reply
        answer = value(inner, statement.expression) if statement.kind == "value" else derivative(inner, statement)
        return _with_result(state, inner, answer), answer

    # -------------------------------------------------------------------------------------------- commands

    def _command(self, command: Command, line: str) -> Reply:
        rest = command.rest
        match command.word:
            case "help":
                return Help(rest)
            case "quit":
                return Left()
            case "vars":
                return self._listing()
            case "why":
                return self._why()
            case "undo":
                return self._undo(rest)
            case "clear":
                return self._clear(rest, line)
            case "save":
                return self._save(rest)
            case "check":
                reply = self._check(rest)
            case _:
                reply = self._look_up(rest)
        self.lines.append(Line(line.strip(), None))
        return reply

    def _listing(self) -> Listing:
        state = self.state
        entries = [Entry("declared", name, state.said(name)) for name in state.declared()]
        entries += [Entry("function", name, f.text) for name, f in state.functions.items()]
        for name, definition in state.scope.expressions.items():
            meaning = definition.text.partition("=")[2].strip()
            stale = state.changed_since(name)
            shape = f"does not hold any more: {stale}" if stale else self._shape(name)
            entries.append(Entry("defined", state.call(name), meaning, shape))
        if state.result is not None:
            node = state.result[1]
            entries.append(Entry("last result", ANS, text(node), shape_text(node.shape)))
        return Listing(tuple(entries))

    def _shape(self, name: str) -> str:
        try:
            return shape_text(read(self.state, self.state.call(name)).expression.shape)
        except McError:
            return "does not fit"

    def _why(self) -> Reply:
        last = self.state.last
        if not isinstance(last, Value | Derived | Solved):
            raise UsageError("there is no answer yet", notes=["why shows the steps of the last one"])
        return Steps(last)

    def _check(self, rest: str) -> Reply:
        last = self.state.derived
        if last is None:
            raise UsageError("there is no derivative yet", notes=["check compares the last one with differences"])
        return Said((last.checked(_number(rest or "20", "points")),))

    def _undo(self, rest: str) -> Said:
        count = _number(rest or "1", "lines")
        changes = [i for i, line in enumerate(self.lines) if line.before is not None]
        if not changes:
            raise NothingFound("there is nothing to take back")
        taken = changes[-count:]
        undone = [self.lines[i].text for i in reversed(taken)]
        before = self.lines[taken[0]].before
        assert before is not None
        self.state = before
        self.lines = [line for i, line in enumerate(self.lines) if i not in set(taken)]
        return Said(tuple(f"taken back: {line}" for line in undone))

    def _clear(self, rest: str, line: str) -> Said:
        names = [canonical_name(name) for name in rest.replace(",", " ").split()]
        refuse_clearing(self.state, names)
        state = self.state.without(names) if names else State()
        self.lines.append(Line(line.strip(), self.state))
        self.state = state
        return Said((f"{', '.join(names)} forgotten" if names else "everything is forgotten; undo brings it back",))

    def _save(self, rest: str) -> Said:
        count = script.save(rest, [line.text for line in self.lines])
        return Said((f"{count} lines saved; mc repl {rest} replays them",))

    def _look_up(self, query: str) -> LookUp:
        """The question with the names of the session put in, for the database knows none of them."""
        if not query or query == "-":
            raise UsageError("look up what?", notes=["lookup tr(AXB), lookup f, lookup log det"])
        asked, state = read_question(query, self.state.names()), self.state
        try:
            inner = with_last_result(state) if _ANS.search(query) else state
            found = value(inner, asked.expression).read
        except McError:
            return LookUp(query)
        shapes, variables = {n: s for n, s in state.scope.shapes.items() if n in found.symbols}, asked.variables
        words = {canonical_name(word) for word in WORD.findall(asked.expression)}
        if words & {*state.scope.expressions, ANS}:
            shapes = {name: symbol.shape for name, symbol in found.symbols.items()}
            query = text(found.expression, ascii_only=True)
            words |= state.basis_of(found).functions.keys()
        properties = {n: p - {"square"} for n, p in state.scope.properties.items() if n in found.symbols}
        return LookUp(
            query,
            variables,
            tuple(f"{name}:{plain_shape(shape)}" for name, shape in shapes.items()),
            tuple(f"{name}:{','.join(sorted(p))}" for name, p in properties.items() if p),
            tuple(f.text for name, f in state.functions.items() if name in words),
        )


def _number(text: str, what: str) -> int:
    if not text.isdigit() or int(text) < 1:
        raise UsageError(f"{text} is no number of {what}")
    return int(text)


def _with_sentences(reply: Reply, sentences: tuple[str, ...]) -> Reply:
    if isinstance(reply, Said | Value | Derived | Solved):
        return reply._replace(sentences=(*sentences, *reply.sentences))
    return reply


def _with_result(state: State, inner: State, answer: Value | Derived | Solved) -> State:
    """The state with an answer as the last one; what it was found from is remembered with it."""
    node = answer.read.expression if isinstance(answer, Value) else answer.node
    state = state._replace(derived=answer) if isinstance(answer, Derived) else state
    if node is None:
        return state._replace(last=answer, result=None)
    return state._replace(last=answer, result=(answer.read, node, inner.basis_of(answer.read)))
