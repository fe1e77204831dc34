"""Has a picture decoded in a process of its own, and believes nothing of its answer that it can prove."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Final

import bot
from bot.core.errors import PictureError
from bot.media.bytes_check import Bare, prove_bare
from bot.media.findings import Finding
from bot.media.formats import Format
from bot.media.limits import LARGEST_FILE

#: Seconds of real time: four times what it may take of the processor, which others use too.
_PATIENCE: Final = 120
#: Bytes of the answer's first line.
_LONGEST_LINE: Final = 100_000
#: Characters of one thing that it tells.
_LONGEST_WORDS: Final = 200
_PROGRAM: Final = (
    "import sys; sys.path.insert(0, sys.argv[1]); from bot.media.child import main; main(sys.argv[2:])"
)
#: Where this very program was loaded from.
_ROOT: Final = Path(bot.__file__).parents[1]


@dataclass(frozen=True, kw_only=True)
class NewFile:
    """The bytes of one file, proven bare."""

    data: bytes
    format: Format
    width: int
    height: int


@dataclass(frozen=True, kw_only=True)
class Rebuilt:
    """A picture as it came in, what of it was left behind, and its new files."""

    format: Format
    width: int
    height: int
    #: Bytes.
    size: int
    findings: tuple[Finding, ...]
    #: What was done to its pixels, in words.
    done: tuple[str, ...]
    #: One for each limit that was given.
    files: tuple[NewFile, ...]


def decode(path: Path, *, limits: list[int]) -> Rebuilt:
    """Rebuild the picture of a file; one new file for each limit in bytes, which fall.

    Raises PictureError for what is no picture that can be used. The file is only read.
    """
    with _opened(path) as original:
        return decode_opened(original, limits=limits)


def decode_opened(original: IO[bytes], *, limits: list[int]) -> Rebuilt:
    """The same for an open file of the disk, from where it stands."""
    with tempfile.TemporaryFile() as answer:
        _run(original, answer, limits)
        answer.seek(0)
        return read_answer(answer, limits=limits)


def read_answer(answer: IO[bytes], *, limits: list[int]) -> Rebuilt:
    """What the child answered, as far as it can be proven: whoever took it over could answer anything.

    Raises PictureError for its refusal, and for an answer that is not as it should be.
    """
    try:
        told: dict[str, Any] = json.loads(answer.readline(_LONGEST_LINE))
        if "refused" in told:
            raise PictureError(_words(told["refused"]))
        files = [_proven(answer.read(int(one[3])), *one[:3]) for one in told["files"]]
        rebuilt = Rebuilt(
            format=Format(told["format"]),
            width=int(told["width"]),
            height=int(told["height"]),
            size=int(told["size"]),
            findings=tuple(
                Finding(what=_words(what), detail=_words(detail)) for what, detail in told["findings"]
            ),
            done=tuple(_words(one) for one in told["done"]),
            files=tuple(files[number] for number in told["chosen"]),
        )
    except (ValueError, KeyError, IndexError, TypeError, RecursionError):
        raise PictureError("the decoder's answer cannot be understood: nothing was kept") from None
    sizes = [len(file.data) for file in rebuilt.files]
    if len(sizes) != len(limits) or any(size > limit for size, limit in zip(sizes, limits, strict=True)):
        raise PictureError("it could not be made small enough")
    return rebuilt


def _opened(path: Path) -> IO[bytes]:
    try:
        # A pipe would keep one waiting until somebody writes into it.
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        raise PictureError(f"it cannot be read ({error.strerror})") from error
    except ValueError:
        raise PictureError("it cannot be read (no file has such a name)") from None
    about = os.fstat(descriptor)
    if not stat.S_ISREG(about.st_mode):
        os.close(descriptor)
        raise PictureError("it is no file: name a picture")
    if about.st_size > LARGEST_FILE:
        os.close(descriptor)
        raise PictureError(f"it is larger than {LARGEST_FILE // 1_000_000} MB: scale it down")
    return open(descriptor, "rb")


def _run(original: IO[bytes], answer: IO[bytes], limits: list[int]) -> None:
    """Let the child write its answer. It inherits no variable of the environment: secrets stand there."""
    command = [sys.executable, "-I", "-c", _PROGRAM, str(_ROOT), *(str(limit) for limit in limits)]
    try:
        ended = subprocess.run(
            command,
            stdin=original,
            stdout=answer,
            stderr=subprocess.DEVNULL,
            env={},
            cwd="/",
            timeout=_PATIENCE,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise _too_much() from None
    if ended.returncode < 0:
        raise _too_much()
    if ended.returncode:
        # It names what is wrong with a picture; that it could not even answer has to do with the machine.
        raise PictureError(
            "it could not be decoded: this machine may have too little memory, or too little room for "
            "temporary files"
        )


def _proven(data: bytes, format_: str, width: int, height: int) -> NewFile:
    """The file, if its bytes are those of a bare picture of these measures."""
    if prove_bare(data) != Bare(format=format_, width=width, height=height):
        raise PictureError("it was not rebuilt as it should be")
    return NewFile(data=data, format=Format(format_), width=width, height=height)


def _words(told: Any) -> str:
    """A few words on one line."""
    return " ".join(str(told).split())[:_LONGEST_WORDS]


def _too_much() -> PictureError:
    return PictureError("decoding it takes too long or fails: open it in a program and save it anew")
