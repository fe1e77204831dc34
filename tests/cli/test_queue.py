"""`queue`: what somebody wrote on the spot, and every decision on single posts."""

from __future__ import annotations

import pytest

ADD = ("queue", "add", "--campaign", "not-hostages", "--account", "not_hostages_x", "--by", "Huda")
CALL = (*ADD, "--language", "en", "--kind", "call")
LATER = ("--at", "2031-05-05 10:00")
POST_KEYS = [
    "id",
    "state",
    "reason",
    "campaign",
    "account",
    "network",
    "language",
    "kind",
    "item",
    "due_at",
    "local_time",
    "zone",
    "text",
    "length",
    "cost_usd",
    "why",
    "attempts",
    "content_warning",
    "author",
    "approval_needed",
    "approved_by",
    "guard",
    "overruled",
    "picture",
]


def test_fact_on_the_spot_leaves_with_source_and_period_and_its_numbers_as_written(here, clone):
    done = here(
        *(*ADD, "--language", "ar", "--kind", "fact", "--text", "قُتل 14,388 شخصاً على الأقل."),
        *("--source-name", "الشبكة السورية", "--source-url", "https://مثال.example/تقرير"),
        *("--period", "2011-03/2020-06", *LATER, "--json"),
    )

    post = done.json
    assert done.status == 0
    assert post["text"].splitlines()[0] == "قُتل 14,388 شخصاً على الأقل."
    assert "الشبكة السورية (آذار 2011 – حزيران 2020)" in post["text"]
    (document,) = clone.sql("SELECT document FROM items WHERE key = ?", post["item"])[0]
    assert post["item"].startswith("queued-")
    assert "https://xn--mgbh0fb.example/%D8%AA%D9%82%D8%B1%D9%8A%D8%B1" in document
    assert '"plain_numbers":["14388"]' in document


@pytest.mark.parametrize(
    ("moment", "due_at", "local_time"),
    [
        pytest.param("2031-05-05 10:00", "2031-05-05T07:00:00Z", "2031-05-05T10:00:00+03:00", id="wall time"),
        pytest.param("2031-05-05T10:00", "2031-05-05T07:00:00Z", "2031-05-05T10:00:00+03:00", id="with a T"),
        pytest.param("2031-05-05T10:00:00Z", "2031-05-05T10:00:00Z", "2031-05-05T13:00:00+03:00", id="UTC"),
        pytest.param(
            "2031-05-05T10:00:00-05:00", "2031-05-05T15:00:00Z", "2031-05-05T18:00:00+03:00", id="offset"
        ),
        pytest.param("2031-05-05", "2031-05-04T21:00:00Z", "2031-05-05T00:00:00+03:00", id="day"),
    ],
)
def test_moment_is_wall_time_of_the_campaign_or_an_instant(here, moment, due_at, local_time):
    post = here(*CALL, "--text", "One", "--at", moment, "--json").json

    assert list(post) == ["post", *POST_KEYS[1:], "gave_way"]
    assert (post["due_at"], post["local_time"]) == (due_at, local_time)


def test_without_a_moment_it_takes_the_next_posting_time_and_what_was_planned_gives_way(here):
    planned = here("plan", "--days", "2", "--json").json["posts"]
    first = next(post for post in planned if post["campaign"] == "not-hostages")

    done = here(*CALL, "--text", "One")
    listed = here("queue", "show", str(first["id"]), "--json").json["post"]

    assert f"1 planned post gave way: {first['id']}." in done.out
    assert listed["state"] == "cancelled"


def test_item_of_the_files_is_queued_for_a_moment_of_its_own(here):
    post = here(*ADD, "--language", "en", "--item", "sit-ins", *LATER, "--json").json

    assert (post["item"], post["kind"]) == ("sit-ins", "fact")
    assert "Source: Enab Baladi" in post["text"]


def test_text_comes_from_a_file_or_from_standard_input(clone):
    (clone.path / "text").write_bytes("\ufeffأين هم؟\r\nتكلموا\n".encode())

    from_file = clone.run(*CALL, "--text-file", "text", *LATER, "--json").json
    from_input = clone.run(*CALL, "--text-file", "-", *LATER, "--json", stdin="أين\n").json

    assert from_file["text"].startswith("أين هم؟\nتكلموا\n")
    assert from_input["text"].startswith("أين\n")


def test_posts_are_held_released_moved_and_cancelled_by_name(here):
    for text in ("One", "Two"):
        here(*CALL, "--text", text, *LATER)

    held = here("queue", "hold", "1", "2", "--reason", "wait for SNHR", "--by", "Sami")
    released = here("queue", "release", "1", "--by", "Sami")
    moved = here("queue", "move", "1", "--to", "2031-05-06 11:30", "--by", "Sami", "--json")
    cancelled = here("queue", "cancel", "2", "--by", "Sami")
    history = here("queue", "show", "2")

    assert held.out.splitlines() == [
        "post 1 is held (wait for SNHR); its moment is Mon 2031-05-05 10:00 Asia/Damascus.",
        "post 2 is held (wait for SNHR); its moment is Mon 2031-05-05 10:00 Asia/Damascus.",
    ]
    assert released.out.startswith("post 1 is ready; ")
    assert moved.json["posts"][0]["local_time"] == "2031-05-06T11:30:00+03:00"
    assert cancelled.out.startswith("post 2 is cancelled (cancelled by hand); ")
    assert "before held, after cancelled, reason cancelled by hand, who Sami" in history.out


def test_post_is_moved_to_now_and_sent(here):
    here(*CALL, "--text", "One", *LATER)

    moved = here("queue", "move", "1", "--to", "now")
    sent = here("send", "--json").json["sent"]

    assert moved.status == 0
    assert [(one["post"], one["state"]) for one in sent] == [(1, "sent")]


def test_approval_is_somebody_elses_and_lets_the_post_go(here, clone):
    campaign = clone.path / "content" / "not-hostages" / "campaign.yaml"
    text = campaign.read_text(encoding="utf-8")
    campaign.write_text(text.replace("approval: false", "approval: true"), encoding="utf-8")
    here(*CALL, "--text", "One", *LATER)

    own = here("queue", "approve", "1", "--by", "Huda")
    released = here("queue", "release", "1")
    approved = here("queue", "approve", "1", "--by", "Sami", "--json")

    assert own.complaints == ["Huda wrote post 1: somebody else must approve it"]
    assert released.complaints == ["post 1 needs an approval: `campaign-bot queue approve 1`"]
    assert approved.json["posts"][0]["state"] == "ready"
    assert approved.json["posts"][0]["approved_by"] == "Sami"


def test_list_shows_what_waits_and_everything_when_asked(here):
    here(*CALL, "--text", "One", "--at", "now")
    here(*CALL, "--text", "Two", *LATER)
    here(*CALL, "--text", "Three", *LATER)
    here("send")
    here("queue", "hold", "3", "--reason", "wait")

    def states(*arguments: str) -> list[tuple[int, str]]:
        posts = here("queue", "list", *arguments, "--json").json["posts"]
        return [(post["id"], post["state"]) for post in posts]

    assert states() == [(2, "ready"), (3, "held")]
    assert states("--all") == [(1, "sent"), (2, "ready"), (3, "held")]
    assert states("--state", "held", "--state", "sent") == [(1, "sent"), (3, "held")]
    assert states("--all", "--account", "assads_prisons_x") == []
    assert states("--all", "--language", "ar") == []
    assert states("--days", "3") == []


def test_list_in_a_pipe_is_aligned_lines_without_tabs(here):
    assert here(*CALL, "--text", "One\nof many", *LATER).status == 0
    planned = here("plan", "--days", "2", "--json").json["posts"]

    lines = here("queue", "list").out.splitlines()

    column = lines[0].index("moment")
    assert lines[0].split() == [
        "post",
        "state",
        "moment",
        "zone",
        "account",
        "lang",
        "item",
        "picture",
        "text",
    ]
    assert all(line[column - 2 : column] == "  " for line in lines[1:-1] if line[:4].strip().isdigit())
    assert len(lines) == 1 + len(planned) + 1 + 1, "columns, planned posts, the one of 2031, the count"
    assert "\t" not in "".join(lines)
