"""Themes and schemes: in trees of two levels, each state of a row kept with who made it."""

import pytest
from django.http import Http404

from esbt.kit.counts import Count
from esbt.kit.problems import Refused
from schemes.models import RowVersion, Scheme, Theme
from schemes.people.roles import Role
from schemes.services.plan import SchemeSpec, ThemeSpec, save_schemes, save_themes
from schemes.services.slices import NO_FIGURE
from tests.factories import a_person, a_system

pytestmark = pytest.mark.django_db


def spec(code: str, parent: str = "", **more: object) -> SchemeSpec:
    return SchemeSpec(**{"system": "valley", "code": code, "name": code, "parent": parent, **more})


def save(*specs: SchemeSpec, by=None) -> Count:
    return save_schemes(by=by, specs=specs)


def faults(*specs: SchemeSpec) -> list[tuple[object, str, str]]:
    with pytest.raises(Refused) as refused:
        save(*specs)
    return [(fault.row, fault.field, fault.message) for fault in refused.value.faults]


@pytest.fixture
def ada(valley):
    return a_person("ada", Role.SITE_ADMINISTRATOR)


def versions(scheme: str) -> list[tuple[object, object]]:
    """Who made each state of a scheme, and the name that it then had."""
    pk = Scheme.objects.get(code=scheme).pk
    rows = RowVersion.objects.filter(table="scheme", row=pk).order_by("pk")
    return [(row.actor, row.values["name"]) for row in rows]


def test_a_scheme_is_created_changed_and_left_alone(valley, ada):
    assert save(spec("care"), by=ada) == Count(created=1)
    assert save(spec("care"), by=ada) == Count(unchanged=1)
    assert save(spec("care", name="Care at home")) == Count(updated=1)
    assert versions("care") == [(ada, "care"), (None, "Care at home")]


def test_everything_about_a_scheme_is_kept(valley, ada):
    save_themes(by=ada, specs=[ThemeSpec(system="valley", code="old", name="Old age")])
    values = {
        "position": 3,
        "kind": "investment",
        "working_label": True,
        "purpose": "To help",
        "proposal": "Steps",
        "key_outcomes": "Fewer falls",
        "lead_role": "Director",
        "stage": "in-delivery",
        "starts": "2018-autumn",
        "ends": "FY2018-19",
        "pathways": ["Falls", "Frailty"],
        "note": "Doubtful",
    }
    save(spec("care", theme="old", lead_partner="moor", **values), by=ada)
    scheme = Scheme.objects.get()
    assert {name: getattr(scheme, name) for name in values} == values
    assert (scheme.theme.code, scheme.lead_partner, scheme.evidence) == ("old", valley.moor, None)
    kept = RowVersion.objects.get(table="scheme").values
    assert (kept["starts"], kept["theme_id"]) == ("2018-autumn", scheme.theme_id)


def test_nothing_is_kept_for_unchanged_rows(valley, ada):
    save(spec("care"), spec("falls", "care"))
    before, change = RowVersion.objects.count(), valley.fresh().change
    assert save(spec("care"), spec("falls", "care"), by=ada) == Count(unchanged=2)
    assert (RowVersion.objects.count(), valley.fresh().change) == (before, change)
    assert save(spec("care"), spec("falls"), by=ada) == Count(updated=1, unchanged=1)
    assert RowVersion.objects.count() == before + 1


def test_parts_may_stand_before_their_whole(valley):
    save(spec("falls", "care"), spec("care"))
    assert Scheme.objects.get(code="falls").parent.code == "care"


def test_a_scheme_that_changes_recomputes_the_years_of_its_own_system(valley):
    other = a_system(valley.moor, code="mountain")
    before = valley.fresh().change
    save(spec("care"), spec("care", system=other.code))
    assert valley.fresh().change == before + 1
    change = valley.slice.changes.latest("number")
    assert (change.action, change.from_month) == ("schemes", 0)


@pytest.mark.parametrize(
    ("specs", "field", "words"),
    [
        ([spec("a", "a")], "parent", "a circle"),
        ([spec("a", "b"), spec("b", "a")], "parent", "a circle"),
        ([spec("a", "b"), spec("b", "c"), spec("c", "a")], "parent", "a circle"),
        ([spec("a"), spec("b", "a"), spec("c", "b")], "parent", "no parts of its own"),
        ([spec("a", "lost")], "parent", "no scheme 'lost'"),
        ([spec("a", theme="lost")], "theme", "no theme 'lost'"),
        ([spec("a", lead_partner="lost")], "lead_partner", "no partner 'lost'"),
        ([spec("a", stage="begun")], "stage", "not a valid choice"),
        ([spec("a"), spec("a", name="other")], "system_id, code", "twice"),
        ([spec("a", starts="2018-13")], "starts", "Write as much as is known"),
        ([spec("a", starts="2017-19")], "starts", "Write as much as is known"),
        ([spec("a", ends="FY2017-19")], "ends", "Write as much as is known"),
    ],
)
def test_what_does_not_fit_is_refused_in_words_and_nothing_is_stored(valley, specs, field, words):
    told = faults(spec("fine"), *specs)
    assert {name for _, name, _ in told} == {field}
    assert any(words in message for _, _, message in told)
    assert not Scheme.objects.exists()
    assert not RowVersion.objects.exists()


def test_a_circle_is_told_for_each_scheme_in_it(valley):
    told = faults(spec("a", "b", row=2), spec("b", "a", row=3), spec("c", row=4))
    assert [(row, message.split(":")[0]) for row, _, message in told] == [
        (2, "a is a part of b is a part of a"),
        (3, "b is a part of a is a part of b"),
    ]


def test_a_circle_with_what_is_stored_is_refused(valley):
    save(spec("a"), spec("b", "a"))
    assert "a circle" in faults(spec("a", "b"))[0][2]
    assert Scheme.objects.get(code="a").parent is None


def test_a_whole_with_parts_is_no_part(valley):
    save(spec("a"), spec("b", "a"), spec("c"))
    assert "Move its parts first" in faults(spec("a", "c", row=2))[0][2]


def test_a_part_can_turn_with_its_whole(valley):
    save(spec("a"), spec("b", "a"))
    assert save(spec("b"), spec("a", "b")) == Count(updated=2)
    assert Scheme.objects.get(code="a").parent.code == "b"


def test_schemes_of_other_systems_are_not_found(valley):
    a_system(valley.moor, code="mountain")
    save(spec("care", system="mountain"))
    assert "no scheme 'care'" in faults(spec("falls", "care"))[0][2]


def test_only_who_loads_data_changes_schemes(valley):
    finn = a_person("finn", Role.SYSTEM_ADMINISTRATOR, system=valley.system)
    for save_them, them in ((save_schemes, spec("a")), (save_themes, theme("old"))):
        with pytest.raises(Http404):
            save_them(by=finn, specs=[them])
    assert not Scheme.objects.exists()


def theme(code: str, name: str = "Theme", system: str = "valley") -> ThemeSpec:
    return ThemeSpec(system=system, code=code, name=name, row=2)


def test_a_theme_is_named_anew_by_its_code(valley, ada):
    assert save_themes(by=ada, specs=[theme("old")]) == Count(created=1)
    before = valley.fresh().change
    assert save_themes(by=ada, specs=[theme("old", "Old age")]) == Count(updated=1)
    # pages that are kept under the last change show the new name
    (change,) = valley.slice.changes.filter(number__gt=before)
    assert (change.actor, change.action, change.from_month) == (ada, "themes", NO_FIGURE)
    assert save_themes(by=ada, specs=[theme("old", "Old age")]) == Count(unchanged=1)
    assert Theme.objects.get().name == "Old age"
    with pytest.raises(Refused) as refused:
        save_themes(by=ada, specs=[theme("old", system="lost")])
    assert (refused.value.faults[0].row, refused.value.faults[0].field) == (2, "system")
