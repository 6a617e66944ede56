"""The files of a data package, in a folder or in a zip, of which neither is trusted."""

from __future__ import annotations

import stat
import zipfile
import zlib
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import IO

DESCRIPTOR = "datapackage.json"
MAX_BYTES = 64 * 1024 * 1024  # of all files together, as they come out
MAX_MEMBERS = 200  # of a zip

_BLOCK = 64 * 1024


class Unreadable(Exception):
    """A file that cannot be read, in words; ``row`` and ``value`` where they are known."""

    def __init__(self, message: str, *, row: int | None = None, value: str = "") -> None:
        super().__init__(message)
        self.row, self.value = row, value


class TooLarge(Unreadable):
    """A package that unpacks to more than is allowed; nothing more of it is read."""


class Archive(ABC):
    """Files by name, at most MAX_BYTES of them together."""

    def __init__(self) -> None:
        self._left = MAX_BYTES

    @abstractmethod
    def _open(self, name: str) -> IO[bytes]:
        """A stream of a file whose name is safe."""

    def read(self, name: str) -> bytes:
        """The bytes of a file; raises Unreadable for what is not there or not allowed."""
        _check_name(name)
        blocks = []
        try:
            with self._open(name) as stream:
                while block := stream.read(min(_BLOCK, self._left + 1)):
                    self._left -= len(block)
                    if self._left < 0:
                        raise TooLarge(
                            f"The package unpacks to more than {MAX_BYTES // 1024**2} MB. Split it."
                        )
                    blocks.append(block)
        # what zipfile raises for damage, for encryption and for methods that it does not know
        except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, OSError) as error:
            raise Unreadable(
                f"'{name}' cannot be read ({error}). Make the package anew."
            ) from error
        return b"".join(blocks)


def _check_name(name: str) -> None:
    path = PurePosixPath(name)
    if "://" in name:
        raise Unreadable(f"'{name}' lies elsewhere. Put the file into the package.", value=name)
    if (
        not name
        or path.is_absolute()
        or ".." in path.parts
        or any(character in name for character in "\\:\0")
    ):
        raise Unreadable(
            f"'{name}' leads out of the package. Name files by their path inside it.", value=name
        )


class _Folder(Archive):
    def __init__(self, root: Path) -> None:
        super().__init__()
        self.root = root.resolve()

    def _open(self, name: str) -> IO[bytes]:
        path = (self.root / name).resolve()
        if not path.is_relative_to(self.root):
            raise Unreadable(f"'{name}' is a link that leads out of the package.", value=name)
        if not path.is_file():
            raise Unreadable(f"There is no file '{name}' in the package.", value=name)
        return path.open("rb")


class _Zip(Archive):
    def __init__(self, file: zipfile.ZipFile) -> None:
        super().__init__()
        self.file = file
        self.members = {info.filename: info for info in file.infolist()}
        if len(file.infolist()) > MAX_MEMBERS:
            raise Unreadable(f"A zip has at most {MAX_MEMBERS} files.")
        if len(self.members) < len(file.infolist()):
            raise Unreadable("The zip holds a file twice. Make it anew.")
        for info in self.members.values():
            _check_name(info.filename)
            if stat.S_ISLNK(info.external_attr >> 16):
                raise Unreadable(f"'{info.filename}' is a link. Put the file itself in.")
        self.inside = self._inside()

    def _inside(self) -> str:
        """The folder that the package lies in: people zip files, or the folder with them."""
        folders = [
            name.removesuffix(DESCRIPTOR)
            for name in self.members
            if PurePosixPath(name).name == DESCRIPTOR
            and len(PurePosixPath(name).parts) <= 2
            and not name.startswith("__MACOSX/")
        ]
        if "" in folders or len(folders) != 1:
            return ""
        return folders[0]

    def _open(self, name: str) -> IO[bytes]:
        info = self.members.get(self.inside + name)
        if info is None:
            raise Unreadable(f"There is no file '{name}' in the package.", value=name)
        return self.file.open(info)


@contextmanager
def open_archive(path: Path) -> Iterator[Archive]:
    """Open a folder or a zip; raises Unreadable when it is neither."""
    if path.is_dir():
        yield _Folder(path)
        return
    if not path.is_file():
        raise Unreadable("There is no such folder or zip file.")
    if path.stat().st_size > MAX_BYTES:  # before its table of contents is read into memory
        raise Unreadable(f"A zip has at most {MAX_BYTES // 1024**2} MB. Split the package.")
    try:
        file = zipfile.ZipFile(path)
    except (zipfile.BadZipFile, NotImplementedError, ValueError, OSError) as error:
        raise Unreadable(f"This is not a whole zip file ({error}). Make it anew.") from error
    with file:
        yield _Zip(file)
