"""From runs to names: letters become names and functions, ``1'`` becomes ones, ``∇L`` one function."""

from __future__ import annotations

from mccli.errors import Mark, NameMistake, Span, SyntaxMistake
from mccli.language.names import Vocabulary, read_run
from mccli.language.tokens import POWERS, Token


def resolve(tokens: list[Token], vocabulary: Vocabulary, text: str) -> tuple[list[Token], list[str]]:
    """The tokens with every run of letters and every nabla replaced by what it means, and remarks on that."""
    resolver = _Resolver(tokens, vocabulary, text)
    resolver.resolve()
    return resolver.out, resolver.notes


class _Resolver:
    def __init__(self, tokens: list[Token], vocabulary: Vocabulary, text: str) -> None:
        self.tokens, self.vocabulary, self.text = tokens, vocabulary, text
        self.out: list[Token] = []
        self.notes: list[str] = []

    def resolve(self) -> None:
        at = 0
        while at < len(self.tokens):
            token = self.tokens[at]
            if token.kind == "run":
                at += self.run(at)
            elif token.kind == "nabla":
                at += self.nabla(at)
            elif token.kind == "number" and token.text in ("1", "11") and self.is_ones(at):
                self.ones(token)
                at += 1
            else:
                self.out.append(token)
                at += 1

    def ones(self, token: Token) -> None:
        """``1'`` is the row of ones, ``11'`` the matrix of ones."""
        for place in range(token.span.start, token.span.end):
            self.out.append(Token("ones", "1", Span(place, place + 1), token.spaced))
        if token.text == "11":
            self.notes.append("11 with a transpose is read as 1 1', the matrix of ones")

    def is_ones(self, at: int) -> bool:
        """A literal 1 that carries a transpose mark or a size, and is no exponent."""
        before = [t.text if t.kind == "op" else "" for t in self.tokens[max(at - 2, 0) : at]]
        if before and before[-1] == "-":
            before.pop()
        if before and before[-1] in POWERS:
            return False
        following = self.tokens[at + 1]
        if following.kind == "op" and following.text == "^":
            rest = [t.kind for t in self.tokens[at + 2 : at + 5]]
            return rest[:1] == ["mark"] or rest == ["open", "mark", "close"]
        if following.kind == "sub" or (following.kind == "op" and following.text == "_"):
            return self.tokens[at].text == "1" and not following.spaced
        return following.kind == "mark" and not following.spaced

    def run(self, at: int) -> int:
        """Append what the run at ``at`` means; returns how many tokens were used."""
        token, primes = self.tokens[at], 0
        while self.tokens[at + 1 + primes].kind == "mark" and self.tokens[at + 1 + primes].text == "'":
            primes += 1
        following = self.tokens[at + 1 + primes]
        called = following.kind == "open" and (primes == 0 or not following.spaced)
        touching = called and not following.spaced
        words = read_run(token.pieces, called, touching, self.vocabulary, self.text)
        spaced = token.spaced
        for word in words:
            self.out.append(Token(word.kind, word.text, word.span, spaced))
            spaced = False
        if primes and called and words[-1].kind == "function":
            self.out[-1] = self.primed(self.out[-1], primes, following)
            return 1 + primes
        return 1

    def primed(self, function: Token, primes: int, following: Token) -> Token:
        """``σ'(x)`` is the derivative of σ where one is known, and refused elsewhere."""
        span = Span(function.span.start, following.span.start)
        if function.text not in self.vocabulary.primed or primes > 2:
            spelled = self.text[function.span.start : function.span.end]
            said = f"{spelled} cannot be followed by {primes} prime{'s' * (primes > 1)} and a parenthesis"
            notes = [f"for a transpose write the mark after the argument: {spelled}(...)'"]
            raise SyntaxMistake(said, marks=[Mark(span, focus=True)], notes=notes)
        return function._replace(text=function.text + "'" * primes, span=span)

    def nabla(self, at: int) -> int:
        """Append the gradient that ``∇`` and the run after it name; returns how many tokens were used."""
        token, following = self.tokens[at], self.tokens[at + 1]
        function = self.vocabulary.function("∇" + following.text) if following.kind == "run" else None
        if function is None:
            spelled = "∇" + (following.text if following.kind == "run" else "")
            notes = ["∇L(z) is read where L is a declared function"]
            raise NameMistake(f"unknown function {spelled}", marks=[Mark(token.span, focus=True)], notes=notes)
        self.out.append(Token("function", function, token.span.to(following.span), token.spaced))
        return 2
