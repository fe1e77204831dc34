"""A long answer as a file of its own: written whole first, so that nobody who reads slowly holds a thread."""

from __future__ import annotations

import tempfile
import threading
from collections.abc import Iterable
from typing import IO

from flask import Response, request
from werkzeug.wsgi import wrap_file

#: Letters that are written at once.
_PIECE = 1 << 16
#: One file at a time: each takes a thread while it is written, and room on the disk until it is read.
_turn = threading.Lock()


class HandedOver:
    """A file without a name that is gone once it is read, or whoever reads it is gone."""

    def __init__(self) -> None:
        self._is_over = False
        self._ending = threading.Lock()
        self._file: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115  (the server closes it)

    @classmethod
    def begin(cls) -> HandedOver | None:
        """An empty file; None while another one is written or read."""
        if not _turn.acquire(blocking=False):
            return None
        try:
            return cls()
        except BaseException:
            _turn.release()
            raise

    def answer(self, lines: Iterable[str], *, name: str, kind: str) -> Response:
        """Write it, and let the server send it: waitress does so in its own loop, from the file."""
        try:
            self._write(lines)
            size = self._file.tell()
            self._file.seek(0)
        except BaseException:
            self.close()
            raise
        return Response(
            wrap_file(request.environ, self),  # type: ignore[arg-type]
            mimetype=kind,
            headers={"Content-Disposition": f'attachment; filename="{name}"', "Content-Length": str(size)},
            direct_passthrough=True,
        )

    def _write(self, lines: Iterable[str]) -> None:
        piece: list[str] = []
        letters = 0
        for line in lines:
            piece.append(line)
            letters += len(line)
            if letters >= _PIECE:
                self._file.write("".join(piece).encode())
                piece, letters = [], 0
        self._file.write("".join(piece).encode())

    def read(self, size: int = -1) -> bytes:
        if self._is_over:
            # Who reads to the end may ask once more: an empty file ends at the first piece.
            return b""
        piece = self._file.read(size)
        if not piece:
            self.close()
        return piece

    def seek(self, place: int, whence: int = 0) -> int:
        return self._file.seek(place, whence)

    def tell(self) -> int:
        return self._file.tell()

    def close(self) -> None:
        """Let the next one begin. Called by the server, more than once at times."""
        with self._ending:
            if self._is_over:
                return
            self._is_over = True
        self._file.close()
        _turn.release()

    def __del__(self) -> None:
        if hasattr(self, "_file"):
            self.close()
