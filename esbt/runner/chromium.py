"""A Chromium for the browser tests: the system's, else Debian's, else Playwright's own."""

import os
import platform
import shutil
import subprocess
import sys

from esbt.runner.console import complain
from esbt.runner.places import BASE

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def find_or_install() -> str:
    """Return the path of a browser that runs; ends the runner when none can be had."""
    path = installed() or playwrights_own()
    if path:
        return path
    complain("No Chromium found: getting one for the browser tests.")
    root = os.geteuid() == 0
    # Ubuntu's package of that name only points at a snap
    if root and shutil.which("apt-get") and "debian" in platform.freedesktop_os_release()["ID"]:
        environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
        for command in (
            ["apt-get", "update", "-qq"],
            ["apt-get", "install", "-y", "-qq", "--no-install-recommends", "chromium"],
        ):
            subprocess.run(command, stdout=sys.stderr, env=environment, check=False)
        path = installed()
        if path:
            return path
    install = [sys.executable, "-m", "playwright", "install", "chromium"]
    if root:
        install.insert(-1, "--with-deps")
    subprocess.run(install, stdout=sys.stderr, check=False)
    path = playwrights_own()
    if path:
        return path
    raise SystemExit(
        "The browser tests need Chromium, and it could not be had (see above). "
        "Install it as your system does, for example: apt-get install chromium"
    )


def installed() -> str | None:
    """Return the path of a browser of the system that runs; a name alone may be a stub."""
    paths = (shutil.which(name) for name in NAMES)
    return next((path for path in paths if path and works(path)), None)


def playwrights_own() -> str | None:
    """Return the path of the browser that Playwright downloaded, if it runs."""
    script = (
        "from playwright.sync_api import sync_playwright\n"
        "with sync_playwright() as p: print(p.chromium.executable_path)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=BASE, capture_output=True, text=True, check=False
    )
    path = done.stdout.strip()
    return path if path and works(path) else None


def works(path: str) -> bool:
    """Say whether a browser starts far enough to tell its version."""
    try:
        done = subprocess.run([path, "--version"], capture_output=True, timeout=60, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0
