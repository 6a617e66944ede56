"""The commands of ./run; see the top of that file."""

import sys

from esbt.runner import backups, checks, lock, manage, testing, up
from esbt.runner.console import complain

USAGE = (
    "usage: ./run [up | test | check | bench | prove | manage COMMAND | backup FILE | "
    "restore FILE | lock] [ARGUMENTS]"
)


def main() -> int:
    """Do what the first argument names; the others are its own."""
    command, *arguments = sys.argv[1:] or ["up"]
    if command == "up" and not arguments:
        return up.up()
    if command == "check" and not arguments:
        return checks.check()
    if command == "manage" and arguments:
        return manage.manage(arguments)
    if command in ("backup", "restore") and len(arguments) == 1:
        return backups.backup(*arguments) if command == "backup" else backups.restore(*arguments)
    commands = {
        "test": testing.test,
        "bench": testing.bench,
        "prove": testing.prove,
        "lock": lock.lock,
    }
    if command in commands:
        return commands[command](arguments)
    complain(USAGE)
    return 2


if __name__ == "__main__":
    sys.exit(main())
