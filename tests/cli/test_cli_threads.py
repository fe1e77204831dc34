"""A thread on the command line: allowed by its campaign, rehearsed, queued and shown part by part."""

from __future__ import annotations

import pytest

from bot.text.numbering import without_number

CALL = ("queue", "add", "--campaign", "not-hostages", "--account", "not_hostages_x", "--kind", "call")
LATER = ("--language", "en", "--at", "2031-05-05 10:00")
LONG = " ".join(f"Family {name} asks every day where its own are." for name in "ABCDEFGHIJ")


@pytest.fixture
def with_threads(clone, here):
    campaign = clone.path / "content" / "not-hostages" / "campaign.yaml"
    campaign.write_text(f"{campaign.read_text()}\nthreads: true\n")
    assert here("sync").status == 0
    return here


def test_a_long_text_is_refused_with_what_would_help(here):
    done = here(*CALL, "--text", LONG, *LATER)

    assert done.status == 1
    assert 'or write "threads: true" in the campaign: it then leaves in 2 parts' in done.err


def test_a_thread_is_shown_part_by_part(with_threads):
    queued = with_threads(*CALL, "--text", LONG, *LATER, "--json").json

    shown = with_threads("queue", "show", str(queued["post"]), "--json").json
    page = with_threads("queue", "show", str(queued["post"])).out

    texts = [part["text"] for part in shown["parts"]]
    assert [part["part"] for part in shown["parts"]] == [1, 2]
    assert "#NotHostages" in texts[0]
    assert without_number(texts[1], 2, 2).endswith("Family J asks every day where its own are.")
    first, second = (part["length"] for part in shown["parts"])
    assert f"thread of 2 parts, {first}/280, {second}/280" in page


def test_a_rehearsal_gives_the_parts_of_each_post(with_threads):
    with_threads(*CALL, "--text", LONG, "--language", "en", "--at", "2026-12-24 10:07")

    days = ("--campaign", "not-hostages", "--from", "2026-12-24", "--days", "1")
    posts = with_threads("rehearse", *days, "--json").json["posts"]
    page = with_threads("rehearse", *days).out

    assert all(post["text"] == "\n\n".join(part["text"] for part in post["parts"]) for post in posts)
    (thread,) = (post for post in posts if len(post["parts"]) == 2)
    assert thread["text"].startswith("Family A asks")
    assert "thread of 2 parts" in page
