"""A Mastodon server's token in no log line, error, traceback or repr."""

from __future__ import annotations

import base64
import re
from urllib.parse import quote

import pytest

from bot.core.errors import PublishError
from bot.publishing.mastodon import MastodonPublisher, build
from bot.publishing.protocol import AccountSettings
from bot.publishing.transport import Timeouts
from overhearing import all_of, everything_at_debug, everything_heard

#: Looks different when it is encoded; the fake server refuses it, but has to be told it.
CANARY = "canary+one/CANARY=1"


def _hits(text: str) -> list[str]:
    once = quote(CANARY, safe="")
    plain, wrapped = (base64.b64encode(form.encode()).decode() for form in (CANARY, f"user:{CANARY}"))
    forms = {CANARY, once, quote(once, safe=""), plain.rstrip("="), wrapped.rstrip("=")[8:-2]}
    return [form for form in forms if form in text]


@pytest.mark.parametrize(
    "fault",
    [
        pytest.param(None, id="the server's own 401"),
        *(
            pytest.param({"kind": "echo", "status": status}, id=f"{status} that repeats it")
            for status in (200, 307, 400, 401, 403, 404, 422, 429, 500)
        ),
        pytest.param({"kind": "refuse"}, id="refused"),
        pytest.param({"kind": "drop"}, id="dropped"),
        pytest.param({"kind": "late", "seconds": 20}, id="late"),
        pytest.param({"kind": "wrong_json"}, id="no JSON"),
    ],
)
def test_the_token_is_not_told_when_something_is_wrong(fake_mastodon, clock, request_of, fault):
    settings = AccountSettings(account="a", api_url=fake_mastodon.url, secrets={"ACCESS_TOKEN": CANARY})
    with everything_heard() as heard:
        build(settings, clock=clock)
        publisher = MastodonPublisher(settings, clock=clock, timeouts=Timeouts(read=0.5))
        everything_at_debug()
        if fault:
            fake_mastodon.faults(fault)

        with pytest.raises(PublishError) as caught:
            publisher.publish(request_of())

    told = "\n".join((heard.getvalue(), all_of(caught.value), repr(publisher), f"{settings}"))
    assert _hits(told) == []


def test_the_token_is_not_told_when_all_is_well(mastodon_publisher, clock, request_of):
    with everything_heard() as heard:
        mastodon_publisher.publish(request_of())
        mastodon_publisher.find(request_of(), since=clock.now())
        mastodon_publisher.check()

    assert "invented-token-of-campaign" not in heard.getvalue() + repr(mastodon_publisher)
    assert not re.search(r"^(mastodon|urllib3|requests)\S* (DEBUG|INFO)", heard.getvalue(), re.MULTILINE)
