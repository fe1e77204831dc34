"""`card`: facts as pictures; and what a campaign with `cards: true` changes for the other commands."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest

from bot.app import App
from bot.config import load_settings
from bot.content.form import form_of, read_form
from bot.media.bytes_check import prove_bare
from bot.pipeline.desk import To

KEY = "torture-deaths-total"


@pytest.fixture
def with_cards(clone):
    """The clone, whose campaign Not Hostages asks for cards."""
    _ask_for_cards(clone, "not-hostages")
    return clone


def _ask_for_cards(clone, campaign):
    path = clone.path / "content" / campaign / "campaign.yaml"
    path.write_text(path.read_text(encoding="utf-8") + "cards: true\n", encoding="utf-8")


def test_card_is_written_and_described_in_each_language(here, clone):
    done = here("card", KEY)

    assert done.status == 0, done.err
    arabic, english = (clone.path / f"not-hostages.{KEY}.{language}.png" for language in ("ar", "en"))
    assert prove_bare(arabic.read_bytes()).width == prove_bare(english.read_bytes()).width == 1200
    assert arabic.read_bytes() != english.read_bytes()
    lines = done.out.splitlines()
    assert lines[0] == arabic.name
    assert lines[1].startswith("بطاقة: ")
    assert lines[4].startswith("Card: At least 14,388 people")


def test_card_as_json_in_one_language_into_a_file(here, clone):
    done = here("card", KEY, "--language", "en", "--out", "my.png", "--json")

    (card,) = done.json["cards"]
    assert card["path"] == "my.png"
    assert card["size"] == (clone.path / "my.png").stat().st_size
    assert (card["campaign"], card["item"], card["language"]) == ("not-hostages", KEY, "en")
    assert (card["width"], card["height"]) == (1200, 675)


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        pytest.param(
            ["nobody"], "there is no item 'nobody': its key stands in the campaign's files", id="unknown"
        ),
        pytest.param(
            ["campaign-launch"],
            "'campaign-launch' is an item of in-assads-prisons, not-hostages: name one with --campaign",
            id="of two campaigns",
        ),
        pytest.param(
            [KEY, "--language", "tr"],
            f"not-hostages/{KEY} is not written in 'tr'; it is in ar, en",
            id="another language",
        ),
        pytest.param(
            [KEY, "--campaign", "in-assads-prisons"],
            f"there is no item {KEY!r} in in-assads-prisons: its key stands in the campaign's files",
            id="another campaign",
        ),
        pytest.param(
            [KEY, "--out", "nowhere/at/all"],
            "nowhere/at/all: is no folder: name one that is there, since there are several cards",
            id="several into one file",
        ),
        pytest.param(
            [KEY, "--language", "en", "--out", "nowhere/card.png"],
            "nowhere/card.png: there is no folder nowhere: make it, or name another one",
            id="no such folder",
        ),
        pytest.param(
            [KEY, "--language", "en", "--out", "card.jpg"],
            "card.jpg: cards are PNG: name a file that ends in .png",
            id="another format",
        ),
        pytest.param(
            [KEY, "--out", "-"],
            "--out -: there are several cards: name one language, or a folder",
            id="several into standard output",
        ),
    ],
)
def test_what_cannot_be_drawn_is_named_with_the_remedy(here, arguments, complaint):
    done = here("card", *arguments)

    assert done.status == 1
    assert done.complaints == [complaint]


def test_call_to_action_has_no_card(here, clone):
    key = (clone.path / "content/not-hostages/calls.yaml").read_text().split("calls:\n  ")[1].split(":")[0]

    done = here("card", key, "--campaign", "not-hostages")

    assert done.complaints == [f"not-hostages/{key} is a call to action: cards show facts"]


def test_fact_that_is_too_long_is_named_with_its_place(here, clone):
    path = clone.path / "content/not-hostages/facts.yaml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("people died under torture in Syria, among", "people " * 90 + "among"))

    done = here("card", KEY, "--language", "en")

    assert done.status == 1
    assert done.complaints[0].startswith(f"not-hostages/{KEY} in en: its words in en are too long for a card")


def test_check_and_rehearse_store_no_card_and_plan_keeps_those_it_needs(here, with_cards):
    checked, rehearsed = here("check"), here("rehearse", "--days", "3", "--json")

    assert (checked.status, rehearsed.status) == (0, 0), checked.err + rehearsed.err
    assert not (with_cards.data / "media").exists()

    planned = here("plan", "--days", "3")

    assert planned.status == 0, planned.err
    pictures = list((with_cards.data / "media").glob("*.png"))
    assert pictures
    posts = with_cards.sql("SELECT picture FROM posts WHERE kind = 'fact' AND campaign = 'not-hostages'")
    assert posts
    assert all(picture for (picture,) in posts)
    assert not any(p for (p,) in with_cards.sql("SELECT picture FROM posts WHERE kind = 'call'"))


def test_planning_and_syncing_again_leaves_approvals_of_cards_alone(here, with_cards):
    path = with_cards.path / "content/not-hostages/campaign.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace("approval: false", "approval: true"))
    here("plan", "--days", "2")
    ((post,),) = with_cards.sql(
        "SELECT id FROM posts WHERE kind = 'fact' AND picture IS NOT NULL AND state = 'held' LIMIT 1"
    )
    approved = here("queue", "approve", str(post), "--by", "Huda")
    before = with_cards.sql("SELECT digest, approved_by FROM posts WHERE id = ?", post)

    path.write_text(path.read_text(encoding="utf-8").replace("grace: 15 minutes", "grace: 16 minutes"))
    synced, planned = here("sync"), here("plan", "--days", "3")

    assert (approved.status, synced.status, planned.status) == (0, 0, 0), approved.err + synced.err
    assert with_cards.sql("SELECT digest, approved_by FROM posts WHERE id = ?", post) == before
    assert before[0][1] == "Huda"


def test_preview_in_the_console_shows_a_card_and_keeps_it_only_once_queued(here, with_cards):
    here("sync")
    app = App(load_settings())
    campaign = next(one for one in app.content().campaigns if one.key == "not-hostages")
    item = next(one for one in app.content().items if one.key == KEY)
    form = form_of(item) | {"text_en": "Behind {total} there are names: {children}, {women}."}
    to, desk = [To(account="not_hostages_x", language="en")], app.desk("Huda")

    (seen,) = desk.preview(
        read_form(form, campaign=campaign), form, campaign=campaign.key, to=to, at=None, is_new=False
    )

    assert seen.picture.alt.startswith("Card: Behind 14,388 there are names")
    assert app.media.shows(seen.picture.file)
    assert not (with_cards.data / "media").exists()

    (queued,) = desk.queue_known(campaign.key, KEY, to=to, at=None)

    assert prove_bare(app.media.read(queued.post.picture.file)).width == 1200


@pytest.mark.parametrize("arguments", [["card", KEY], ["check"], ["plan"]], ids=lambda one: one[0])
def test_machine_without_typst_is_told_what_to_install_in_one_line(clone, arguments):
    _ask_for_cards(clone, "in-assads-prisons")
    hidden = "import sys; sys.modules['typst'] = None; from bot.cli import main; sys.exit(main())"

    done = subprocess.run(
        [sys.executable, "-c", hidden, *arguments],
        cwd=clone.path,
        env=clone.environment(),
        capture_output=True,
        encoding="utf-8",
        timeout=60,
    )

    assert done.returncode == 1
    assert done.stderr.splitlines() == [
        "campaign-bot: cards: typst or the fonts that cards are drawn with are not installed"
        " — pip install 'campaign-bot[cards]'"
    ]
    if arguments == ["plan"]:
        # The other campaign has no cards.
        planned = clone.sql("SELECT DISTINCT campaign FROM posts")
        assert planned == [("not-hostages",)]


def test_card_that_was_lost_from_the_media_folder_is_drawn_again_to_leave(here, with_cards):
    here("sync")
    added = here(
        *("queue", "add", "--campaign", "not-hostages", "--account", "not_hostages_x", "--language", "en"),
        *("--item", KEY, "--at", "now", "--by", "Huda"),
    )
    assert added.status == 0, added.err
    before = {path: path.read_bytes() for path in (with_cards.data / "media").iterdir()}
    assert before
    for path in before:
        path.unlink()

    sent = here("send", "--json")

    assert [post["state"] for post in sent.json["sent"]] == ["sent"]
    assert {path: path.read_bytes() for path in before} == before


def test_card_is_written_to_standard_output_and_nothing_beside_it(clone):
    done = subprocess.run(
        [sys.executable, "-m", "bot", "card", KEY, "--language", "en", "--out", "-"],
        cwd=clone.path,
        env=clone.environment(),
        capture_output=True,
        timeout=60,
    )

    assert done.returncode == 0, done.stderr
    assert prove_bare(done.stdout).width == 1200
    assert not list(clone.path.glob("-*"))


def test_check_tells_of_a_fact_too_long_for_a_card_once_for_a_language(here, with_cards):
    path = with_cards.path / "content/not-hostages/facts.yaml"
    campaign = with_cards.path / "content/not-hostages/campaign.yaml"
    campaign.write_text(f"{campaign.read_text(encoding='utf-8')}threads: true\n", encoding="utf-8")
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("people died under torture in Syria, among", "people " * 90 + "among"))

    done, as_json = here("check"), here("check", "--json")

    assert (done.status, as_json.status) == (0, 0), done.err
    notes = [line for line in done.out.splitlines() if line.startswith("note: ")]
    assert len(notes) == 1
    assert re.match(
        rf"note: content/not-hostages/facts.yaml:\d+: {KEY} in en: its words are too long for a card",
        notes[0],
    )
    assert len(as_json.json["notes"]) == 1


def test_check_names_a_letter_without_a_glyph_once_for_a_language_with_its_place(here, with_cards):
    path = with_cards.path / "content/not-hostages/facts.yaml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("people died under torture in Syria, among", "people 🕯 among"))

    done = here("check")

    assert done.status == 1
    assert len(done.complaints) == 1
    assert re.match(
        rf"content/not-hostages/facts.yaml:\d+: {KEY} in en: no font of the cards has 🕯", done.complaints[0]
    )
