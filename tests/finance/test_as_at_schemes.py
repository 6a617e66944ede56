"""Schemes that move: figures as at an earlier change hang as they hung then."""

import pytest

from finance.rollups import compute
from schemes.models import Scheme, Theme
from schemes.services.plan import SchemeSpec, ThemeSpec, save_schemes, save_themes
from tests.factories import report

pytestmark = pytest.mark.django_db


def scheme(code: str, **more: str) -> SchemeSpec:
    return SchemeSpec(system="valley", code=code, name=code, **more)


@pytest.fixture
def care(valley):
    """Two schemes with a theme each and a part, all with a saving of the first month."""
    themes = [ThemeSpec(system="valley", code=code, name=code) for code in ("old", "young")]
    save_themes(by=None, specs=themes)
    specs = [
        scheme("care", theme="old"),
        scheme("falls", parent="care"),
        scheme("schools", theme="young"),
    ]
    save_schemes(by=None, specs=specs)
    for code, saved in (("care", "5"), ("falls", "3"), ("schools", "20")):
        report(valley.line(valley.moor, "saving", f"of-{code}", scheme=code), 1, saved)
    return valley


def saved(valley, level: str, ceiling: int | None = None) -> dict[str, str]:
    """Whole pounds saved by theme or scheme tree in month 1, now or as at a change."""
    model = Theme if level == "theme" else Scheme
    names = dict(model.objects.values_list("pk", "code"))
    return {
        names[row.key]: row.actual_pence // 100
        for row in compute(valley.slice.pk, ceiling=ceiling)
        if (row.kind, row.level, row.month, row.state) == ("saving", level, 1, "provisional")
    }


def test_a_scheme_that_changes_its_theme(care):
    before = care.fresh().change
    save_schemes(by=None, specs=[scheme("care", theme="young")])
    after = care.fresh().change
    assert after == before + 1
    assert saved(care, "theme", before) == {"old": 8, "young": 20}
    assert saved(care, "theme", after) == saved(care, "theme") == {"young": 28}


def test_a_part_that_moves_to_another_whole(care):
    before = care.fresh().change
    save_schemes(by=None, specs=[scheme("falls", parent="schools")])
    assert saved(care, "scheme-tree", before) == {"care": 8, "schools": 20}
    assert saved(care, "theme", before) == {"old": 8, "young": 20}
    assert saved(care, "scheme-tree") == {"care": 5, "schools": 23}
    assert saved(care, "theme", care.fresh().change) == {"old": 5, "young": 23}


def test_a_part_that_becomes_a_whole_and_a_part_again(care):
    ceilings = []
    for spec in (scheme("falls"), scheme("falls", parent="care")):
        ceilings.append(care.fresh().change)
        save_schemes(by=None, specs=[spec])
    assert saved(care, "scheme-tree", ceilings[0]) == {"care": 8, "schools": 20}
    assert saved(care, "scheme-tree", ceilings[1]) == {"care": 5, "falls": 3, "schools": 20}
    assert saved(care, "scheme-tree") == {"care": 8, "schools": 20}


def test_a_whole_without_a_theme_then(care):
    save_schemes(by=None, specs=[scheme("care")])
    bare = care.fresh().change
    save_schemes(by=None, specs=[scheme("care", theme="old")])
    assert saved(care, "theme", bare) == {"young": 20}
    assert saved(care, "theme") == {"old": 8, "young": 20}


def test_other_changes_of_a_scheme_move_nothing(care):
    before = care.fresh().change
    save_schemes(by=None, specs=[scheme("care", theme="old", stage="stopped")])
    assert saved(care, "theme", before) == saved(care, "theme") == {"old": 8, "young": 20}
