"""The media folder: rebuilt pictures under their digests, and which file of each leaves for which network."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from bot.core.campaign import Network
from bot.core.errors import NotFoundError, PictureError
from bot.core.media import PictureFile
from bot.media.bytes_check import prove_bare
from bot.media.decoder import NewFile, Rebuilt, decode
from bot.media.formats import Format
from bot.media.limits import LARGEST_REBUILT, rules_for

_DIGEST: Final = re.compile(r"[0-9a-f]{64}")
_SUFFIXES: Final[Mapping[str, str]] = {format_.media_type: format_.suffix for format_ in Format}


@dataclass(frozen=True, kw_only=True)
class StoredPicture:
    """A rebuilt picture: its file at its best, and the one that leaves for each network."""

    file: PictureFile
    networks: Mapping[Network, PictureFile]


@dataclass(frozen=True, kw_only=True)
class Added:
    """A picture that was taken in: what it was, and what it is now."""

    original: Rebuilt
    picture: StoredPicture


class MediaFolder:
    """Pictures on disk. Each file's name is the digest of its bytes, and no file ever changes."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def add(self, original: Path) -> Added:
        """Rebuild the picture of a file and keep it; the file itself is only read.

        Raises PictureError when it is no picture that can be used: nothing is kept then.
        """
        limits = sorted(
            {LARGEST_REBUILT, *(rules_for(network).max_bytes for network in Network)}, reverse=True
        )
        rebuilt = decode(original, limits=limits)
        files = dict(zip(limits, rebuilt.files, strict=True))
        of_network = {network: files[rules_for(network).max_bytes] for network in Network}
        for network, file in of_network.items():
            if not rules_for(network).fits(width=file.width, height=file.height, size=len(file.data)):
                raise PictureError(f"it could not be fitted to {network}")
        picture = StoredPicture(
            file=_described(files[LARGEST_REBUILT]),
            networks={network: _described(file) for network, file in of_network.items()},
        )
        self._keep(rebuilt.files, picture)
        return Added(original=rebuilt, picture=picture)

    def pictures(self) -> list[StoredPicture]:
        """Every picture of the folder, by digest."""
        names = sorted(path.stem for path in self._path.glob("*.json") if _DIGEST.fullmatch(path.stem))
        return [self.picture(name) for name in names]

    def picture(self, digest: str) -> StoredPicture:
        """The picture with that digest. Raises NotFoundError, or PictureError when its record is damaged."""
        path = self._path / f"{digest}.json"
        try:
            if _DIGEST.fullmatch(digest) is None:
                raise FileNotFoundError
            document = json.loads(path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            raise NotFoundError(f"{digest}: no such picture; `campaign-bot media list` shows them") from None
        except (OSError, ValueError):
            raise _damaged(path) from None
        try:
            networks = {network: _read_file(document["networks"][network]) for network in Network}
            return StoredPicture(file=_read_file(document["file"]), networks=networks)
        except (KeyError, TypeError, ValueError, AttributeError):
            raise _damaged(path) from None

    def file_for(self, picture: str, network: Network) -> PictureFile:
        """The file of the picture with that digest that leaves for the network. Raises as `picture` does."""
        return self.picture(picture).networks[network]

    def path_of(self, file: PictureFile) -> Path:
        """Where the file lies."""
        return self._path / f"{file.digest}.{_SUFFIXES[file.media_type]}"

    def read(self, file: PictureFile) -> bytes:
        """The bytes of a file, as they were proven: they have its digest, and are a bare picture.

        Raises NotFoundError when it is gone, PictureError when it is no longer what it was.
        """
        path = self.path_of(file)
        try:
            data = path.read_bytes()
        except FileNotFoundError:
            raise NotFoundError(f"{path}: the picture is gone: add it again") from None
        if hashlib.sha256(data).hexdigest() != file.digest:
            raise _damaged(path)
        prove_bare(data)
        return data

    def _keep(self, files: tuple[NewFile, ...], picture: StoredPicture) -> None:
        """Write the files, then the record that names them: what is named is there."""
        self._path.mkdir(mode=0o700, parents=True, exist_ok=True)
        for file in dict.fromkeys(files):
            self._write(self.path_of(_described(file)), file.data)
        document = {
            "file": _document(picture.file),
            "networks": {network.value: _document(file) for network, file in picture.networks.items()},
        }
        record = json.dumps(document, indent=1, sort_keys=True) + "\n"
        self._write(self._path / f"{picture.file.digest}.json", record.encode())
        folder = os.open(self._path, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)

    def _write(self, path: Path, data: bytes) -> None:
        """Put a file in its place whole, or not at all; for nobody else's eyes."""
        descriptor, name = tempfile.mkstemp(dir=self._path, prefix=".new-")
        try:
            with open(descriptor, "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            os.replace(name, path)
        except BaseException:
            with contextlib.suppress(OSError):
                os.unlink(name)
            raise


def _described(file: NewFile) -> PictureFile:
    return PictureFile(
        digest=hashlib.sha256(file.data).hexdigest(),
        media_type=file.format.media_type,
        width=file.width,
        height=file.height,
        size=len(file.data),
    )


def _document(file: PictureFile) -> dict[str, Any]:
    return {
        "digest": file.digest,
        "media_type": file.media_type,
        "width": file.width,
        "height": file.height,
        "size": file.size,
    }


def _read_file(document: Any) -> PictureFile:
    if _DIGEST.fullmatch(document["digest"]) is None or document["media_type"] not in _SUFFIXES:
        raise ValueError(document)
    return PictureFile(
        digest=document["digest"],
        media_type=document["media_type"],
        width=int(document["width"]),
        height=int(document["height"]),
        size=int(document["size"]),
    )


def _damaged(path: Path) -> PictureError:
    return PictureError(f"{path}: the file was changed or damaged: add the picture again")
