"""Child processes that never outlive the runner, and that are started again when they die.

On Linux the kernel ends a child when the thread that started it ends (PR_SET_PDEATHSIG), so even
`kill -9` of the runner leaves nothing behind; children are therefore started from the main thread
only. Elsewhere the next start stops what an earlier one left, by its note in the folder `running`.
"""

import contextlib
import ctypes
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from esbt.runner.console import complain
from esbt.runner.places import BASE, write_private

LINUX = sys.platform.startswith("linux")
PR_SET_PDEATHSIG = 1
CLONE_NEWUSER = 0x10000000
LONGEST_PAUSE = 5.0
HEALTHY_AFTER = 10.0

_libc = ctypes.CDLL(None, use_errno=True) if LINUX else None


def before_exec(
    death_signal: signal.Signals, *, own_group: bool = True, namespace: bool = False
) -> Callable[[], None]:
    """Return what a child does between fork and exec.

    own_group: Ctrl-C in the terminal reaches the runner alone, which stops children in order.
    namespace: the child enters a user namespace where root appears as user 1000 (PostgreSQL
    refuses to run as root).
    """
    parent = os.getpid()

    def prepare() -> None:
        if own_group:
            os.setpgid(0, 0)
        if _libc is None:
            return
        if namespace:
            if _libc.unshare(CLONE_NEWUSER) != 0:
                os._exit(97)
            Path("/proc/self/setgroups").write_text("deny")
            Path("/proc/self/uid_map").write_text("1000 0 1")
            Path("/proc/self/gid_map").write_text("1000 0 1")
        _libc.prctl(PR_SET_PDEATHSIG, int(death_signal))
        if os.getppid() != parent:  # the runner died before the line above
            os._exit(98)

    return prepare


def namespaces_allowed() -> bool:
    """Say whether root may enter a user namespace here (many containers bar it)."""
    if not LINUX:
        return False
    try:
        done = subprocess.run(
            ["true"], preexec_fn=before_exec(signal.SIGKILL, namespace=True), check=False
        )
    except (OSError, subprocess.SubprocessError):
        return False
    return done.returncode == 0


@dataclass
class Child:
    """A process that runs for as long as the runner does.

    last_signal asks it to stop; death_signal is what the kernel sends when the runner is killed.
    """

    name: str
    command: Sequence[str | Path]
    environment: Mapping[str, str]
    last_signal: signal.Signals = signal.SIGTERM
    death_signal: signal.Signals = signal.SIGTERM
    patience: float = 10.0
    log: Path | None = None
    namespace: bool = False
    account: Mapping[str, Any] = field(default_factory=dict)
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    pause: float = 0.0

    def start(self) -> None:
        """Start the process; output goes to the log file, or else to the runner's own."""
        output = self.log.open("ab") if self.log else None
        try:
            self.process = subprocess.Popen(
                [str(part) for part in self.command],
                cwd=BASE,
                env=dict(self.environment),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                preexec_fn=before_exec(self.death_signal, namespace=self.namespace),
                **self.account,
            )
        finally:
            if output:
                output.close()
        self.started = time.monotonic()

    def alive(self) -> bool:
        """Say whether the process runs."""
        return self.process is not None and self.process.poll() is None

    def stop(self) -> None:
        """Ask the process to stop, wait, and end it and its group if it does not."""
        if self.process is None:
            return
        if self.process.poll() is None:
            self.process.send_signal(self.last_signal)
            try:
                self.process.wait(self.patience)
            except subprocess.TimeoutExpired:
                complain(f"{self.name} did not stop within {self.patience:.0f} s: ended.")
        self.end_group()

    def end_group(self) -> None:
        """Kill whatever is left of the child's process group."""
        if self.process is None:
            return
        # nothing may be left, or (macOS) only a process not yet reaped
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


class Supervisor:
    """Children in the order in which they were started; they are stopped in reverse."""

    def __init__(self, folder: Path) -> None:
        """Keep notes on running children in `folder`, for the next start to find."""
        self.notes = folder / "running"
        self.notes.mkdir(exist_ok=True)
        self.children: list[Child] = []

    def add(self, child: Child) -> None:
        """Start a child and keep it running from now on."""
        self.children.append(child)
        self._start(child)

    def watch(self) -> None:
        """Start again, once, each child that has died; wait longer if it died young."""
        for child in self.children:
            if child.alive():
                continue
            if child.process is not None:
                # its own children (web workers) may still hold a port
                status = child.process.returncode
                child.end_group()
                child.process = None
                lived = time.monotonic() - child.started
                child.pause = 0.0 if lived > HEALTHY_AFTER else min(child.pause * 2, LONGEST_PAUSE)
                complain(f"{child.name} ended ({describe(status)}); starting it again.")
            if time.monotonic() - child.started >= child.pause:
                child.pause = max(child.pause, 0.2)
                self._start(child)

    def stop(self) -> None:
        """Stop all children, the last started first."""
        while self.children:
            child = self.children.pop()
            child.stop()
            self._note(child).unlink(missing_ok=True)

    def stop_leftovers(self) -> None:
        """Stop what an earlier runner left behind; the caller holds the data folder."""
        notes = {path: json.loads(path.read_text()) for path in self.notes.glob("*.json")}
        for path, note in notes.items():
            stop_process(note["pid"], note["mark"], signal.Signals(note["signal"]))
            path.unlink(missing_ok=True)

    def _note(self, child: Child) -> Path:
        return self.notes / f"{child.name.lower().replace(' ', '-')}.json"

    def _start(self, child: Child) -> None:
        child.start()
        if child.process is not None:
            note = {
                "pid": child.process.pid,
                "mark": mark_of(child.process.pid),
                "signal": int(child.last_signal),
            }
            write_private(self._note(child), json.dumps(note))


def describe(status: int) -> str:
    """Put a process's exit status into words."""
    if status < 0:
        return f"signal {signal.Signals(-status).name}"
    return f"exit status {status}"


def mark_of(pid: int) -> str:
    """Return what tells a process from a later one with the same number; "" when it has ended."""
    if not LINUX:
        shown = subprocess.run(
            ["ps", "-o", "lstart=", "-p", str(pid)], capture_output=True, text=True, check=False
        )
        return shown.stdout.strip()
    try:
        # after the name in brackets: state, then 18 numbers, then the start in ticks since boot
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return ""
    boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    return "" if fields[0] == "Z" else f"{boot} {fields[19]}"


def stop_process(pid: int, mark: str, stop_signal: signal.Signals, patience: float = 20) -> None:
    """Stop a process that is not our child, unless its number now belongs to another."""
    deadline = time.monotonic() + patience
    try:
        if mark and mark_of(pid) == mark:
            os.kill(pid, stop_signal)
        while mark and mark_of(pid) == mark:
            if time.monotonic() > deadline:
                os.kill(pid, signal.SIGKILL)
            time.sleep(0.05)
    except ProcessLookupError:
        return


class Stopped(SystemExit):
    """A signal asked the runner to stop."""


def handle_signals() -> None:
    """Turn INT, TERM and HUP into Stopped.

    Set for INT too: a shell script's `./run &` starts us with INT ignored.
    """

    def stop(number: int, _frame: object) -> None:
        raise Stopped(128 + number)

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, stop)


def ignore_signals() -> None:
    """While stopping: a second Ctrl-C must not leave half of the children behind."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        # not SIG_IGN, which children would inherit
        signal.signal(number, lambda _number, _frame: None)


def run_step(command: Sequence[str], environment: Mapping[str, str]) -> None:
    """Run a command that must succeed, out of reach of the terminal's Ctrl-C.

    Raises SystemExit with the command's output when it fails.
    """
    done = subprocess.run(
        command,
        cwd=BASE,
        env=dict(environment),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        preexec_fn=before_exec(signal.SIGTERM),
    )
    if done.returncode:
        raise SystemExit(f"{' '.join(command)}\n{done.stdout}\n({describe(done.returncode)})")


def run_in_foreground(
    command: Sequence[str], environment: Mapping[str, str], supervisor: Supervisor | None = None
) -> int:
    """Give the terminal to a command until it ends, and return its exit status.

    Ctrl-C goes to the command (a shell or pytest knows better what to do with it); TERM and HUP
    are handed on. Meanwhile the supervisor keeps the servers running.
    """
    process = subprocess.Popen(
        command,
        cwd=BASE,
        env=dict(environment),
        preexec_fn=before_exec(signal.SIGTERM, own_group=False),
    )
    earlier = {
        signal.SIGINT: signal.signal(signal.SIGINT, lambda _number, _frame: None),
        signal.SIGTERM: signal.signal(signal.SIGTERM, lambda *_: process.terminate()),
        signal.SIGHUP: signal.signal(signal.SIGHUP, lambda *_: process.terminate()),
    }
    try:
        while True:
            try:
                status = process.wait(0.2)
                return status if status >= 0 else 128 - status
            except subprocess.TimeoutExpired:
                if supervisor:
                    supervisor.watch()
    finally:
        for number, handler in earlier.items():
            signal.signal(number, handler)
