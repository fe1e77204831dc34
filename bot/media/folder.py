"""The media folder: rebuilt pictures under their digests, and which file of each leaves for which network."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
import shutil
import tempfile
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Final

from bot.core.campaign import Network
from bot.core.errors import NotFoundError, PictureError
from bot.core.media import PictureFile
from bot.media.bytes_check import prove_bare
from bot.media.decoder import NewFile, Rebuilt, decode, decode_opened
from bot.media.formats import Format
from bot.media.limits import LARGEST_REBUILT, SMALL_FILE, rules_for

_DIGEST: Final = re.compile(r"[0-9a-f]{64}")
_SUFFIXES: Final[Mapping[str, str]] = {format_.media_type: format_.suffix for format_ in Format}
#: Bytes of each file that is made of a picture, largest first.
_LIMITS: Final = sorted(
    {LARGEST_REBUILT, SMALL_FILE, *(rules_for(network).max_bytes for network in Network)}, reverse=True
)
#: Drawn pictures that are remembered for pages, each with its small copy: some megabytes.
SKETCHES: Final = 24


@dataclass(frozen=True, kw_only=True)
class StoredPicture:
    """A rebuilt picture: its file at its best, the one that leaves for each network, and one for pages."""

    file: PictureFile
    networks: Mapping[Network, PictureFile]
    #: Small enough for lists; it never leaves.
    small: PictureFile
    #: Whether this program drew it itself.
    is_drawn: bool = False


@dataclass(frozen=True, kw_only=True)
class Added:
    """A picture that was taken in: what it was, and what it is now."""

    original: Rebuilt
    picture: StoredPicture


class MediaFolder:
    """Pictures on disk. Each file's name is the digest of its bytes, and no file ever changes."""

    def __init__(self, path: Path) -> None:
        self._path = path
        #: By digest each file and the small copy of its picture; and the records that were read for that.
        self._files: dict[str, tuple[PictureFile, PictureFile]] = {}
        self._known: set[str] = set()
        #: By digest what was drawn for the eye: the file, its bytes, its small copy.
        self._sketches: dict[str, tuple[PictureFile, bytes, PictureFile]] = {}
        self._reading = threading.Lock()

    def add(self, original: Path) -> Added:
        """Rebuild the picture of a file and keep it; the file itself is only read.

        Raises PictureError when it is no picture that can be used: nothing is kept then.
        """
        return self._added(decode(original, limits=_LIMITS))

    def add_sent(self, original: IO[bytes]) -> Added:
        """The same for bytes that somebody sent. They lie on the disk under no name, and only for so long."""
        with tempfile.TemporaryFile() as copy:
            shutil.copyfileobj(original, copy)
            copy.seek(0)
            return self._added(decode_opened(copy, limits=_LIMITS))

    def _added(self, rebuilt: Rebuilt) -> Added:
        files = dict(zip(_LIMITS, rebuilt.files, strict=True))
        of_network = {network: files[rules_for(network).max_bytes] for network in Network}
        for network, file in of_network.items():
            _check_fits(file, network)
        picture = StoredPicture(
            file=_described(files[LARGEST_REBUILT]),
            networks={network: _described(file) for network, file in of_network.items()},
            small=_described(files[SMALL_FILE]),
        )
        self._keep(rebuilt.files, picture)
        return Added(original=rebuilt, picture=picture)

    def keep_drawn(self, data: bytes, *, small: bytes) -> PictureFile:
        """Keep a picture that this program drew itself, as it is: one file for every network.

        `small` is the same for pages. Both are proven as every other file is, but decoded by nobody. Raises
        PictureError when one is no bare picture, or the first is not what every network takes.
        """
        new = _drawn(data)
        file = _described(new)
        if not self._keeps(file):
            new_small = _proven(small)
            networks = dict.fromkeys(Network, file)
            small_file = _described(new_small)
            picture = StoredPicture(file=file, networks=networks, small=small_file, is_drawn=True)
            self._keep((new, new_small), picture)
        return file

    def sketch(self, data: bytes, *, small: bytes) -> PictureFile:
        """Say what `keep_drawn` would keep, and remember the last ones for pages; nothing is written.

        Raises as it does.
        """
        file, small_file = _described(_drawn(data)), _described(_proven(small))
        with self._reading:
            self._sketches |= {
                file.digest: (file, data, small_file),
                small_file.digest: (small_file, small, small_file),
            }
            while len(self._sketches) > 2 * SKETCHES:
                del self._sketches[next(iter(self._sketches))]
        return file

    def shows(self, file: PictureFile) -> bool:
        """Whether pages can show it: it is kept, or was sketched just now."""
        return file.digest in self._sketches or self.path_of(file).is_file()

    def shown(self, file: PictureFile) -> bytes:
        """The bytes of what `shows` is true for. Raises as `read` does."""
        with self._reading:
            sketched = self._sketches.get(file.digest)
        return self.read(file) if sketched is None else sketched[1]

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
        except OSError as error:
            raise _unreadable(path, error) from None
        except ValueError:
            raise _damaged(path) from None
        try:
            networks = {network: _read_file(document["networks"][network]) for network in Network}
            return StoredPicture(
                file=_read_file(document["file"]),
                networks=networks,
                small=_read_file(document["small"]),
                is_drawn=document.get("is_drawn") is True,
            )
        except (KeyError, TypeError, ValueError, AttributeError):
            raise _damaged(path) from None

    def file_for(self, picture: str, network: Network) -> PictureFile:
        """The file of the picture with that digest that leaves for the network.

        Raises as `picture` does; as well when the file itself is gone, or has another size.
        """
        file = self.picture(picture).networks[network]
        size = self._size_of(file)
        if size is None:
            raise _gone(self.path_of(file))
        if size != file.size:
            raise _damaged(self.path_of(file))
        return file

    def has(self, file: PictureFile) -> bool:
        """Whether a picture's file lies here in its size, with its record; its bytes are not read."""
        return self._size_of(file) == file.size and (self._path / f"{file.digest}.json").is_file()

    def _size_of(self, file: PictureFile) -> int | None:
        path = self.path_of(file)
        try:
            return path.stat().st_size
        except FileNotFoundError:
            return None
        except OSError as error:
            raise _unreadable(path, error) from None

    def newest(self, *, limit: int, skip: int = 0) -> list[StoredPicture]:
        """Pictures that people added, the last one first. What is damaged is left out."""
        found: list[StoredPicture] = []
        for name in self._names_by_age():
            if len(found) == skip + limit:
                break
            with contextlib.suppress(NotFoundError, PictureError):
                picture = self.picture(name)
                found += [] if picture.is_drawn else [picture]
        return found[skip:]

    def file_named(self, digest: str) -> PictureFile:
        """A file of any picture, by its own digest. Raises NotFoundError when no record names it."""
        return self._named(digest)[0]

    def small_of(self, digest: str) -> PictureFile:
        """The small copy of the picture that has this file. Raises as `file_named` does."""
        return self._named(digest)[1]

    def _named(self, digest: str) -> tuple[PictureFile, PictureFile]:
        with self._reading:
            if digest in self._sketches:
                file, _, small = self._sketches[digest]
                return file, small
            if digest not in self._files:
                self._read_new_records()
            if digest not in self._files:
                raise NotFoundError(f"{digest}: no picture has such a file")
            return self._files[digest]

    def _read_new_records(self) -> None:
        for name in {path.stem for path in self._path.glob("*.json")} - self._known:
            with contextlib.suppress(NotFoundError, PictureError):
                picture = self.picture(name)
                for file in (picture.file, *picture.networks.values(), picture.small):
                    self._files[file.digest] = file, picture.small
                self._known.add(name)

    def _names_by_age(self) -> list[str]:
        records = [path for path in self._path.glob("*.json") if _DIGEST.fullmatch(path.stem)]
        records.sort(key=lambda path: (path.stat().st_mtime_ns, path.name), reverse=True)
        return [path.stem for path in records]

    def path_of(self, file: PictureFile) -> Path:
        """Where the file lies."""
        return self._path / f"{file.digest}.{_SUFFIXES[file.media_type]}"

    def read(self, file: PictureFile) -> bytes:
        """The bytes of a file, as they were proven: they have its digest, and are a bare picture.

        Raises NotFoundError when it is gone, PictureError when it cannot be read or is not what it was.
        """
        path = self.path_of(file)
        try:
            data = path.read_bytes()
        except FileNotFoundError:
            raise _gone(path) from None
        except OSError as error:
            raise _unreadable(path, error) from None
        if hashlib.sha256(data).hexdigest() != file.digest:
            raise _damaged(path)
        prove_bare(data)
        return data

    def _keeps(self, file: PictureFile) -> bool:
        """Whether the file lies here whole, with its record."""
        try:
            picture = self.picture(file.digest)
            for each in {picture.file, picture.small, *picture.networks.values()}:
                self.read(each)
        except (NotFoundError, PictureError):
            return False
        return True

    def _keep(self, files: tuple[NewFile, ...], picture: StoredPicture) -> None:
        """Write the files, then the record that names them: what is named is there."""
        # Each by itself: the mode is for the last one alone.
        for folder_path in (self._path.parent, self._path):
            folder_path.mkdir(mode=0o700, parents=True, exist_ok=True)
        for file in dict.fromkeys(files):
            self._write(self.path_of(_described(file)), file.data)
        document = {
            "file": _document(picture.file),
            "networks": {network.value: _document(file) for network, file in picture.networks.items()},
            "small": _document(picture.small),
            **({"is_drawn": True} if picture.is_drawn else {}),
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


def _drawn(data: bytes) -> NewFile:
    file = _proven(data)
    for network in Network:
        _check_fits(file, network)
    return file


def _proven(data: bytes) -> NewFile:
    bare = prove_bare(data)
    return NewFile(data=data, format=Format(bare.format), width=bare.width, height=bare.height)


def _check_fits(file: NewFile, network: Network) -> None:
    if not rules_for(network).fits(width=file.width, height=file.height, size=len(file.data)):
        raise PictureError(f"it could not be fitted to {network}")


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


def _gone(path: Path) -> NotFoundError:
    return NotFoundError(f"{path}: the picture is gone: add it again, or bring it back from a backup")


def _damaged(path: Path) -> PictureError:
    return PictureError(
        f"{path}: the file was changed or damaged: add the picture again, or bring it back from a backup"
    )


def _unreadable(path: Path, error: OSError) -> PictureError:
    why = (error.strerror or type(error).__name__).lower()
    return PictureError(
        f"{path}: the picture cannot be read ({why}): see that this user may read the media folder"
    )
