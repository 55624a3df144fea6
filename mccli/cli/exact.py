"""``--prove`` and ``--entries``: the exact views through SymPy."""

from __future__ import annotations

from mccli.api import Result
from mccli.cli.terminal import detect
from mccli.errors import CheckFailed, Typed, UsageError, to_ascii


def show(result: Result, *, prove: bool, entries: str, ascii_only: bool) -> None:
    """Print the proof or the entries. CheckFailed if the proof finds a difference."""
    lines = [*(_entries(result, entries) if entries else ()), *(_proof(result) if prove else ())]
    plain = detect(ascii_only=ascii_only).ascii_only
    for line in lines:
        print(to_ascii(line) if plain else line)


def _entries(result: Result, sizes: str) -> list[str]:
    try:
        numbers = [int(word) for word in sizes.replace("x", ",").split(",")]
    except ValueError:
        place = Typed(sizes, "--entries")
        raise UsageError(f"--entries {sizes} cannot be read", notes=["write sizes such as 2,3"], typed=place) from None
    if any(not 1 <= number <= 4 for number in numbers):
        place = Typed(sizes, "--entries")
        raise UsageError("--entries shows sizes from 1 to 4", notes=["larger ones are unreadable"], typed=place)
    lines: list[str] = []
    for view in result.entries(numbers):
        lines.append(f"{result.derivation.function} = {view.value}")
        lines += [f"∂{result.derivation.function}/∂{name} = {formula}" for name, formula in view.partials]
    return lines


def _proof(result: Result) -> list[str]:
    lines: list[str] = []
    proofs = result.prove()
    for gradient, proof in zip(result.derivation.gradients, proofs, strict=True):
        sizes = ", ".join(f"{letter}={value}" for letter, value in sorted(proof.sizes.items()))
        name = gradient.variable.name
        if proof.failed_entry is not None and not proof.equal:
            raise CheckFailed(f"the gradient by {name} differs from the entrywise derivative at {proof.failed_entry}")
        if not proof.equal:
            lines.append(f"{name}: {proof.method} at {sizes}")
        else:
            lines.append(
                f"{name}: proved at {sizes}: all {proof.entries_checked} entries are equal exactly ({proof.method})"
            )
    return lines
