"""What the bot really said while things happened to posts is said in the page's language, in whole."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import timedelta

import pytest

from bot.core.errors import BotError, RejectedError, UnconfirmedError
from bot.core.post import State
from bot.pipeline.health import Health
from bot.web.speech import speaking
from bot.web.speech.known import PATTERNS
from bot.web.speech.said import compiled, known, marked, said
from stage import Stage

#: Foreign letters in an Arabic sentence are names; whole English words in a row are a sentence left behind.
_ENGLISH = ("the ", " its ", " was ", " is ", "waits", "nothing")


def refused(act: Callable[[], object]) -> str:
    with pytest.raises(BotError) as error:
        act()
    return str(error.value)


def test_reasons_of_posts_are_said(stage: Stage) -> None:
    now = stage.clock.now()
    late, held, doubtful, wrong = (stage.add(due_at=now - timedelta(minutes=number)) for number in range(4))
    operator = stage.operator()
    operator.hold(held, reason="waits for an approval of this text")
    stage.network(RejectedError("X answered 400: Bad Request"), UnconfirmedError("read timeout"))
    process = stage.process()
    for _ in range(2):
        process.send()
    stage.pass_time(hours=3)
    process.sweep()
    process.send()

    reasons = {stage.reason(post) for post in (late, held, doubtful, wrong)} - {"", "read timeout"}
    with speaking("ar"):
        unsaid = [reason for reason in reasons if said(reason) is None]

    assert reasons
    assert unsaid == []


def test_refusals_are_said_and_name_no_command(stage: Stage) -> None:
    sent, waiting = stage.add(), stage.add(due_at=stage.clock.now() + timedelta(days=1))
    stage.process().send()
    operator, resolver = stage.operator(), stage.resolver()
    refusals = [
        refused(lambda: operator.hold(sent, reason="")),
        refused(lambda: operator.release(waiting)),
        refused(lambda: operator.approve(waiting)),
        refused(lambda: operator.cancel(sent, reason="")),
        refused(lambda: operator.hold(4711, reason="")),
        refused(lambda: resolver.leave(waiting)),
        refused(lambda: operator.pause(campaign="nobody-s", account=None, language=None, reason="")),
    ]

    for language in ("ar", "en", "tr"):
        with speaking(language):
            pages = [said(refusal) for refusal in refusals]

        assert None not in pages, [one for one, page in zip(refusals, pages, strict=True) if page is None]
        assert not any("campaign-bot" in str(page) or "`" in str(page) for page in pages)


def test_problems_of_the_bot_itself_are_said() -> None:
    health = Health(last_tick=timedelta(minutes=5), is_paused_by_file=False, stored=None)

    with speaking("tr"):
        assert [said(problem) for problem in health.problems] == [
            "gönderim adımı çalışmıyor",
            "veritabanı okunamıyor",
        ]


@pytest.mark.parametrize(
    ("text", "arabic"),
    [
        pytest.param("queued by Huda", "أضافه إلى قائمة الانتظار \u2068Huda\u2069", id="a name"),
        pytest.param("queued by هدى", "أضافه إلى قائمة الانتظار هدى", id="an Arabic name"),
        pytest.param(
            "pace: invented_x posts at most 3 times an hour",
            "الوتيرة: \u2068invented_x\u2069: عدد المنشورات في الساعة لا يتجاوز 3",
            id="a guard",
        ),
        pytest.param(
            "its grace ended at 2026-03-01 10:15 UTC while held "
            "(period: was to be checked again by 2026-02-01)",
            "انتهت مهلته في 1 آذار 10:15 (UTC) وحالته «موقوف» "
            "(الفترة: كان يجب التحقق منها مجدداً قبل الأحد 1 شباط 2026)",
            id="a sentence within a sentence",
        ),
        pytest.param(
            "paused (campaign not-hostages, account not_hostages_x): the office is searched",
            "موقوف مؤقتاً (الحملة \u2068not-hostages\u2069، الحساب \u2068not_hostages_x\u2069): "
            "\u2068the office is searched\u2069",
            id="words of a person stay as they are",
        ),
        pytest.param(
            "facts.yaml:3: the number 14388 is typed — declare it under figures",
            "\u2068facts.yaml:3\u2069: العدد 14,388 مكتوب باليد — أضيفوه إلى الأرقام",
            id="a problem with its place and its remedy",
        ),
    ],
)
def test_what_stands_in_a_sentence_is_written_for_the_reader(text: str, arabic: str) -> None:
    with speaking("ar"):
        assert said(text) == arabic


def test_an_unknown_sentence_stands_in_english_and_is_escaped() -> None:
    with speaking("ar"):
        page = marked("no such <sentence> & none of ours")

    assert page == '<bdi lang="en" dir="ltr">no such &lt;sentence&gt; &amp; none of ours</bdi>'


@pytest.mark.parametrize("text", ["سبب كتبه شخص", "başka bir neden", "#ليسوا_رهائن", "Huda"])
def test_words_of_people_in_other_languages_are_not_called_english(text: str) -> None:
    with speaking("ar"):
        assert marked(text) == f"<bdi>{text}</bdi>"


def test_a_period_alone_is_written_as_people_write_it() -> None:
    with speaking("ar"):
        assert said("2011-03/2020-06") == "آذار 2011 – حزيران 2020"


def test_the_answer_is_that_of_the_reader_who_asks() -> None:
    with speaking("ar"):
        arabic = said("queued by Huda")
    with speaking("tr"):
        turkish = said("queued by Huda")
    with speaking("ar", arabic_digits=True):
        digits = said("post 12 needs no approval; its campaign does not ask for any")

    assert arabic != turkish
    assert digits is not None
    assert "١٢" in digits


def test_hostile_words_break_no_sentence() -> None:
    for word in ("{0}", "{who.__class__}", "%(who)s", "%s", "</bdi><script>", "\u202e", "a" * 1_000):
        for language in ("ar", "en", "tr"):
            with speaking(language):
                assert word in (said(f"queued by {word}") or "")
                assert "<script>" not in marked(f"queued by {word}")


def test_a_long_unknown_text_is_read_in_no_time() -> None:
    text = "; ".join(["a: b"] * 2_000) + " — " + ". ".join(["no, this is nothing"] * 2_000)

    with speaking("ar"):
        assert said(text) is None


def test_no_two_patterns_are_the_same_and_each_keeps_its_places() -> None:
    read = [compiled(*(one if isinstance(one, tuple) else (one,))) for one in PATTERNS]

    assert len({one.pattern.pattern for one in read}) == len(known())
    assert not [one.shown for one in read if set(compiled(one.shown).places) - set(one.places)]


def test_states_that_stand_in_sentences_are_words_of_the_page() -> None:
    for state in State:
        with speaking("ar"):
            found = said(f"post 7 is no longer {state}: it stays as it is")

        assert found is not None
        assert state.value not in found
        assert not any(word in found for word in _ENGLISH)


@pytest.mark.parametrize(
    "piece",
    [
        ": ",
        "; ",
        "a: b; ",
        "a; b: c. d — ",
        "x/y in a for b: ",
        "pace: ",
        "link a has a host that is none, b: c; ",
    ],
)
def test_no_odd_sentence_keeps_a_page_waiting(piece: str) -> None:
    sentence = (piece * 2000)[:1999] + "z"
    known()
    began = time.process_time()

    said(sentence)

    assert time.process_time() - began < 0.5
