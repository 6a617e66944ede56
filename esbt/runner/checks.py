"""`./run check`: every habit of the house that a program can check."""

import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass

from esbt.runner import house_rules
from esbt.runner.console import say
from esbt.runner.places import BASE
from esbt.runner.processes import handle_signals
from esbt.runner.servers import django_command, servers
from esbt.runner.testing import temporary_folder

LINT_IMPORTS = "import sys; from importlinter.cli import lint_imports_command as c; sys.exit(c())"


@dataclass(frozen=True)
class Check:
    """A check by its label; `find` takes an environment and returns what is wrong, or None."""

    label: str
    find: Callable[[dict[str, str]], str | None]


def tool(*command: str) -> Callable[[dict[str, str]], str | None]:
    """Return a finder that runs a command of .venv; any exit status but 0 is a finding."""

    def find(environment: dict[str, str]) -> str | None:
        done = subprocess.run(
            [sys.executable, *command],
            cwd=BASE,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        return (done.stdout.strip() or "no output") if done.returncode else None

    return find


CHECKS = [
    Check("ruff", tool("-m", "ruff", "check", ".")),
    Check("ruff format", tool("-m", "ruff", "format", "--check", "--diff", ".")),
    Check("mypy", tool("-m", "mypy")),
    Check("import directions", tool("-c", LINT_IMPORTS)),
    Check("templates: lint", tool("-m", "djlint", "--quiet", "--lint", "templates")),
    Check("templates: format", tool("-m", "djlint", "--check", "templates")),
    Check("house rules", lambda _: "\n".join(house_rules.broken()) or None),
    # includes that migrations are linear
    Check("Django's checks", tool(*django_command("check", "--fail-level=WARNING")[1:])),
    Check(
        "migrations match models",
        tool(*django_command("makemigrations", "--check", "--dry-run")[1:]),
    ),
]


def check() -> int:
    """Run all checks, print a line for each and what failed; return 1 if any did, else 0."""
    handle_signals()
    with temporary_folder("check") as folder, servers(folder, durable=False) as running:
        failed = [one.label for one in CHECKS if not passes(one, running.environment)]
    say(f"Failed: {', '.join(failed)}." if failed else "All checks passed.")
    return 1 if failed else 0


def passes(one: Check, environment: dict[str, str]) -> bool:
    """Do one check and print its line, with what is wrong below it."""
    started = time.monotonic()
    wrong = one.find(environment)
    outcome = "FAILED" if wrong else "ok"
    say(f"{one.label:<28} {time.monotonic() - started:6.1f} s  {outcome}")
    if wrong:
        say(wrong + "\n")
    return not wrong
