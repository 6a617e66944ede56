"""Static files: collected, named by content and compressed, but only when they have changed."""

import hashlib
from pathlib import Path

from esbt.runner.console import step
from esbt.runner.places import BASE
from esbt.runner.processes import run_step
from esbt.runner.servers import django_command


def collect(environment: dict[str, str], *, quiet: bool = False) -> None:
    """Run collectstatic into ESBT_STATIC_ROOT unless it holds these very files already."""
    root = Path(environment["ESBT_STATIC_ROOT"])
    stamp = root.with_name("static-fingerprint")
    wanted = fingerprint()
    if stamp.exists() and stamp.read_text() == wanted and (root / "staticfiles.json").exists():
        return
    with step("Static files", quiet=quiet):
        run_step(
            django_command("collectstatic", "--noinput", "--clear", "--verbosity=0"), environment
        )
    stamp.write_text(wanted)


def fingerprint() -> str:
    """Digest what static files are made from, by size and time; packages by their lock file."""
    digest = hashlib.sha256()
    sources = sorted((BASE / "static").rglob("*"))
    sources += [BASE / "esbt" / "settings.py", BASE / "requirements" / "app.txt"]
    for path in sources:
        facts = path.stat()
        digest.update(f"{path} {facts.st_size} {facts.st_mtime_ns}\n".encode())
    return digest.hexdigest()
