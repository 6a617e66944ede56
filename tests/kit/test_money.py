"""Money as people read and type it; the expected figures are worked by hand."""

from contextlib import suppress
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from esbt.kit.money import (
    LIMIT_PENCE,
    AmountError,
    cell,
    format_pence,
    parse_amount,
    percent,
    percent_cell,
    words,
)


@pytest.mark.parametrize(
    ("pence", "unit", "text"),
    [
        (-2_650_000_000, "m", "(26.5)"),
        (-40_000_000, "m", "(0.4)"),
        (0, "m", "0.0"),
        (5_000_000, "m", "0.1"),  # £50,000 is half of 0.1: away from zero
        (4_999_999, "m", "0.0"),
        (-5_000_000, "m", "(0.1)"),
        (-4_999_999, "m", "0.0"),  # no brackets around nothing
        (123_456_000_000, "m", "1,234.6"),
        (5_367_300_000, "k", "53,673"),
        (-50_000, "k", "(1)"),
        (49_999, "k", "0"),
        (123_456, "gbp", "1,234.56"),
        (-123_400, "gbp", "(1,234)"),
        (5, "gbp", "0.05"),
        (None, "m", "not stated"),
    ],
)
def test_an_amount_prints_as_tables_print_it(pence, unit, text):
    assert format_pence(pence, unit) == text


@pytest.mark.parametrize(
    ("pence", "unit", "text"),
    [
        (6_840_000_000, "m", "£68.4m"),
        (-40_000_000, "m", "\u2212£0.4m"),
        (-4_000, "m", "£0.0m"),
        (1_230_000_000, "k", "£12,300k"),
        (123_456, "gbp", "£1,234.56"),
        (None, "gbp", "not stated"),
    ],
)
def test_an_amount_in_a_sentence_has_its_unit(pence, unit, text):
    assert words(pence, unit) == text


@pytest.mark.parametrize(
    ("typed", "pence"),
    [
        ("1,234.56", 123_456),
        ("1234", 123_400),
        ("£1,234", 123_400),
        ("£ 1,234", 123_400),
        ("(1,234)", -123_400),
        ("( 1,234 )", -123_400),
        ("(£1,234)", -123_400),
        ("£(1,234)", -123_400),
        ("-1234", -123_400),
        ("- 1,234", -123_400),
        ("-£1,234", -123_400),
        ("£-1,234", -123_400),
        ("+1,234", 123_400),
        ("\u22121234", -123_400),  # a true minus sign
        ("\u20131234", -123_400),  # the dash that a word processor makes of it
        ("\u00a01\u00a0234\u00a0", 123_400),  # no-break spaces from a pasted table
        ("1 234 567", 123_456_700),
        ("\ufeff12.5", 1_250),
        ("12.5", 1_250),
        (".5", 50),
        ("007", 700),
        ("1.2m", 120_000_000),
        ("1.2 M", 120_000_000),
        ("12.5k", 1_250_000),
        ("(26.5m)", -2_650_000_000),
        ("0.00000001m", 1),
        ("0.00001k", 1),
        ("0", 0),
        ("-0", 0),
        ("(0.0)", 0),
        ("999,999,999,999.99", LIMIT_PENCE - 1),
    ],
)
def test_what_people_type_is_understood_where_its_meaning_is_plain(typed, pence):
    assert parse_amount(typed) == pence


@pytest.mark.parametrize("typed", ["", "   ", "\u00a0", "\u200b", None])
def test_blank_means_not_stated(typed):
    assert parse_amount(typed) is None


@pytest.mark.parametrize(
    "typed",
    [
        "abc",
        "12.3.4",
        "1,23",
        "1,2345",
        "12,34,567",
        "0,123",  # a decimal comma
        "1.234,56",
        "1,234 567",
        "1,,234",
        "1 23",
        "12.",
        ".",
        "-",
        "£",
        "()",
        "(5",
        "5)",
        "((5))",
        "--5",
        "+-5",
        "££5",
        "5£",
        "12%",
        "1e5",
        "0x10",
        "1_000",
        "nan",
        "NaN",
        "inf",
        "-Infinity",
        "1.2bn",
        "1.2mk",
        "m",
        "k",
        "٣",  # digits of another script
        "12\x003",
        "=1+1",
        "<b>1</b>",
    ],
)
def test_what_is_not_plainly_an_amount_is_refused_with_the_remedy(typed):
    with pytest.raises(AmountError, match=r"[Tt]ype"):
        parse_amount(typed)


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ("12.3.4", "'12.3.4' is not an amount. Type pounds, such as 12,300."),
        ("1.234", "'1.234' is finer than a penny. Type pounds and pence, such as 12,300.50."),
        ("1.123456789m", "'1.123456789m' is finer than a penny. "),
        ("1.123456k", "'1.123456k' is finer than a penny. "),
        ("1234-", "'1234-' has its minus behind. Type the minus in front: -12,300."),
        ("(-5)", "'(-5)' mixes brackets and a sign. Type one of them: (12,300) or -12,300."),
        ("-(5)", "'-(5)' is not an amount. "),
        ("1" * 30, "'111111111111111111111111111111' is too large: "),
        ("1,000,000,000,000", "'1,000,000,000,000' is too large: "),
        ("1000000m", "'1000000m' is too large: "),
    ],
)
def test_the_message_says_what_is_wrong_and_what_to_do(typed, message):
    with pytest.raises(AmountError) as refused:
        parse_amount(typed)
    assert str(refused.value).startswith(message)


def test_a_message_repeats_only_the_beginning_of_an_endless_text():
    with pytest.raises(AmountError) as refused:
        parse_amount("9" * 100_000)
    assert len(str(refused.value)) < 250


@given(st.integers(min_value=1 - LIMIT_PENCE, max_value=LIMIT_PENCE - 1))
def test_what_is_printed_in_pounds_reads_back_to_the_penny(pence):
    assert parse_amount(format_pence(pence, "gbp")) == pence
    assert parse_amount(words(pence, "gbp")) == pence


@given(st.integers(min_value=-LIMIT_PENCE // 2, max_value=LIMIT_PENCE // 2))
def test_rounding_for_print_never_moves_by_more_than_half_a_unit(pence):
    assert abs((parse_amount(words(pence, "m")) or 0) - pence) <= 5_000_000
    assert abs((parse_amount(words(pence, "k")) or 0) - pence) <= 50_000


@given(st.text())
def test_any_text_is_an_amount_or_refused_in_words(typed):
    with suppress(AmountError):  # anything else that is raised fails
        pence = parse_amount(typed)
        assert pence is None or abs(pence) < LIMIT_PENCE


@pytest.mark.parametrize(
    ("numerator", "denominator", "result"),
    [
        (-6_840, 26_500, Decimal("-25.8")),  # 25.811…
        (1, 8, Decimal("12.5")),
        (1, 2000, Decimal("0.1")),  # 0.05: half, away from zero
        (-1, 2000, Decimal("-0.1")),
        (1, -2000, Decimal("-0.1")),
        (0, 5, Decimal("0.0")),
        (5, 0, None),
        (5, None, None),
        (None, 5, None),
    ],
)
def test_a_percentage_has_one_decimal_and_none_on_a_zero_base(numerator, denominator, result):
    assert percent(numerator, denominator) == result


def test_a_cell_carries_the_marks_of_its_evidence():
    assert cell(-4_490_000_000, "m", marks=("derived",)).derived
    assert cell(100, "gbp", marks=("suspect",)).suspect
    assert cell(None, "m", marks=("derived",)).text == "not stated"
    assert not cell(None, "m", marks=("derived",)).derived


def test_a_percentage_reads_as_a_cell():
    assert percent_cell(Decimal("-25.8")).text == "(25.8)"
    assert percent_cell(None).text == "n/a"
