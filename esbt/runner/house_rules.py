"""Rules of this house for which no tool exists. Each finding is a line: place and what is wrong."""

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

from esbt.runner.places import BASE

LONGEST_MODULE = 400
LONGEST_TEST_MODULE = 600  # tests are lists of short stories, read one at a time

# the content security policy would block each of these in the browser
INLINE = {
    re.compile(r"<style\b", re.IGNORECASE): "inline style sheet",
    re.compile(r"<[a-z][^>]*\sstyle\s*=", re.IGNORECASE): "style attribute",
    re.compile(r"<[a-z][^>]*\son[a-z]+\s*=", re.IGNORECASE): "event handler attribute",
    re.compile(r"<script\b(?![^>]*\ssrc\s*=)(?![^>]*type=\"application/json\")", re.IGNORECASE): (
        "inline script"
    ),
    re.compile(r"(?:href|src|action)\s*=\s*[\"']?javascript:", re.IGNORECASE): "script address",
}
# a mirror's address binds everybody to one machine's network
REGISTRY = {
    re.compile(r"\b(?:pypi|pythonhosted|npmjs|crates|proxy\.golang)\.(?:org|com|io)\b"): (
        "registry host"
    ),
    re.compile(r"(?:index-url|index_url|find-links)[ =]+\S*:/" + "/"): "registry address",
    re.compile(r"^\s*registry\s*=", re.MULTILINE): "registry address",
}
HOMES = re.compile(r"(?<![\w.$}])/(?:home|Users)/[a-z][\w.-]*/")
# files made by other people, or too large to be ours
FOREIGN = ("static/vendor/", "fixtures/")
TEXT = {".py", ".toml", ".txt", ".md", ".yml", ".yaml", ".html", ".js", ".css", ".json", ".cfg", ""}


def broken() -> list[str]:
    """Return all findings in the files that git knows or would take, sorted by place."""
    findings: list[str] = []
    for path in files():
        name = path.relative_to(BASE).as_posix()
        if path.suffix not in TEXT or name.startswith(FOREIGN):
            continue
        text = path.read_text(errors="replace")
        findings += machine_traces(name, text)
        if path.suffix == ".html":
            findings += inline_code(name, text)
        if path.suffix == ".py":
            findings += long_module(name, text)
    return sorted(findings)


def files() -> list[Path]:
    """Return the project's files: committed, or new and not ignored."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=BASE,
        capture_output=True,
        text=True,
        check=True,
    )
    paths = (BASE / name for name in listed.stdout.split("\0") if name)
    return [path for path in paths if path.is_file()]


def inline_code(name: str, text: str) -> Iterator[str]:
    """Yield each inline style, script or handler of a template."""
    without_comments = re.sub(
        r"\{#.*?#\}|<!--.*?-->", lambda found: "\n" * found[0].count("\n"), text, flags=re.DOTALL
    )
    for pattern, what in INLINE.items():
        yield from found_in(name, without_comments, pattern, what)


def machine_traces(name: str, text: str) -> Iterator[str]:
    """Yield each registry host and each path of somebody's machine."""
    for pattern, what in REGISTRY.items():
        yield from found_in(name, text, pattern, what)
    yield from found_in(name, text, HOMES, "path of somebody's machine")
    here = re.compile(re.escape(f"{BASE}/"))
    yield from found_in(name, text, here, "path of this checkout")


def long_module(name: str, text: str) -> Iterator[str]:
    """Yield a finding when a module has grown too long to be read in one go."""
    lines = text.count("\n")
    longest = LONGEST_TEST_MODULE if name.startswith("tests/") else LONGEST_MODULE
    if lines > longest and "/migrations/" not in name:
        yield f"{name}: {lines} lines; split it (at most {longest})"


def found_in(name: str, text: str, pattern: re.Pattern[str], what: str) -> Iterator[str]:
    """Yield a finding for each match."""
    for match in pattern.finditer(text):
        line = text.count("\n", 0, match.start()) + 1
        yield f"{name}:{line}: {what}: {match[0].strip()[:60]}"
