"""A long fact as a thread, from its text to the networks: judged, rehearsed, paid for, sent part by part."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bot.content.reading import Content
from bot.core.campaign import Account, Network, Pace, Wording
from bot.core.errors import NotSentError
from bot.core.media import Picture, PostPicture
from bot.core.post import RenderedPost, State
from bot.media.folder import MediaFolder
from bot.pipeline.check import check_posts
from bot.pipeline.compose import Renders
from bot.pipeline.operate import Operator
from bot.pipeline.previews import previews
from bot.pipeline.rehearse import rehearse
from bot.pipeline.sync import Syncer
from bot.store import claims
from bot.text.links import has_link
from bot.text.numbering import without_number
from posting import CAMPAIGN, ScriptedPublisher, fact
from stage import Stage

ON = {
    network: Account(name=f"invented_{network}", network=network, languages=("en", "ar"), links=True)
    for network in Network
}
SENTENCES = [
    f"The keepers of mole {number} lit every one of their lamps that night." for number in range(1, 21)
]
LONG = " ".join(SENTENCES)
WARNING = {"en": "A storm", "ar": "عاصفة"}
THREADS = replace(CAMPAIGN, accounts=tuple(ON.values()), threads=True)
PICTURE = Picture(file="0" * 64, alt={"en": "A lamp", "ar": "مصباح"}, warning=True)


def long_fact(**changes: Any) -> Any:
    return fact(text=LONG, **changes)


def price(network: str, text: str, has_picture: bool) -> int:
    """As X charges, in its proportions."""
    return (200_000 if has_link(text) else 15_000) + 5_000 * has_picture if network == Network.X else 0


class _WithPicture:
    """A renderer whose posts have the pictures of the stage."""

    def __init__(self, renderer: Renders, picture: PostPicture) -> None:
        self._renderer = renderer
        self._picture = picture

    def render(self, item: Any, **named: Any) -> RenderedPost:
        return replace(self._renderer.render(item, **named), picture=self._picture)


def queued(
    stage: Stage, network: Network = Network.X, *, renderer: Renders | None = None, **changes: Any
) -> int:
    """Queue the long fact for now on one network, and return its number."""
    stage.take_in(THREADS, [long_fact(**changes)])
    stage.outlets.publishers.setdefault(ON[network].name, ScriptedPublisher())
    operator = Operator(
        stage.db, stage.clock, who="A Person", renderer=renderer or stage.renderer, prices=price
    )
    done = operator.queue_item(
        CAMPAIGN.key, "invented-fact", account=ON[network].name, language="en", at=stage.clock.now()
    )
    return done.post.id


def checked(stage: Stage, content: Content) -> Sequence[str]:
    """What `check` says can never be a post."""
    pictures = MediaFolder(stage.data_dir / "media")
    found = check_posts(
        content, renderer=stage.renderer, pictures=pictures, prices=price, now=stage.clock.now()
    )
    return [str(problem) for problem in found.problems]


def parts_of(stage: Stage, post: int) -> list[str]:
    with stage.db.read() as tx:
        return [part.text for part in claims.read_parts(tx, post)]


def whole(texts: list[str]) -> str:
    return " ".join(without_number(text, number, len(texts)) for number, text in enumerate(texts, start=1))


@pytest.mark.parametrize("network", list(Network))
def test_each_part_of_a_long_fact_leaves_in_answer_to_the_one_before(stage: Stage, network: Network):
    number = queued(stage, network)
    account = ON[network].name
    texts = parts_of(stage, number)

    stage.process().sender.drain(account)

    requests = stage.network(account=account).requests
    assert [request.text for request in requests] == texts
    assert [request.reply_to for request in requests] == [None, *stage.remote_ids(number)[:-1]]
    assert stage.state(number) is State.SENT
    assert stage.log_problems() == []
    said = whole(texts)
    assert [said.count(sentence) for sentence in SENTENCES] == [1] * len(SENTENCES)
    assert len(texts) == {"x": 6, "bluesky": 6, "mastodon": 3, "telegram": 1}[network]


def test_a_long_fact_that_broke_goes_on_with_its_next_part(stage: Stage):
    number = queued(stage)
    account = ON[Network.X].name
    texts = parts_of(stage, number)
    publisher = stage.network(account=account)
    process = stage.process()
    process.send(account)
    publisher.then(NotSentError("no route"))
    process.send(account)

    stage.pass_time(minutes=2)
    process.sender.drain(account)

    assert [request.text for request in publisher.requests] == [texts[0], texts[1], *texts[1:]]
    assert stage.state(number) is State.SENT


def test_a_link_costs_in_the_part_that_has_it_and_the_picture_in_the_first(stage: Stage):
    without = stage.post(queued(stage))
    picture = stage.album.add("lamp")

    stage.pass_time(days=40)
    beside = stage.post(queued(stage, renderer=_WithPicture(stage.renderer, picture)))

    assert without.cost_usd_micros == 5 * 15_000 + 200_000
    assert beside.cost_usd_micros == without.cost_usd_micros + 5_000


def test_picture_leaves_with_the_first_part_and_the_warning_with_each(stage: Stage):
    picture = stage.album.add("lamp", warning=True)
    account = ON[Network.MASTODON].name
    renderer = _WithPicture(stage.renderer, picture)

    number = queued(stage, Network.MASTODON, renderer=renderer, picture=PICTURE, content_warning=WARNING)
    stage.process().sender.drain(account)

    first, *others = stage.network(account=account).requests
    assert stage.state(number) is State.SENT
    assert first.picture is not None
    assert others
    assert all(other.picture is None for other in others)
    assert {request.content_warning for request in (first, *others)} == {"A storm"}


def test_part_that_is_too_long_beside_the_picture_may_leave_without_one(stage: Stage):
    picture = stage.album.add("lamp")
    account = ON[Network.TELEGRAM].name
    more = " ".join(f"{sentence} And {sentence}" for sentence in SENTENCES)
    renderer = _WithPicture(stage.renderer, picture)

    number = queued(
        stage,
        Network.TELEGRAM,
        renderer=renderer,
        picture=PICTURE,
        wordings={"en": Wording(text=more), "ar": Wording(text="كلمات.")},
    )
    stage.process().sender.drain(account)

    first, second = (len(text) for text in parts_of(stage, number))
    assert first <= 1024 < second
    assert stage.state(number) is State.SENT


def test_thread_whose_warning_covers_its_first_part_alone_is_held(stage: Stage):
    picture = stage.album.add("lamp", warning=True)

    number = queued(
        stage, renderer=_WithPicture(stage.renderer, picture), picture=PICTURE, content_warning=WARNING
    )

    assert (stage.state(number), stage.post(number).guard) == (State.HELD, "warning")


def test_guards_read_a_thread_as_one(stage: Stage):
    post = stage.post(queued(stage))

    assert (post.state, post.reason) == (State.READY, "")


def test_hashtag_with_a_comma_behind_it_is_there(stage: Stage):
    text = f"We say #Invented, again. {LONG}"

    number = queued(stage, wordings={"en": Wording(text=text), "ar": Wording(text="كلمات.")})

    assert stage.state(number) is State.READY
    assert sum(text.count("#Invented") for text in parts_of(stage, number)) == 1


def test_a_thread_and_one_message_that_say_the_same_share_their_fingerprint(stage: Stage):
    thread = stage.post(queued(stage, Network.X))
    message = stage.post(queued(stage, Network.TELEGRAM))

    assert thread.fingerprint == message.fingerprint


def test_pace_counts_a_long_fact_once(stage: Stage):
    paced = replace(ON[Network.X], pace=Pace(gap=timedelta(hours=1), per_hour=1))
    number = queued(stage)
    stage.take_in(replace(THREADS, accounts=(paced,)))

    stage.process().sender.drain(paced.name)

    assert stage.state(number) is State.SENT


def test_long_fact_that_changes_is_divided_anew(stage: Stage):
    number = queued(stage)
    shorter = long_fact(wordings={"en": Wording(text=" ".join(SENTENCES[:8])), "ar": Wording(text="كلمات.")})
    content = Content(campaigns=(THREADS,), items=(shorter,))
    before = parts_of(stage, number)

    Syncer(stage.db, stage.clock, renderer=stage.renderer, prices=price).sync(content)

    after = parts_of(stage, number)
    assert len(after) < len(before)
    assert after[-1].endswith(f"{len(after)}/{len(after)}")


def test_rehearsal_shows_the_parts_that_will_leave(stage: Stage):
    content = Content(campaigns=(THREADS,), items=(long_fact(),))

    rehearsal = rehearse(
        content,
        db=None,
        start=stage.clock.now(),
        end=stage.clock.now() + timedelta(days=1),
        renderer=stage.renderer,
        prices=price,
    )

    on_x = next(post for post in rehearsal.posts if (post.network, post.language) == ("x", "en"))
    assert [part.text for part in on_x.parts] == parts_of(stage, queued(stage))
    assert on_x.length == max(part.length for part in on_x.parts)


def test_check_says_what_would_help_where_the_campaign_allows_no_thread(stage: Stage):
    content = Content(campaigns=(replace(THREADS, threads=False),), items=(long_fact(),))

    problems = checked(stage, content)

    on_x = next(problem for problem in problems if "invented_x" in problem)
    assert on_x.endswith('; or write "threads: true" in the campaign: it then leaves in 6 parts')


def test_check_names_what_no_thread_can_hold(stage: Stage):
    endless = long_fact(wordings={"en": Wording(text=LONG * 3), "ar": Wording(text="كلمات.")})
    content = Content(campaigns=(THREADS,), items=(endless,))

    problems = checked(stage, content)

    assert {problem.rpartition("; ")[2] for problem in problems} == {
        "nor can it be divided into 9 parts or fewer"
    }


def test_preview_measures_each_part_by_its_own_limit(stage: Stage):
    picture = stage.album.add("lamp")
    more = " ".join(f"{sentence} And {sentence}" for sentence in SENTENCES)
    item = long_fact(wordings={"en": Wording(text=more), "ar": Wording(text="كلمات.")}, picture=PICTURE)
    campaign = replace(THREADS, accounts=(ON[Network.TELEGRAM],))

    preview, _ = previews(
        item,
        campaign=campaign,
        renderer=_WithPicture(stage.renderer, picture),
        prices=price,
        now=stage.clock.now(),
    )

    assert preview.limits == (1024, 4096)
    assert preview.length <= preview.limit
    assert preview.limit == 1024
