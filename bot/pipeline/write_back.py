"""What was changed in the console goes into the content files; what people wrote there stays."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from bot.content.checks import check_item
from bot.content.placing import ItemFile, ItemFiles, has_room, read_item_files, size_of, with_items
from bot.content.reading import Content, read_content
from bot.core.campaign import Campaign, Item
from bot.core.clock import Clock
from bot.core.errors import NotAllowedError, NotFoundError
from bot.pipeline.last_word import is_draft
from bot.pipeline.moves import deciding
from bot.store import codec, contents, send_log
from bot.store.contents import Origin, StoredItem
from bot.store.database import Database, Tx

#: Where items go that no file has, in their campaign's folder; a number is added where one is full.
NEW_FILE = "console"


@dataclass(frozen=True, kw_only=True)
class FileChange:
    """One file, and what is written there or taken out, by the items' keys."""

    path: Path
    campaign: str
    is_new: bool
    written: tuple[str, ...]
    #: Items that were retired in the console.
    taken_out: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Left:
    """An item that stays out of the files, and why."""

    campaign: str
    item: str
    reason: str
    #: Whether a person must do something; a draft only waits for its texts.
    is_wrong: bool


@dataclass(frozen=True, kw_only=True)
class WrittenBack:
    """What went into the files, and what stayed out of them."""

    files: tuple[FileChange, ...]
    left: tuple[Left, ...]


@dataclass(kw_only=True)
class _Target:
    """A file with what is to change in it."""

    campaign: str
    file: ItemFile
    changes: dict[str, Item | None] = field(default_factory=dict)
    #: What the store held when this was worked out.
    stored: list[StoredItem] = field(default_factory=list)
    #: Bytes that are to be added at most.
    added: int = 0

    def change(self) -> FileChange:
        return FileChange(
            path=self.file.path,
            campaign=self.campaign,
            is_new=self.file.data is None,
            written=tuple(key for key, item in self.changes.items() if item is not None),
            taken_out=tuple(key for key, item in self.changes.items() if item is None),
        )


def write_back(
    db: Database, clock: Clock, *, directory: Path, who: str, only: str | None = None, dry_run: bool = False
) -> WrittenBack:
    """Write every item that was changed in the console into the content files in `directory`.

    An item that a file has is changed in place there, one that was retired is taken out, and a new one goes
    into `console.yaml`. `only` names one campaign; `dry_run` changes nothing. Raises ContentError when there
    is a mistake in the files, NotAllowedError when a file or an item changed meanwhile.
    """
    content = read_content(directory)
    with db.read() as tx:
        stored = _changed_in_console(tx, content, only)
    targets: list[_Target] = []
    left: list[Left] = []
    for campaign in content.campaigns:
        mine = [one for one in stored if one.item.campaign == campaign.key]
        if mine:
            targets += _targets(campaign, mine, left, directory=directory)
    texts = [with_items(target.file, target.changes) for target in targets]
    if targets and not dry_run:
        _replace_all(db, clock, targets, texts, who=who)
    return WrittenBack(files=tuple(target.change() for target in targets), left=tuple(left))


def _changed_in_console(tx: Tx, content: Content, only: str | None) -> list[StoredItem]:
    keys = [campaign.key for campaign in content.campaigns]
    if only is not None and only not in keys:
        raise NotFoundError(f"there is no campaign {only!r}; there is: {', '.join(keys)}")
    return [
        stored
        for key in keys
        if only in (None, key)
        for stored in contents.read_items(tx, key, retired=True)
        if stored.changed_by is not None and stored.origin is not Origin.QUEUE
    ]


def _targets(
    campaign: Campaign, stored: Sequence[StoredItem], left: list[Left], *, directory: Path
) -> list[_Target]:
    """Sort what was changed into the files where it belongs; `left` learns what stays out, and why."""
    folder = read_item_files(directory, campaign.key)
    targets = [_Target(campaign=campaign.key, file=file) for file in folder.files]
    homes = {key: target for target in targets for key in target.file.items}
    for one in stored:
        key = one.item.key
        home = homes.get(key)
        reason = _reason_to_leave(one, campaign, None if home is None else home.file.items[key])
        if reason is not None:
            is_wrong = not is_draft(one, campaign=campaign) or one.conflict is not None
            left.append(Left(campaign=campaign.key, item=key, reason=reason, is_wrong=is_wrong))
        elif one.retired and home is None:
            continue
        else:
            home = home or _new_home(targets, folder, one.item)
            home.changes[key] = None if one.retired else one.item
            home.stored.append(one)
    return [target for target in targets if target.changes]


def _reason_to_leave(stored: StoredItem, campaign: Campaign, on_file: Item | None) -> str | None:
    """Why an item is not written into its file; None when it is."""
    if stored.conflict is not None:
        return "it changed in its file, too: settle that first (`campaign-bot content settle`)"
    digest = None if on_file is None else codec.digest(codec.encode(on_file))
    if digest != stored.file_digest and digest != stored.digest:
        return "its file changed since the last sync: `campaign-bot sync` first"
    if stored.retired:
        return None
    if is_draft(stored, campaign=campaign):
        missing = [language for language in campaign.languages if language not in stored.item.wordings]
        return f"it is a draft: still to be written in {', '.join(missing)}"
    problem = next(iter(check_item(stored.item, campaign=campaign)), None)
    return None if problem is None else f"it breaks a rule by now: {problem.what}"


def _new_home(targets: list[_Target], folder: ItemFiles, item: Item) -> _Target:
    """The campaign's file for new items, or the next one where that is full."""
    number = 1
    while True:
        name = f"{NEW_FILE}.yaml" if number == 1 else f"{NEW_FILE}-{number}.yaml"
        target = next((one for one in targets if one.file.path.name == name), None)
        if target is None:
            target = _Target(campaign=item.campaign, file=folder.begin(name))
            targets.append(target)
        size = size_of(item)
        if has_room(target.file, target.added + size):
            target.added += size
            return target
        number += 1


def _replace_all(
    db: Database, clock: Clock, targets: Sequence[_Target], texts: Sequence[bytes], *, who: str
) -> None:
    """Put the new files in their places, and note that files and store agree.

    Where this breaks off in between, the next sync finds that they agree.
    """
    with ExitStack() as stack:
        drafts = [
            stack.enter_context(_beside(target.file.path, data))
            for target, data in zip(targets, texts, strict=True)
        ]
        with deciding(db) as tx:
            for target in targets:
                _refuse_changed(tx, target)
            for target, draft in zip(targets, drafts, strict=True):
                _move_into_place(draft, target.file.path)
                _note(tx, target)
            body = {
                "who": who,
                "written": _names(targets, is_written=True),
                "taken_out": _names(targets, is_written=False),
            }
            send_log.append(tx, at=clock.now(), event="items-written-back", body=body)


@contextmanager
def _beside(path: Path, data: bytes) -> Iterator[Path]:
    """A file beside `path` with these bytes, on disk; it is gone at the end, unless it was moved."""
    path = path.resolve()
    try:
        # Its name begins with a dot: such files are nobody's, whatever becomes of this one.
        descriptor, name = tempfile.mkstemp(prefix=f".{path.stem}-", suffix=".new", dir=path.parent)
    except OSError as error:
        raise _unwritable(path, error) from error
    draft = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        if path.exists():
            shutil.copymode(path, draft)
        else:
            draft.chmod(0o644)
        yield draft
    except OSError as error:
        raise _unwritable(path, error) from error
    finally:
        draft.unlink(missing_ok=True)


def _refuse_changed(tx: Tx, target: _Target) -> None:
    """Raise NotAllowedError unless file and items are what they were when the new text was made."""
    path = target.file.path
    now = path.read_bytes() if path.exists() else None
    if now != target.file.data:
        raise NotAllowedError(f"{path} changed meanwhile: `campaign-bot sync`, then try again")
    for stored in target.stored:
        if contents.read_item(tx, stored.item.campaign, stored.item.key) != stored:
            raise NotAllowedError(f"{target.campaign}/{stored.item.key} changed meanwhile: try again")


def _move_into_place(draft: Path, path: Path) -> None:
    """Replace a file, on disk: the store is to forget that only the console knew."""
    path = path.resolve()
    try:
        draft.replace(path)
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
    except OSError as error:
        raise _unwritable(path, error) from error


def _unwritable(path: Path, error: OSError) -> NotAllowedError:
    return NotAllowedError(f"{path}: cannot be written ({error.strerror})")


def _note(tx: Tx, target: _Target) -> None:
    for stored in target.stored:
        digest = None if stored.retired else stored.digest
        contents.agree(tx, target.campaign, stored.item.key, file_digest=digest)


def _names(targets: Sequence[_Target], *, is_written: bool) -> str:
    return " ".join(
        f"{target.campaign}/{key}"
        for target in targets
        for key, item in target.changes.items()
        if (item is not None) is is_written
    )
