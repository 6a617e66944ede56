"""A backup holds everything, a restore brings it back, and data of another version is told of."""

import psycopg2
import pytest

from tests.runner.site import eventually, on_linux

pytestmark = on_linux

FIGURES = """
from django.core.management import call_command
from django.db import connection
call_command("verify_rollups")
cursor = connection.cursor()
for table in ("outturn", "outturnrevision", "planfigure", "rollup"):
    cursor.execute(f"SELECT md5(string_agg(r::text, '' ORDER BY r::text)) FROM finance_{table} r")
    print(table, *cursor.fetchone())
"""


def figures(site) -> str:
    """What the database holds, seen by the site's own role, once it is proved."""
    done = site.run("manage", "shell", "-v0", "-c", FIGURES)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_a_backup_is_restored_with_every_figure(filled_site, tmp_path):
    filled_site.start()
    file = tmp_path / "esbt.backup"
    token = filled_site.token("finance-esht")
    assert filled_site.save(token, [("esht-position", 1, -1_234_500)]) == 200
    eventually(lambda: not filled_site.position(token, 1)["stale"], "computed figures")
    before = figures(filled_site)

    # of the running site, by a name from the caller's own folder
    done = filled_site.run("backup", file.name, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert file.stat().st_mode & 0o777 == 0o600
    running = filled_site.run("restore", str(file))
    assert running.returncode == 1
    assert "Stop it first." in running.stderr

    # something goes wrong with the data, and more is saved on top
    assert filled_site.save(token, [("esht-position", 1, -99)]) == 200
    owner = psycopg2.connect(filled_site.reach()["DATABASE_OWNER_URL"])
    with owner, owner.cursor() as cursor:
        cursor.execute("UPDATE finance_rollup SET actual_pence = 1")
        assert cursor.rowcount
    owner.close()
    filled_site.stop()

    # what is no backup leaves everything as it is
    broken = tmp_path / "broken"
    broken.write_bytes(file.read_bytes()[:100_000])
    refused = filled_site.run("restore", str(broken))
    assert refused.returncode == 1
    assert "Nothing was restored; the data is as it was." in refused.stderr
    assert not list(filled_site.folder.glob("postgres-before-*"))

    done = filled_site.run("restore", str(file))
    assert done.returncode == 0, done.stderr
    (kept,) = filled_site.folder.glob("postgres-before-*")
    assert str(kept) in done.stdout

    assert figures(filled_site) == before


@pytest.mark.parametrize("command", [[], ["manage", "check"], ["backup", "esbt.backup"]])
def test_data_of_another_version_is_told_of_with_the_remedy(own_site, tmp_path, command):
    version = own_site.folder / "postgres" / "PG_VERSION"
    version.parent.mkdir()
    version.write_text("16\n")
    said = own_site.run(*command, cwd=tmp_path)
    assert said.returncode == 1
    assert "was made by PostgreSQL 16, and this is PostgreSQL 18" in said.stderr
    assert "./run restore esbt.backup" in said.stderr
    assert version.read_text() == "16\n"
    assert not (tmp_path / "esbt.backup").exists()


def test_a_backup_that_is_not_there_or_has_no_folder_is_named(own_site, tmp_path):
    missing = own_site.run("restore", "missing.backup", cwd=tmp_path)
    assert missing.returncode == 1
    assert f"There is no file {tmp_path / 'missing.backup'}." in missing.stderr
    nowhere = own_site.run("backup", "nowhere/esbt.backup", cwd=tmp_path)
    assert nowhere.returncode == 1
    assert f"There is no folder {tmp_path / 'nowhere'}." in nowhere.stderr
