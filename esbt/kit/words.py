"""Small words that every room needs to say its figures."""

from collections.abc import Sequence

ARROWS = {"favourable": "▲", "adverse": "▼"}
_SMALL = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten",
          "eleven", "twelve")  # fmt: skip


def in_a_list(parts: Sequence[str]) -> str:
    """Join as in "a", "a and b", "a, b and c"."""
    return " and ".join([", ".join(parts[:-1]), parts[-1]] if len(parts) > 1 else parts)


def capital(text: str) -> str:
    """The text with a capital at its start, and the rest as it is."""
    return text[:1].upper() + text[1:]


def number(count: int) -> str:
    """A whole number of things within a sentence: words up to twelve, then digits."""
    return _SMALL[count] if 0 <= count < len(_SMALL) else f"{count:,}"


def a(thing: str) -> str:
    """A thing with its article: an item, a domain."""
    return f"{'an' if thing[0] in 'aeiou' else 'a'} {thing}"
