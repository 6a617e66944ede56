"""What the runner says: a line a step, with its time."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager


def say(message: str) -> None:
    """Print a line at once, also into a pipe."""
    print(message, flush=True)


def complain(message: str) -> None:
    """Print a line to standard error."""
    print(message, file=sys.stderr, flush=True)


@contextmanager
def step(label: str, *, quiet: bool = False) -> Iterator[None]:
    """Print the label and the seconds that the block took, once it has succeeded."""
    started = time.monotonic()
    yield
    if not quiet:
        say(f"{label:<28} {time.monotonic() - started:6.1f} s")
