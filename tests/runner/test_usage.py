"""What ./run says of itself."""

import subprocess

from esbt.runner.places import BASE


def test_help_names_the_commands_and_starts_nothing():
    for asked in ("--help", "-h"):
        told = subprocess.run([BASE / "run", asked], capture_output=True, text=True, check=True)
        assert told.stdout.startswith("usage:")
        assert "./run manage COMMAND" in told.stdout
