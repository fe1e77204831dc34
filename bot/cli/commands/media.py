"""`media`: pictures in, and what there is of them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from bot.cli import options
from bot.cli.catalogue import MEDIA
from bot.cli.documents import write_document
from bot.cli.lazy import LazyGroup
from bot.cli.session import Session, pass_session
from bot.core.errors import PictureError

if TYPE_CHECKING:
    from bot.core.media import PictureFile
    from bot.media.folder import Added, MediaFolder, StoredPicture

#: Characters of a file's name in a table: enough to tell files apart.
_SHOWN = 12


@click.group(cls=LazyGroup, entries=MEDIA)
def media() -> None:
    """Pictures for posts: rebuilt from their pixels, without what they tell of place, person and device.

    \b
    Example:
      campaign-bot media add photo.jpg
    """


@click.command(name="add")
@click.argument("file", metavar="FILE")
@options.as_json
@pass_session
def add(session: Session, *, file: str, as_json: bool) -> None:
    """Rebuild a picture for posts, and show what was removed; the file itself stays as it is.

    JPEG, PNG and WebP, whatever the file is called.

    \b
    Example:
      campaign-bot media add photo.jpg
    """
    folder = session.app.media
    added = taken_in(folder, file)
    if as_json:
        write_document(_added_document(folder, file, added))
    else:
        _print_added(session, folder, file, added)


def taken_in(folder: MediaFolder, file: str) -> Added:
    """Rebuild the picture of a file. Raises PictureError, with the file's name, when it cannot be used."""
    try:
        return folder.add(Path(file))
    except PictureError as error:
        raise PictureError(f"{_on_one_line(file)}: {error}") from error


def _on_one_line(name: str) -> str:
    """A file's name with an escape for each sign that is not seen: a line break, a direction."""
    return "".join(one if one.isprintable() else ascii(one)[1:-1] for one in name)


@click.command(name="list")
@options.as_json
@pass_session
def list_(session: Session, *, as_json: bool) -> None:
    """Show the pictures that were added, with the file that leaves for each network.

    \b
    Example:
      campaign-bot media list
    """
    folder = session.app.media
    pictures = folder.pictures()
    if as_json:
        write_document({"pictures": [_picture_document(folder, picture) for picture in pictures]})
        return
    if not pictures:
        session.page.line("No picture yet: `campaign-bot media add FILE` takes one in.")
        return
    for picture in pictures:
        session.page.line(str(folder.path_of(picture.file)))
        sizes = [f"{network} {_bytes(file.size)}" for network, file in picture.networks.items()]
        session.page.line(f"  {_pixels(picture.file.width, picture.file.height)}; {', '.join(sizes)}")


def _print_added(session: Session, folder: MediaFolder, name: str, added: Added) -> None:
    page, original, picture = session.page, added.original, added.picture
    measures = f"{_pixels(original.width, original.height)}, {_bytes(original.size)}"
    page.line(f"{_on_one_line(name)}: {original.format.words}, {measures}. It stays as it is.")
    if original.findings:
        page.heading("Removed")
        page.table(["what", "that is"], [[found.what, found.detail] for found in original.findings])
    else:
        page.line("It carried nothing beside its pixels.")
    if original.done:
        page.heading("Done")
        for done in original.done:
            page.line(f"  {done}")
    page.heading("New picture")
    page.line(str(folder.path_of(picture.file)))
    page.line(f'In an item: file: "{picture.file.digest}"')
    rows = [[network.value, *_row(folder, file)] for network, file in picture.networks.items()]
    page.table(["for", "file", "pixels", "size"], rows, right=(2, 3))
    page.line()
    page.line("What its pixels show stays: faces, signs, screens. Look at it once more before you use it.")


def _row(folder: MediaFolder, file: PictureFile) -> list[str]:
    path = folder.path_of(file)
    return [f"{path.stem[:_SHOWN]}…{path.suffix}", _pixels(file.width, file.height), _bytes(file.size)]


def _added_document(folder: MediaFolder, name: str, added: Added) -> dict[str, Any]:
    original = added.original
    return {
        "original": {
            "file": name,
            "format": original.format.value,
            "width": original.width,
            "height": original.height,
            "size": original.size,
        },
        "removed": [{"what": found.what, "detail": found.detail} for found in original.findings],
        "done": list(original.done),
        **_picture_document(folder, added.picture),
    }


def _picture_document(folder: MediaFolder, picture: StoredPicture) -> dict[str, Any]:
    networks = {network.value: _file_document(folder, file) for network, file in picture.networks.items()}
    return {"picture": _file_document(folder, picture.file), "networks": networks}


def _file_document(folder: MediaFolder, file: PictureFile) -> dict[str, Any]:
    return {
        "digest": file.digest,
        "path": str(folder.path_of(file)),
        "media_type": file.media_type,
        "width": file.width,
        "height": file.height,
        "size": file.size,
    }


def _pixels(width: int, height: int) -> str:
    return f"{width:,} × {height:,}"


def _bytes(size: int) -> str:
    return f"{size / 1_000_000:.1f} MB" if size >= 1_000_000 else f"{-(-size // 1000):,} KB"
