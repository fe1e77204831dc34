"""From a folder of content files to campaigns and items, or to every mistake in them with its line."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from bot.content.campaign_file import CampaignReading, Surroundings, read_campaign_file
from bot.content.findings import Finding
from bot.content.folders import CampaignFolder, campaign_folders, folder_findings, parse_file
from bot.content.items_file import ItemReading, form_findings, read_items_file
from bot.content.yaml_text import Document
from bot.core.campaign import Campaign, Item, Source
from bot.core.errors import ContentError, Problem


@dataclass(frozen=True, kw_only=True)
class Content:
    """Everything that the content files say."""

    campaigns: tuple[Campaign, ...]
    items: tuple[Item, ...]
    #: Campaign key -> the sources that its file names, by their own keys.
    sources: Mapping[str, Mapping[str, Source]] = field(default_factory=dict)
    #: By campaign and item: the file and the line where the item stands. Content is the same elsewhere, too.
    places: Mapping[tuple[str, str], tuple[str, int | None]] = field(default_factory=dict, compare=False)


def read_content(directory: Path) -> Content:
    """Read all campaigns in `directory`, one folder each.

    Raises ContentError with every problem of all files at once; each names its file from the directory on.
    """
    directory = directory.absolute()
    problems = _Problems(directory.parent)
    for path, finding in folder_findings(directory):
        problems.add(path, [finding])
    campaigns: list[Campaign] = []
    items: list[Item] = []
    sources: dict[str, Mapping[str, Source]] = {}
    accounts: dict[str, str] = {}
    places: dict[tuple[str, str], tuple[str, int | None]] = {}
    for folder in campaign_folders(directory) if directory.is_dir() else ():
        reading = _read_campaign(folder, problems, accounts)
        items += _read_items(folder, reading.surroundings, problems, places)
        sources[folder.path.name] = reading.surroundings.sources
        if reading.campaign is not None:
            campaigns.append(reading.campaign)
    problems.raise_if_any()
    return Content(campaigns=tuple(campaigns), items=tuple(items), sources=sources, places=places)


class _Problems:
    """Collects what is wrong, and says where as people write paths."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._all: list[Problem] = []

    def place(self, path: Path) -> str:
        return path.relative_to(self._root).as_posix()

    def add(self, path: Path, findings: Iterable[Finding], document: Document | None = None) -> None:
        for finding in findings:
            line = finding.line
            if line is None and document is not None:
                line = document.line(finding.path)
            self._all.append(
                Problem(where=self.place(path), line=line, what=finding.sentence(), remedy=finding.remedy)
            )

    def raise_if_any(self) -> None:
        if self._all:
            raise ContentError(sorted(self._all, key=lambda problem: (problem.where, problem.line or 0)))


def _read_campaign(folder: CampaignFolder, problems: _Problems, accounts: dict[str, str]) -> CampaignReading:
    """Read a campaign file; `accounts` says to whom each account belongs so far, and learns this one's."""
    key = folder.path.name
    path = folder.campaign_file
    if not path.is_file():
        return CampaignReading.nothing(key)
    document = parse_file(path)
    problems.add(path, document.findings, document)
    reading = read_campaign_file(document, key=key)
    problems.add(path, reading.findings, document)
    for name, position in reading.accounts.items():
        place = ("accounts", position, "name")
        if name in accounts:
            what = f"{name} is an account of another campaign ({accounts[name]})"
            remedy = "give each campaign accounts of its own"
            problems.add(path, [Finding(path=place, what=what, remedy=remedy)], document)
        accounts.setdefault(name, f"{problems.place(path)}:{document.line(place)}")
    return reading


def _read_items(
    folder: CampaignFolder,
    surroundings: Surroundings,
    problems: _Problems,
    places: dict[tuple[str, str], tuple[str, int | None]],
) -> Iterator[Item]:
    """Read all item files of a campaign; a key stands for one item in all of them. `places` learns where."""
    taken: dict[str, str] = {}
    for path in folder.item_files:
        document = parse_file(path)
        problems.add(path, document.findings, document)
        if not document.is_readable:
            continue
        problems.add(path, form_findings(document), document)
        for reading in read_items_file(document, surroundings=surroundings):
            problems.add(path, reading.findings, document)
            problems.add(path, _taken_key(reading, taken), document)
            taken.setdefault(reading.key, f"{problems.place(path)}:{document.line(reading.path)}")
            if reading.item is not None:
                item = reading.item
                places[item.campaign, item.key] = problems.place(path), document.line(reading.path)
                yield item


def _taken_key(reading: ItemReading, taken: Mapping[str, str]) -> Iterator[Finding]:
    if reading.key in taken:
        what = f"another item has this key ({taken[reading.key]})"
        yield Finding(path=reading.path, what=what, remedy="give one of them another key")
