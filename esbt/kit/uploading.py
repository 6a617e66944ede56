"""Files that arrive with a form: held in memory, and never more of one than the limit."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile, UploadedFile
from django.core.files.uploadhandler import FileUploadHandler, StopUpload

TOO_LARGE = "file-too-large"  # set in request.META, where the view finds it


class BoundedUpload(FileUploadHandler):
    """Keeps a file of at most UPLOAD_LIMIT bytes; what is beyond is read away and not kept."""

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        self.blocks: list[bytes] = []
        self.held = 0

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        """Hold a block; beyond the limit the whole file goes."""
        self.held += len(raw_data)
        if self.held > settings.UPLOAD_LIMIT:
            self.blocks.clear()
            if self.request is not None:
                self.request.META[TOO_LARGE] = self.file_name or ""
            # the rest is read away, so that the browser hears the answer
            raise StopUpload(connection_reset=False)
        self.blocks.append(raw_data)

    def file_complete(self, file_size: int) -> UploadedFile:
        """The file as views and forms know it."""
        return SimpleUploadedFile(
            self.file_name or "", b"".join(self.blocks), self.content_type or ""
        )
