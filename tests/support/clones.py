"""What a clone holds for organisers: the campaigns and the templates."""

from __future__ import annotations

import shutil
from pathlib import Path

_ROOT = Path(__file__).parents[2]


def copy_content(to: Path) -> None:
    """Copy content and templates, without any account's pace: tests send several posts at once."""
    for part in ("content", "templates"):
        shutil.copytree(_ROOT / part, to / part)
    for file in (to / "content").glob("*/campaign.yaml"):
        lines = file.read_text(encoding="utf-8").splitlines(keepends=True)
        file.write_text("".join(line for line in lines if "pace:" not in line), encoding="utf-8")
