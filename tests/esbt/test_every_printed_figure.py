"""Every figure of the five documents stands in a row with its evidence.

The table was written by hand from the documents, figure by figure: money, metrics, activity and
population. One that a document repeats is listed where it is told in full. A figure is held where
a row of the packages names that place and repeats what is printed there. That the rows load is
tested with the packages.
"""

import csv
import re
from pathlib import Path

import pytest

FIXTURES = Path(__file__).parents[2] / "fixtures"

# of each source: the place as evidence names it, and the figures that are printed there, with
# bars for the spaces within a figure
PRINTED: dict[str, list[tuple[str, str]]] = {
    "sip-schedule-2017-18": [
        ("Introduction, first paragraph", "£864m"),
        ("Introduction, second paragraph", "£134.996m £864.6m £918.3m £53.7m £7.007m £0.036m"),
        ("Savings schedule, Healthy living", "(3,770) (2,688) 100|staff 1000|staff £627,000"),
        ("Savings schedule, Healthy living", "six|deprived 18-month 148 £3,250 76"),
        ("Savings schedule, Proactive care", "(28,944) (24,025) 88% 70% 60% 80"),
        ("Savings schedule, Accommodation", "(2,720) (4,080) 30|beds 90|beds"),
        ("Savings schedule, Prescribing", "(5,314) (7,167) £150m £1m £30m 5% 17% 900 70%"),
        ("Savings schedule, Prescribing", "144 5,000"),
        ("Savings schedule, Mental health", "(1,867) (4,830)"),
        ("Savings schedule, Planned care", "(9,862) (19,995) twenty|percent"),
        ("Savings schedule, Learning disability", "(160) (790)"),
        ("Savings schedule, Children's services", "(36) (69)"),
        ("Savings schedule, last row before the total", "(1,000) (3,000)"),
        ("Savings schedule, total", "864,554 (53,673) (66,644)"),
        ("Table of the Council's share, first row", "11,114 16,000"),
        ("Table of the Council's share, third row", "(1,887) (2,039)"),
        ("Table of the Council's share, fourth row", "36 69"),
        ("Table of the Council's share, last row", "7,043 10,233"),
    ],
    "annual-report-2017-18": [
        ("Paragraph 1.3", "150|week"),
        ("Paragraph 1.4", "two|year"),
        ("Paragraph 1.5", "£860m"),
        ("Paragraph 2.6", "ten eighteen four"),
        ("Paragraph 2.10", "£1billion"),
        ("Paragraph 2.11", "0.0 (0.4) (37.1) (26.5) (57.4) (30.9) (94.9) (68.4)"),
        ("Paragraph 2.13", "six"),
        ("Paragraph 2.14", "£15.4m"),
        ("Paragraph 2.15", "£2.9million"),
        ("Paragraph 2.16", "£76.9m £43.3m £6.2m £19.1m £18m £19.9|million"),
        ("Paragraph 2.18", "£32million £32m break-even £6.2million £18m"),
        ("Paragraph 2.19", "8% 2% 90% 7th 9th"),
        ("Paragraph 2.20", "53,302 5,600 68% 130,411 9% 2243 283 28|of|47 2000 1/3 11% 4000"),
        ("Paragraph 2.20", "42,000 231,090 34 97 6|new 6"),
        ("Paragraph 2.23", "£760million"),
    ],
    "bcf-plan-mid-essex-2014": [
        ("Section 1a", "£4,932,000 £21,651,000 £21,651,00"),
        ("Section 2a, metric 1", "5% 63 6.1%"),
        ("Section 2a, metric 2", "91|days 82% 81.5% 80.8% 256"),
        ("Section 2a, metric 3", "2.5% 7"),
        ("Section 2a, metric 4", "1676 2%"),
        ("Section 2a, metric 6", "99 324"),
        ("Section 2b, heading 1", "£4.136m £1.550m £1.595m"),
        ("Section 2b, heading 4", "2500 360 5%"),
        ("Section 2b, heading 6", "£700,000"),
        ("Section 2b, heading 7", "1 1,800-2,000"),
        ("Section 2b, heading 8", "£3.39m £1.13m"),
        ("Section 3b", "6|day 7|day"),
        ("Section 3d", "0.5% 5% 5,|6|or|7"),
        ("Section 4", "five|CCGs five|acute"),
    ],
    "icp-brief-2021-22": [
        ("Paragraph 2.1", "23.3% 16.8% 4.3% 2.7%"),
        ("Paragraph 3.2", "1000"),
        ("Paragraphs 5.1 and 5.2", "3|\N{EN DASH}|5-year"),
    ],
    "cqc-action-plan-2018": [
        ("Introduction", "six|months"),
        ("Area for improvement 5, assurance", "90% 91.3%"),
        ("Area for improvement 7, action 7.5", "11|care|homes"),
        ("Area for improvement 7, assurance", "3.8 10.5 5.5 18.8 365|Day over|7|days"),
        ("Area for improvement 8, action 8.1", "24|hour"),
        ("Area for improvement 8, assurance", "30|days"),
        ("Area for improvement 10, action 10.5", "24|hours'"),
        ("Area for improvement 10, assurance", "79.8% 75.4% 71.3% 68.6"),
    ],
}
ROWS = [
    pytest.param(source, place, figures.split(" "), id=f"{source} {place} {figures}")
    for source, places in PRINTED.items()
    for place, figures in places
]


@pytest.fixture(scope="module")
def evidence() -> list[tuple[str, str, str]]:
    """Source, place and printed words of all rows of both packages."""
    return [
        (row["source"], row["place"], row["printed"])
        for package in ("east-sussex", "mid-essex")
        for path in (FIXTURES / package).glob("*.csv")
        for row in csv.DictReader(path.read_text(encoding="utf-8").splitlines())
        if row.get("printed") and row["source"] in PRINTED
    ]


def holds(words: str, figure: str) -> bool:
    """Whether words hold a figure as it is printed, and not as a part of a longer one."""
    return bool(re.search(rf"(?<![\d.,]){re.escape(figure)}(?!,?\d)", words))


@pytest.mark.parametrize(("source", "place", "figures"), ROWS)
def test_printed_figures_are_held_by_rows(evidence, source, place, figures):
    here = [
        words for code, where, words in evidence if (code, where[: len(place)]) == (source, place)
    ]
    wanted = [figure.replace("|", " ") for figure in figures]
    assert [f for f in wanted if not any(holds(words, f) for words in here)] == []


@pytest.mark.parametrize(
    ("words", "figure", "held"),
    [
        ("a further 2.5% (7 people)", "5%", False),
        ("£21,651,000", "£21,651,00", False),
        ("£21,651,00", "£21,651,00", True),
        ("over 5,600 children", "600", False),
    ],
)
def test_a_part_of_a_longer_figure_is_not_it(words, figure, held):
    assert holds(words, figure) == held
