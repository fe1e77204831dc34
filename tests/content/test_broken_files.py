"""Each way in which content is wrong gives its one clear line, and docs/content.md explains that line."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.content.spreadsheet import import_items
from bot.core.campaign import Campaign
from bot.core.errors import ContentError

_HERE = Path(__file__).parent


def _cases(name: str) -> list[dict[str, Any]]:
    cases: list[dict[str, Any]] = yaml.safe_load((_HERE / "cases" / name).read_text(encoding="utf-8"))
    return cases


_CAMPAIGN, _ITEMS, _FILES, _SPREADSHEET = map(
    _cases, ("campaign.yaml", "items.yaml", "files.yaml", "spreadsheet.yaml")
)


def _by_id(cases: list[dict[str, Any]]) -> list[Any]:
    return [pytest.param(case, id=case["id"]) for case in cases]


@pytest.mark.parametrize("case", _by_id(_CAMPAIGN))
def test_mistake_in_a_campaign_file_gives_its_one_line(
    change: Callable[[str, str, str], None], problems: Callable[[], list[str]], case: dict[str, Any]
) -> None:
    change("campaign.yaml", case["old"], case["new"])

    assert problems() == [case["says"]]


@pytest.mark.parametrize("case", _by_id(_ITEMS))
def test_mistake_in_a_file_of_items_gives_its_one_line(
    change: Callable[[str, str, str], None], problems: Callable[[], list[str]], case: dict[str, Any]
) -> None:
    change("facts.yaml", case["old"], case["new"])

    assert problems() == [case["says"]]


@pytest.mark.parametrize("case", _by_id(_FILES))
def test_file_that_is_wrong_as_a_whole_gives_its_one_line(
    folder: Path, problems: Callable[[], list[str]], case: dict[str, Any]
) -> None:
    text = case["text"]
    if "old" in case:
        text = (folder / text).read_text(encoding="utf-8").replace(case["old"], case["new"])
    path = folder / case["file"]
    path.parent.mkdir(exist_ok=True)
    path.write_bytes((text * case.get("times", 1)).encode(case.get("encoding", "utf-8")))

    assert problems() == [case["says"]]


@pytest.mark.parametrize("case", _by_id(_SPREADSHEET))
def test_mistake_in_a_spreadsheet_gives_its_one_line(lamps: Campaign, case: dict[str, Any]) -> None:
    with pytest.raises(ContentError) as caught:
        import_items(case["text"], campaign=lamps, where="items.csv")

    assert str(caught.value) == case["says"]


def test_every_message_is_explained_and_every_explained_message_exists(repository: Path) -> None:
    guide = (repository / "docs" / "content.md").read_text(encoding="utf-8")
    messages = guide.partition("## What each message means")[2]
    explained = re.findall(r"^\| `(.+?)` \|", messages, flags=re.MULTILINE)
    said = [case["says"] for cases in (_CAMPAIGN, _ITEMS, _FILES, _SPREADSHEET) for case in cases]
    said += [
        "content: there is no such folder — …",
        "content: there is no campaign here — …",
        "facts.yaml:1: this file cannot be opened (Permission denied) — …",
        "campaign.yaml:1: posting_times: the campaign has no time to post at — …",
    ]

    forms = {row: re.compile(rf"(?:^|: ){_pattern(row)}(?: — |$)") for row in explained}

    assert [line for line in said if not any(form.search(line) for form in forms.values())] == []
    assert [row for row, form in forms.items() if not any(form.search(line) for line in said)] == []


def _pattern(row: str) -> str:
    return ".+?".join(re.escape(part) for part in row.replace("\\|", "|").split("…"))
