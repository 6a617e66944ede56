"""Fifty people at one year at once, each a process of its own."""

from tests.runner.site import eventually, on_linux
from tests.runner.writers import MONTHS, check, write_at_once

pytestmark = on_linux


def test_fifty_writers_lose_nothing_and_overwrite_nothing(own_site, tell):
    own_site.start()
    attempts = write_at_once(own_site, writers=50, seconds=20)
    answered = check(own_site, attempts)
    reader = own_site.token("commissioner")
    eventually(lambda: not own_site.position(reader, MONTHS[-1])["stale"], "computed figures")
    verified = own_site.run("manage", "verify_rollups")
    assert verified.returncode == 0, verified.stdout + verified.stderr
    tell(f"\n50 writers, 20 s: {dict(answered)}, verify_rollups: no difference")
    assert answered[200] > 50
    assert answered[409] > 50  # else they never met
