"""However ./run ends, no process stays and no data goes. (TERM: how the shared site ends.)"""

import signal

import psycopg2

from tests.runner.site import eventually, on_linux

pytestmark = on_linux

COUNT = "from django.contrib.sessions.models import Session as S; print(S.objects.count())"


def test_killed_runner_leaves_no_process_and_all_data(filled_site):
    filled_site.start()
    connection = psycopg2.connect(filled_site.reach()["DATABASE_URL"])
    with connection, connection.cursor() as cursor:
        cursor.execute("INSERT INTO django_session VALUES ('kept', 'data', now())")

    filled_site.signal(signal.SIGKILL)
    eventually(lambda: not filled_site.processes(), "the end of all processes")
    connection.close()

    # nothing runs: manage starts the servers for itself
    counted = filled_site.run("manage", "shell", "-v0", "-c", COUNT)
    assert (counted.stdout, counted.returncode) == ("1\n", 0), counted.stderr
    assert not filled_site.processes()

    # Ctrl-C works even if a script's `./run &` starts us with INT ignored
    earlier = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        filled_site.start()
    finally:
        signal.signal(signal.SIGINT, earlier)
    filled_site.signal(signal.SIGINT)
    assert filled_site.process.returncode == 0
    assert filled_site.said().endswith("Stopped.\n")
    assert not filled_site.processes()
    assert not (filled_site.folder / "environment.json").exists()
