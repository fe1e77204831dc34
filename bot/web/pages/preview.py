"""What a post will look like, while somebody is still typing: an answer for the script of the form."""

from __future__ import annotations

from typing import Any

from flask import get_template_attribute, render_template, request

from bot.core.people import Role
from bot.web.pages import ITEM_BODY, Pages
from bot.web.speech import _, ngettext
from bot.web.writing import Writing, chosen_campaign, of_request

pages = Pages(__name__)


@pages.post("/preview", needs=Role.AUTHOR, largest=ITEM_BODY)
def preview() -> dict[str, Any]:
    campaign = chosen_campaign(request.form.get("campaign"))
    if campaign is None:
        return {}
    # An item that exists keeps its key; a new one gets its own when it is stored.
    key = request.form.get("key") or None
    writing = of_request(campaign, asks_whom="when" in request.form, key=key, is_page=False)
    meter = get_template_attribute("_writing.html", "short_meter")
    sentences = get_template_attribute("_writing.html", "sentences")
    return {
        "previews": render_template("_previews.html", writing=writing),
        "meters": {language: meter(writing, language) for language in campaign.languages},
        "problems": {field: sentences(problems) for field, problems in writing.problems.items()},
        "numbers": get_template_attribute("_writing.html", "numbers_line")(writing),
        "button": writing.button_words,
        "cost": writing.cost_words,
        "outlook": get_template_attribute("_moment_choice.html", "outlook_lines")(
            writing.outlook, writing.campaign.zone
        ),
        "spoken": _spoken(writing),
    }


def _spoken(writing: Writing) -> str:
    """The state of it in one line, for those who hear the page."""
    amiss = sum(len(problems) for problems in writing.problems.values())
    seen = ngettext("%(num)s preview", "%(num)s previews", len(writing.previews))
    if not amiss:
        return seen
    wrong = ngettext("%(num)s thing to mend", "%(num)s things to mend", amiss)
    return _("%(seen)s, %(wrong)s", seen=seen, wrong=wrong)
