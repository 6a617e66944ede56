"""Money as people read and type it.

Inside, money is an integer count of pence, and no float touches it. None is "not stated": the
source is silent, or nothing was typed. It is never 0.
"""

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

Unit = Literal["m", "k", "gbp"]

NOT_STATED = "not stated"
UNIT_LABELS: dict[Unit, str] = {"m": "£m", "k": "£'000", "gbp": "£"}  # for table headings
MINUS = "\N{MINUS SIGN}"

_PENCE_PER: dict[Unit, int] = {"m": 100_000_000, "k": 100_000, "gbp": 1}
_DECIMALS: dict[Unit, int] = {"m": 1, "k": 0, "gbp": 0}

# Under a trillion pounds, so that a run of digits typed by mistake never reaches the database.
LIMIT_PENCE = 1_000_000_000_000_00


class AmountError(ValueError):
    """What was typed is not an amount; the message says so in words, with the remedy."""


def divide_half_away(numerator: int, denominator: int) -> int:
    """Divide to the nearest integer, halves going away from zero; the denominator is positive."""
    quotient, remainder = divmod(abs(numerator), denominator)
    if 2 * remainder >= denominator:
        quotient += 1
    return -quotient if numerator < 0 else quotient


def _digits(pence: int, unit: Unit) -> str:
    """Print the size of an amount in a unit, without sign: 2_650_000_000 in "m" is 26.5."""
    if unit == "gbp":
        pounds, rest = divmod(abs(pence), 100)
        return f"{pounds:,}.{rest:02d}" if rest else f"{pounds:,}"
    decimals = _DECIMALS[unit]
    scaled = divide_half_away(abs(pence) * 10**decimals, _PENCE_PER[unit])
    if not decimals:
        return f"{scaled:,}"
    whole, rest = divmod(scaled, 10**decimals)
    return f"{whole:,}.{rest:0{decimals}d}"


def rounds_to_zero(pence: int, unit: Unit) -> bool:
    """Whether an amount prints as nothing in a unit, as 4 pounds do in £m."""
    return not any(digit in "123456789" for digit in _digits(pence, unit))


def rounding(unit: Unit) -> str:
    """What prints as nothing in a unit is under this: "£50k" in £m, "£500" in £'000."""
    half = _PENCE_PER[unit] // 10 ** _DECIMALS[unit] // 2
    return words(half, "gbp" if rounds_to_zero(half, "k") or unit == "k" else "k")


def format_pence(pence: int | None, unit: Unit) -> str:
    """Print an amount as a table does, the unit being in the heading.

    "m" is £m with one decimal, "k" is £'000 without, "gbp" is pounds with pence only where there
    are any. A negative amount, such as a deficit, stands in brackets: -2_650_000_000 is "(26.5)".
    What rounds to nothing has no brackets, and None is "not stated".
    """
    if pence is None:
        return NOT_STATED
    digits = _digits(pence, unit)
    return f"({digits})" if pence < 0 and not rounds_to_zero(pence, unit) else digits


def words(pence: int | None, unit: Unit) -> str:
    """Print an amount for a sentence, with its unit: "£68.4m", "£12,300k", "£1,234.56".

    A negative amount has a true minus sign in front; a sentence about a variance gives the size
    and says favourable or adverse instead.
    """
    if pence is None:
        return NOT_STATED
    sign = MINUS if pence < 0 and not rounds_to_zero(pence, unit) else ""
    return f"{sign}£{_digits(pence, unit)}{'' if unit == 'gbp' else unit}"


def percent(numerator: int | None, denominator: int | None) -> Decimal | None:
    """Numerator as a percentage of denominator, one decimal, halves away from zero.

    None where either is not stated or the base is zero: no value, never 0. The caller chooses the
    base (turnover for a position, the absolute plan for spend and savings).
    """
    if numerator is None or not denominator:
        return None
    if denominator < 0:
        numerator, denominator = -numerator, -denominator
    return Decimal(divide_half_away(numerator * 1000, denominator)) / 10


@dataclass(frozen=True, slots=True)
class Cell:
    """A figure as it stands in a page, made once so that table, sentence and chart read alike."""

    text: str
    missing: bool = False
    derived: bool = False  # worked out by us; carries a dagger
    suspect: bool = False  # the source is doubtful; carries a flag
    note: str = ""  # the working, or why it is suspect
    href: str = ""  # where its source is shown


def cell(
    pence: int | None, unit: Unit, *, marks: tuple[str, ...] = (), note: str = "", href: str = ""
) -> Cell:
    """Make a cell of an amount; marks are states of its evidence, as ("derived",)."""
    return Cell(
        text=format_pence(pence, unit),
        missing=pence is None,
        derived=pence is not None and not {"derived", "inferred"}.isdisjoint(marks),
        suspect=pence is not None and "suspect" in marks,
        note=note,
        href=href,
    )


def percent_cell(value: Decimal | None) -> Cell:
    """Make a cell of a percentage: one decimal, brackets when negative, "n/a" for None."""
    if value is None:
        return Cell("n/a", missing=True)
    digits = f"{abs(value):,.1f}"
    return Cell(f"({digits})" if value < 0 else digits)


# Space as people paste it: no-break, narrow and thin spaces, and marks without width.
_SPACE = re.compile("[\\s\N{NO-BREAK SPACE}\u2007\u2009\u202f\u200b\u2060\ufeff]+")
# Hyphens and dashes that a word processor or spreadsheet puts for a minus.
_DASH = re.compile("[\u2010\u2011\u2012\u2013\u2212\ufe63\uff0d]")
_NUMBER = re.compile(
    r"(?P<whole>[1-9][0-9]{0,2}(?:,[0-9]{3})+|[1-9][0-9]{0,2}(?: [0-9]{3})+|[0-9]+)?"
    r"(?:\.(?P<fraction>[0-9]+))?"
    r" ?(?P<suffix>[mMkK])?"
)
_SUFFIX_DIGITS = {"": 2, "k": 5, "m": 8}  # decimals down to a penny
_SHOWN = 40  # how much of what was typed a message repeats


def parse_amount(text: str | None) -> int | None:
    """Pence from what a person typed, in pounds; None when it is blank, which means not stated.

    Accepts "1,234.56", "£1,234", "-1234", "(1,234)" for a negative, "1.2m", "12.5k", spaces for
    thousands, and the dashes and spaces that office programs put in. Anything of which the
    meaning is not plain raises AmountError; a minus behind the number is such a case, since it
    is as often a slip as it is a sign.
    """
    typed = _SPACE.sub(" ", text or "").strip()
    if not typed:
        return None
    shown = typed if len(typed) <= _SHOWN else typed[:_SHOWN] + "…"
    body, negative = _take_sign(_DASH.sub("-", typed), shown)
    match = _NUMBER.fullmatch(body)
    if match is None or (match["whole"] is None and match["fraction"] is None):
        raise AmountError(f"'{shown}' is not an amount. Type pounds, such as 12,300.")
    whole = re.sub("[, ]", "", match["whole"] or "0").lstrip("0")
    fraction, suffix = match["fraction"] or "", (match["suffix"] or "").lower()
    places = _SUFFIX_DIGITS[suffix]
    if len(fraction) > places:
        raise AmountError(
            f"'{shown}' is finer than a penny. Type pounds and pence, such as 12,300.50."
        )
    if len(whole) > len(str(LIMIT_PENCE)):
        raise _too_large(shown)
    pence = int((whole + fraction.ljust(places, "0")) or "0")
    if pence >= LIMIT_PENCE:
        raise _too_large(shown)
    return -pence if negative else pence


def _take_sign(typed: str, shown: str) -> tuple[str, bool]:
    """Strip brackets, sign and pound sign; return the digits and whether they are negative."""
    body, negative = typed, False
    if body.endswith("-") and body != "-":
        raise AmountError(f"'{shown}' has its minus behind. Type the minus in front: -12,300.")
    bracketed = re.fullmatch(r"(£ ?)?\( ?(.*?) ?\)", body)
    if bracketed:
        body = (bracketed[1] or "") + bracketed[2]
        negative = True
        if re.search(r"[-+()]", body):
            raise AmountError(
                f"'{shown}' mixes brackets and a sign. Type one of them: (12,300) or -12,300."
            )
    signed = re.fullmatch(r"(?:([-+]) ?£?|£ ?([-+]?)) ?([^-+£].*)", body)
    if signed:
        negative = negative or "-" in ((signed[1] or "") + (signed[2] or ""))
        body = signed[3]
    return body, negative


def _too_large(shown: str) -> AmountError:
    return AmountError(
        f"'{shown}' is too large: an amount here is under £1,000,000,000,000. "
        "Check the unit and type pounds, such as 12,300."
    )
