"""`./run lock`: write requirements/*.txt anew from pyproject.toml."""

import subprocess
import sys

from esbt.runner.places import BASE

EXTRAS = {
    "app": [],
    "local": ["--extra=local"],
    "dev": ["--extra=local", "--extra=dev"],
}


def lock(arguments: list[str]) -> int:
    """Resolve for every supported Python and system, with hashes; more arguments go to uv.

    Versions stay as they are unless asked otherwise (--upgrade, --upgrade-package NAME). The
    application's versions bind the other two files. No registry is named, so that any mirror
    serves.
    """
    for name, extras in EXTRAS.items():
        command = [
            *(sys.executable, "-m", "uv", "pip", "compile", "pyproject.toml"),
            *("--universal", "--python-version=3.11", "--generate-hashes"),
            *("--no-annotate", "--no-header", "--quiet", "--no-emit-index-url"),
            *("--no-emit-find-links", f"--output-file=requirements/{name}.txt"),
            *extras,
            *([] if name == "app" else ["--constraint=requirements/app.txt"]),
            *arguments,
        ]
        status = subprocess.run(command, cwd=BASE, check=False).returncode
        if status:
            return status
    return 0
