"""docs/content.md shows what is read, and names every key."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from bot.content.reading import Content, read_content
from bot.content.schema import schemas
from bot.content.spreadsheet import export_items
from bot.core.campaign import Campaign


@pytest.fixture(scope="module")
def guide(repository: Path) -> str:
    return (repository / "docs" / "content.md").read_text(encoding="utf-8")


def test_examples_are_read(guide: str, tmp_path: Path) -> None:
    examples = re.findall(r"```yaml\n(.*?)```", guide, flags=re.DOTALL)
    folder = tmp_path / "content" / "my-campaign"
    folder.mkdir(parents=True)
    campaign, items = (text for text in examples if text.count("\n") > 1)
    (folder / "campaign.yaml").write_text(campaign, encoding="utf-8")
    (folder / "items.yaml").write_text(items, encoding="utf-8")

    content = read_content(folder.parent)

    assert [item.key for item in content.items] == ["lamps-broken", "lamps-lit", "light-a-lamp"]


def test_every_key_is_named(guide: str) -> None:
    known = [json.loads(text) for text in schemas().values()]
    models = [model for schema in known for model in (schema, *schema["$defs"].values())]
    keys = {key for model in models for key in model.get("properties", {})}

    assert {key for key in keys if f"`{key}`" not in guide} == set()


def test_every_column_is_named(guide: str, good: Content, lamps: Campaign) -> None:
    header = export_items(good.items, campaign=lamps).partition("\r\n")[0].removeprefix("\ufeff")

    columns = {re.sub("_en$", "_ar", column) for column in header.split(",")}

    assert {column for column in columns if f"`{column}`" not in guide} == set()


def test_defaults_are_the_readers_own(guide: str) -> None:
    properties = json.loads(schemas()["campaign.json"])["properties"]

    for key, field in properties.items():
        if "default" in field:
            shown = str(field["default"]).lower()
            assert re.search(rf"^\| `{key}` \| .+ \| `?{re.escape(shown)}`? \|$", guide, re.MULTILINE), key
