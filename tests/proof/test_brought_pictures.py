"""A picture that was brought serves each repeat of its post, in whatever process, as long as it is kept."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bot.core.post import State
from mastodon_stage import MEDIA
from network_stage import NetworkStage, on
from posting import CAMPAIGN, fact

LONG = timedelta(days=30)


@pytest.fixture
def stage(network_stage: Callable[[str], NetworkStage]) -> NetworkStage:
    stage = network_stage("mastodon")
    stage.take_in(on(stage.network, replace(CAMPAIGN, grace=LONG)), [fact()])
    return stage


def requests_to(stage: NetworkStage, end: str) -> list[dict[str, Any]]:
    """What arrived to be stored at an address."""
    return [
        entry for entry in stage.fake.journal() if entry["method"] == "POST" and entry["path"].endswith(end)
    ]


def test_repeat_by_another_process_names_the_same_picture_under_the_same_key(stage):
    picture = stage.album.add("one")
    post_id = stage.add(grace=LONG, picture=picture)
    first = stage.process()
    stage.faults({"kind": "drop", "when": "before"})
    first.send()
    first.die()

    finally_ = stage.come_to_rest(post_id, stage.process())

    assert finally_ is State.SENT
    assert len(requests_to(stage, "/media")) == 1
    lost, repeat = requests_to(stage, "/statuses")
    assert (lost["fields"], lost["key"]) == (repeat["fields"], repeat["key"])
    assert stage.fake.posts()[0]["pictures"] == stage.as_seen(picture)


def test_picture_is_brought_anew_when_the_server_may_have_deleted_it(stage):
    picture = stage.album.add("one")
    post_id = stage.add(grace=LONG, picture=picture)
    process = stage.process()
    stage.faults(stage.one_too_many)
    process.send()
    assert stage.state(post_id) is State.READY

    stage.pass_time(hours=25)
    process.send()

    assert stage.state(post_id) is State.SENT
    assert len(requests_to(stage, "/media")) == 2
    assert stage.fake.posts()[0]["pictures"] == stage.as_seen(picture)


def test_picture_that_died_on_its_way_is_brought_by_the_next_process(stage):
    post_id = stage.add(grace=LONG, picture=stage.album.add("one"))
    first = stage.process()
    stage.faults({"kind": "drop", "when": "after", "on": MEDIA})
    first.send()
    first.die()

    finally_ = stage.come_to_rest(post_id, stage.process())

    assert finally_ is State.SENT
    assert [len(post["pictures"]) for post in stage.fake.posts()] == [1]


def test_posts_of_two_languages_show_one_picture_with_the_words_of_each(stage):
    english, arabic = (stage.album.add("one", alt=alt) for alt in ("A street.", "شارع."))
    stage.add_all(
        [
            stage.ready_post(texts=("In English.",), picture=english),
            stage.ready_post(texts=("بالعربية.",), language="ar", picture=arabic),
        ]
    )
    process = stage.process()

    process.send()
    stage.pass_time(minutes=11)
    process.send()

    assert [post["pictures"] for post in stage.fake.posts()] == [
        stage.as_seen(english),
        stage.as_seen(arabic),
    ]


def test_second_part_of_a_thread_carries_no_picture(stage):
    picture = stage.album.add("one")
    post_id = stage.add(texts=("Part one.", "Part two."), grace=LONG, picture=picture)
    process = stage.process()

    finally_ = stage.come_to_rest(post_id, process)

    assert finally_ is State.SENT
    assert [post["pictures"] for post in stage.fake.posts()] == [stage.as_seen(picture), []]
