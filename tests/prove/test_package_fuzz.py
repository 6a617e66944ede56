"""Packages broken by chance: refused in words, and nothing of them stored."""

import io
import zipfile
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import seed as seeded
from hypothesis import strategies as st

from esbt.runner.places import BASE

PACKAGE = BASE / "fixtures" / "east-sussex"
FILES = sorted(path.name for path in PACKAGE.iterdir())
TABLES = [name for name in FILES if name.endswith(".csv")]
NASTY = [
    *("", " ", "0", "-1", "1e9", "NaN", "inf", "9" * 30, "12.345", "(1)", "\N{MINUS SIGN}5", "£5"),
    *("2018-02-30", "30/02/2018", "2017-19", "true", "null", "=1+1", "../../etc/passwd"),
    *("\x00", "\ufeff", "\U0001f600", "a" * 5000, '"', "'; DROP TABLE x; --", "east-sussex"),
]


def lines(text: bytes) -> list[bytes]:
    return text.splitlines(keepends=True)


@st.composite
def broken(draw) -> tuple[str, dict[str, bytes]]:
    """The files of a package after one to three injuries, and what they were."""
    files = {name: (PACKAGE / name).read_bytes() for name in FILES}
    done = []
    for _ in range(draw(st.integers(1, 3))):
        injury = draw(st.sampled_from(INJURIES))
        name = draw(st.sampled_from(FILES if injury in ANY_FILE else TABLES))
        if name in files:
            done.append(f"{injury.__name__} {name}")
            changed = injury(draw, files[name])
            if changed is None:
                del files[name]
            else:
                files[name] = changed
    return ", ".join(done), files


def lost(draw, text):
    return None


def cut_short(draw, text):
    return text[: draw(st.integers(0, len(text)))]


def other_bytes(draw, text):
    at = draw(st.integers(0, max(len(text) - 1, 0)))
    return text[:at] + draw(st.binary(min_size=1, max_size=8)) + text[at + 1 :]


def row_twice(draw, text):
    rows = lines(text)
    return text + draw(st.sampled_from(rows)) if rows else text


def row_lost(draw, text):
    rows = lines(text)
    if rows:
        rows.pop(draw(st.integers(0, len(rows) - 1)))
    return b"".join(rows)


def rows_shuffled(draw, text):
    rows = lines(text)
    return b"".join(rows[:1] + draw(st.permutations(rows[1:])))


def other_cell(draw, text):
    rows = lines(text)
    if not rows:
        return text
    at = draw(st.integers(0, len(rows) - 1))
    cells = rows[at].rstrip(b"\r\n").split(b",")
    value = draw(st.sampled_from(NASTY) | st.text(max_size=12))
    cells[draw(st.integers(0, len(cells) - 1))] = value.encode("utf-8", "surrogatepass")
    rows[at] = b",".join(cells) + b"\n"
    return b"".join(rows)


def column_lost(draw, text):
    rows = [row.rstrip(b"\r\n").split(b",") for row in lines(text)]
    at = draw(st.integers(0, len(rows[0]) - 1)) if rows else 0
    return b"".join(b",".join(row[:at] + row[at + 1 :]) + b"\n" for row in rows)


INJURIES = [other_cell, other_cell, row_twice, row_lost, rows_shuffled, column_lost]
ANY_FILE = [lost, cut_short, other_bytes]
INJURIES += ANY_FILE


def counted() -> dict[str, int]:
    """How many rows each table of ours holds."""
    ours = [
        m
        for app in ("schemes", "finance", "outcomes")
        for m in apps.get_app_config(app).get_models()
    ]
    return {model._meta.label: model._base_manager.count() for model in ours}


def load(path: Path) -> tuple[int, str]:
    """The exit status and what was said. Anything but a refusal in words is let through."""
    out, err = io.StringIO(), io.StringIO()
    try:
        call_command("load_fixtures", str(path), stdout=out, stderr=err)
    except SystemExit as ended:
        return int(ended.code or 0), out.getvalue() + err.getvalue()
    except CommandError as error:
        return 1, str(error)
    return 0, out.getvalue() + err.getvalue()


def write(folder: Path, files: dict[str, bytes], as_zip: bool) -> Path:
    if as_zip:
        path = folder / "package.zip"
        with zipfile.ZipFile(path, "w") as archive:
            for name, text in files.items():
                archive.writestr(name, text)
        return path
    path = folder / "package"
    path.mkdir()
    for name, text in files.items():
        (path / name).write_bytes(text)
    return path


@pytest.fixture(params=["into an empty database", "over the same package"])
def database(request, db):
    if request.param == "over the same package":
        assert load(PACKAGE)[0] == 0
    return request.param


def test_broken_package_is_refused_in_words_or_is_sound(database, examples, seed, tell):
    told = {"refused": 0, "sound": 0}

    @settings(
        max_examples=examples * 4,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        database=None,
    )
    @given(broken(), st.booleans())
    def one(injured, as_zip):
        what, files = injured
        before = counted()
        with TemporaryDirectory() as folder, transaction.atomic():
            status, said = load(write(Path(folder), files, as_zip))
            assert "Traceback" not in said
            if status:
                told["refused"] += 1
                assert counted() == before, f"refused, and something is stored: {what}"
                assert "refused" in said, said
            else:
                told["sound"] += 1
            transaction.set_rollback(True)

    seeded(seed)(one)()
    tell(f"\n{database}: {told['refused']} refused, {told['sound']} sound; --seed {seed}")
    assert told["refused"] > examples


def test_broken_zip_is_refused_in_words(db, tmp_path, examples, seed, tell):
    whole = write(tmp_path, {name: (PACKAGE / name).read_bytes() for name in FILES}, True)
    sound = whole.read_bytes()
    before = counted()
    refusals = 0

    @settings(max_examples=examples * 4, deadline=None, database=None)
    @given(st.integers(0, len(sound) - 1), st.binary(max_size=6), st.booleans())
    def one(at, bytes_, cut):
        nonlocal refusals
        whole.write_bytes(sound[:at] + bytes_ + (b"" if cut else sound[at + len(bytes_) :]))
        with transaction.atomic():
            status, said = load(whole)
            assert "Traceback" not in said
            if status:
                refusals += 1
                assert counted() == before
            transaction.set_rollback(True)

    seeded(seed)(one)()
    tell(f"\nbroken zips: {refusals} refused; --seed {seed}")
    assert refusals > examples
