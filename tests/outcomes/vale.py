"""A vale with metrics: what the tests of pages about outcomes live in."""

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal

from outcomes.services import (
    AreaSpec,
    FrameworkSpec,
    ItemLinkSpec,
    ItemSpec,
    MetricSpec,
    ObservationEntry,
    record_observations,
    save_areas,
    save_frameworks,
    save_item_metrics,
    save_items,
    save_metrics,
)
from schemes.models import System


def an_area() -> None:
    """The area whose values the metrics show."""
    save_areas(by=None, specs=[AreaSpec(code="vale", name="Vale", kind="council")])


def metrics(*codes: str, **more: object) -> None:
    """Metrics of the valley, lower being better unless something else is said."""
    said = {"direction": "decrease", "area": "vale"} | more
    specs = [
        MetricSpec(system="valley", code=code, name=code.title(), position=place, **said)
        for place, code in enumerate(codes)
    ]
    save_metrics(by=None, specs=specs)


def a_framework(code: str = "first", **more: object) -> None:
    """A version of the valley's framework."""
    said = {"name": f"The {code}", "expected_domains": 2, "expected_objectives": 10} | more
    save_frameworks(by=None, specs=[FrameworkSpec(system="valley", code=code, **said)])


def items(framework: str, *rows: tuple[str, str, str]) -> None:
    """Items of a version: code, level and the code that each stands under."""
    specs = [
        ItemSpec(
            system="valley", framework=framework, code=code, level=level, name=code.title(),
            parent=parent, position=place,
        )
        for place, (code, level, parent) in enumerate(rows)
    ]  # fmt: skip
    save_items(by=None, specs=specs)


def judged_by(framework: str, item: str, *metrics: str) -> None:
    """Metrics of an item."""
    links = [
        ItemLinkSpec(system="valley", framework=framework, item=item, to=code) for code in metrics
    ]
    save_item_metrics(by=None, specs=links)


def months(system: System, metric: str, values: Sequence[int], first: int = 2017) -> None:
    """A value a month from April of a year."""
    entries = []
    for number, value in enumerate(values):
        year, month = first + (number + 3) // 12, (number + 3) % 12 + 1
        starts = date(year, month, 1)
        ends = (starts + timedelta(days=31)).replace(day=1) - timedelta(days=1)
        entries.append(_entry(metric, starts, ends, value))
    record_observations(by=None, system_id=system.pk, entries=entries)


def years(system: System, metric: str, values: dict[int, str]) -> None:
    """A value a financial year, by the year in which it begins."""
    entries = [
        _entry(metric, date(year, 4, 1), date(year + 1, 3, 31), value)
        for year, value in values.items()
    ]
    record_observations(by=None, system_id=system.pk, entries=entries)


def _entry(metric: str, starts: date, ends: date, value: object) -> ObservationEntry:
    amount = Decimal(str(value))
    return ObservationEntry(metric=metric, area="vale", starts=starts, ends=ends, value=amount)
