"""Which files of a content folder are read, and which look as if they were and are not."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from bot.content.findings import Finding
from bot.content.values import KEY
from bot.content.yaml_text import MAX_SIZE, Document, parse_yaml

CAMPAIGN_FILE = "campaign.yaml"

_MOVE = "move it into its campaign's folder"


@dataclass(frozen=True, kw_only=True)
class CampaignFolder:
    """One campaign's folder: its name is the campaign's key."""

    path: Path
    campaign_file: Path
    #: In the order of their names.
    item_files: tuple[Path, ...]


def campaign_folders(directory: Path) -> list[CampaignFolder]:
    """Find the campaigns' folders, in the order of their names. What starts with a dot is nobody's."""
    return [
        CampaignFolder(
            path=path,
            campaign_file=path / CAMPAIGN_FILE,
            item_files=tuple(file for file in _yaml_inside(path) if _is_read(file, path)),
        )
        for path in _visible(directory)
        if path.is_dir()
    ]


def folder_findings(directory: Path) -> Iterator[tuple[Path, Finding]]:
    """Give what is wrong with names and places, before any file is opened."""
    if not directory.is_dir():
        remedy = "make it, with one folder for each campaign, or correct BOT_CONTENT_DIR"
        yield directory, Finding(path=(), what="there is no such folder", remedy=remedy)
        return
    folders = campaign_folders(directory)
    if not folders:
        remedy = f"make a folder for each campaign, with a {CAMPAIGN_FILE} in it"
        yield directory, Finding(path=(), what="there is no campaign here", remedy=remedy)
    for path in _visible(directory):
        if path.is_file() and path.suffix.lower() in (".yaml", ".yml"):
            yield path, Finding(path=(), what="this file is outside every campaign", remedy=_MOVE)
    for folder in folders:
        yield from _inside_findings(folder)


def parse_file(path: Path) -> Document:
    """Read one YAML file. Never raises: a file that cannot be opened is a finding too."""
    try:
        with path.open("rb") as file:
            return parse_yaml(file.read(MAX_SIZE + 1))
    except OSError as error:
        what = f"this file cannot be opened ({error.strerror})"
        return Document.unreadable(Finding(path=(), what=what, remedy="see who may read it"))


def _inside_findings(folder: CampaignFolder) -> Iterator[tuple[Path, Finding]]:
    if KEY.fullmatch(folder.path.name) is None:
        what = "a campaign's key is the name of its folder, and this is no key"
        yield (
            folder.path,
            Finding(path=(), what=what, remedy="rename it: small letters a-z, digits and hyphens"),
        )
    if not folder.campaign_file.is_file():
        remedy = "write it, or delete the folder"
        yield folder.campaign_file, Finding(path=(), what="there is no such file", remedy=remedy)
    for path in _yaml_inside(folder.path):
        if path.parent != folder.path:
            yield path, Finding(path=(), what="this file is too deep to be read", remedy=_MOVE)
        elif path.suffix != ".yaml":
            remedy = f"rename it to {path.stem}.yaml"
            yield path, Finding(path=(), what="a file with this ending is not read", remedy=remedy)


def _is_read(file: Path, folder: Path) -> bool:
    return file.parent == folder and file.suffix == ".yaml" and file.name != CAMPAIGN_FILE


def _yaml_inside(folder: Path) -> list[Path]:
    return [
        path
        for path in sorted(folder.rglob("*"))
        if path.suffix.lower() in (".yaml", ".yml")
        and not any(part.startswith(".") for part in path.relative_to(folder).parts)
    ]


def _visible(directory: Path) -> list[Path]:
    return sorted(path for path in directory.iterdir() if not path.name.startswith("."))
