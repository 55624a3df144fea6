"""What fits at a place: names, choices, symbols, functions of a script, or files."""

from __future__ import annotations

from mccli.completion.table import own_names

TYPE_CHECKING = False
if TYPE_CHECKING:
    from mccli.completion.place import Place
    from mccli.completion.table import Named

WORDS, OPEN, FILES = "words", "open", "files"
"""How the shell goes on: with a space after the word, without one, or with the names of files."""


class Answer:
    """Candidates, each with a line about it; ``then`` is how the shell goes on, ``suffix`` what files end with."""

    def __init__(self, candidates: list[Named], then: str = WORDS, suffix: str = "", prefix: str = "") -> None:
        self.then, self.suffix = then, suffix
        self.candidates = [(prefix + value, about) for value, about in candidates]


def answer(place: Place) -> Answer:
    """What can be typed at a place."""
    kind, _, details = place.kind.partition(" ")
    if place.line.redirected or kind == "file":
        return Answer([], FILES, details)
    if kind == "command":
        return Answer(place.table.named("command"))
    if kind == "option":
        return Answer([(option.spelling, option.about) for option in place.free_options()])
    if kind == "choice":
        return Answer([(choice, "") for choice in details.split()], prefix=place.prefix)
    if kind in ("identity", "family"):
        return Answer([*place.table.named(kind), *own_names(kind)], prefix=place.prefix)
    if kind in ("operation", "topic"):
        also = place.table.named("command") if kind == "topic" else []
        return Answer([*place.table.named(kind), *also], prefix=place.prefix)
    if kind in ("script", "function"):
        return _functions(place, kind)
    return _symbols(place, kind)


# ---------------------------------------------------------------------------------------------- symbols


def _symbols(place: Place, kind: str) -> Answer:
    """Symbols, or a declaration that starts with one."""
    if kind == "symbol":
        given = place.typed("symbol")
        return Answer([(s, "") for s in symbols_of(place) if s not in given], prefix=place.prefix)
    if kind not in ("shape", "property"):
        return Answer([])
    done, last = _split(place.partial, ";")
    name, colon, _ = last.partition(":")
    if not colon:
        given = [item.partition(":")[0] for text in place.typed("shape") for item in text.split(";")]
        free = [s for s in symbols_of(place) if kind == "property" or s not in given]
        return Answer([(f"{s}:", "") for s in free], OPEN, prefix=place.prefix + done)
    if kind == "shape":
        return Answer([])
    words, _ = _split(last[len(name) + 1 :], ",")
    given = words.split(",")
    fitting = [(p, about) for p, about in place.table.named("property") if p not in given]
    return Answer(fitting, prefix=f"{place.prefix}{done}{name}:{words}")


def _split(text: str, separator: str) -> tuple[str, str]:
    """The text up to the last separator, that included, and the rest."""
    before, found, last = text.rpartition(separator)
    return before + found, last


def symbols_of(place: Place) -> list[str]:
    """The symbols of every expression on the line, and the arguments of the function that is named."""
    from mccli.completion.symbols import looks_like_words, symbols

    table = place.table
    items = [item for kind in ("shape", "property") for text in place.typed(kind) for item in text.split(";")]
    shapes = [item.partition(":")[2] for text in place.typed("shape") for item in text.split(";")]
    sizes = ["".join(c if c.isalpha() else " " for c in shape).split() for shape in shapes]
    functions = [text.partition("(")[0].strip() for text in place.typed("definition")]
    expressions = place.typed("expression")
    known = table.names("identity")
    expressions += [t for t in place.typed("identity") if t not in known and not looks_like_words(t, table)]
    found = [s for target in place.typed("script") for s in _parameters(target)]
    for text in expressions:
        declared = [item.partition(":")[0].strip() for item in items if item.partition(":")[0].strip()]
        letters = [letter for group in sizes for letter in group]
        found += symbols(text, table, declared, letters, functions)
    return list(dict.fromkeys(found))


# ---------------------------------------------------------------------------------------------- scripts


def _functions(place: Place, kind: str) -> Answer:
    """The functions of the file before the colon, or of the one that is named elsewhere on the line."""
    from mccli.completion.script import functions, source_of

    target = place.partial if kind == "script" else "".join(place.typed("script")[:1])
    source, colon, name = target.rpartition(":")
    if kind == "script" and not colon:
        return Answer([], FILES, ".py")
    prefix = f"{source}:" if kind == "script" else ""
    hidden = (name if kind == "script" else place.partial).startswith("_")
    found = [
        (function, parameters)
        for function, parameters in functions(source_of(target)).items()
        if hidden or not function.startswith("_")
    ]
    return Answer(found, prefix=place.prefix + prefix)


def _parameters(target: str) -> list[str]:
    """The parameters of the function that a target names."""
    from mccli.completion.script import functions, parameters, source_of

    return parameters(functions(source_of(target)).get(target.rpartition(":")[2], ""))
