"""What Bluesky answered, and what became of a request to it."""

from __future__ import annotations

from bot.web.speech.sentences import noted

BLUESKY: tuple[str | tuple[str, str], ...] = (
    noted("Bluesky answered {n}: {detail}"),
    # Whole, with what the bot adds: the server's words before it may be any, and may hold a joint.
    noted("Bluesky answered {n}: {detail}; the outcome is not known"),
    noted("{reason}; the answer cannot be read; the outcome is not known"),
    noted("Bluesky answered {n}: {detail}; it names no moment"),
    noted("Bluesky answered {n}: {detail}; not before {when} UTC"),
    noted("{reason} — another record has this post's key already"),
    noted("{reason} — check the account's handle and app password"),
    noted("{reason} — sign in to the account at bsky.app and see what is wrong"),
    noted("{reason} — this is the account's own password: make an app password and use that"),
    noted("Bluesky answered {n}: {detail}, but the answer cannot be read: {reason}"),
    noted("Bluesky accepted the post ({n}), but its answer cannot be read: {reason}"),
    noted("it does not name the post"),
    noted("Bluesky gave no answer: the request had left, then {what}"),
    noted("Bluesky could not be asked: {what}"),
    noted("Bluesky could not be looked at: {reason}"),
    # Whole: else the look would be taken for a part of the network's name.
    noted(
        "Bluesky could not be looked at: Bluesky gave no answer: the request had left, then {what};"
        " the outcome is not known"
    ),
    noted("Bluesky could not be looked at: Bluesky could not be asked: {what}; the outcome is not known"),
    noted("Bluesky could not be looked at: Bluesky was not reached: {what}; nothing was sent"),
    noted("Bluesky has another post under this one's key: {url}"),
    noted("{text} is no post of Bluesky: a key has 13 letters and digits"),
    noted("Bluesky's answer about the account holds no handle"),
    noted("the part before this one is not on Bluesky any more: a reply would hang in the air"),
    noted("the part before this one could not be read: {reason}; nothing was sent"),
    noted("this post has no moment, and Bluesky's key is made from it: move it to one"),
    noted("part {n}: a thread on Bluesky has parts 1 to {n2}"),
    noted("Bluesky takes {n} characters in {n2} bytes, this text has {n3}: shorten it"),
    noted("Bluesky would refuse this post: {detail}"),
    noted("Bluesky takes pictures of {n} bytes, this one has {n2}: use a smaller one"),
    noted("Bluesky shows {n} characters of a picture's description, this one has {n2}: shorten it"),
    noted(
        "Bluesky keeps another file than the one it was given: {text} in place of {text2}"
        " — add the picture again"
    ),
    noted("{reason}; no post shows the picture yet, so it is brought again"),
    noted("Bluesky did not {what}: {reason}; the post was not sent"),
    noted("renew the session"),
    noted("sign in"),
    noted("its answer cannot be read: {reason}"),
    noted("it holds no session"),
    noted("the session could not be renewed: {reason}; the post was not sent"),
    noted("{name}: the session cannot be kept ({reason}): nothing was sent"),
    noted("another process is renewing the account's session: nothing was sent"),
    noted("make one at bsky.app: Settings, Privacy and security, App passwords"),
    noted("{text} is no handle of Bluesky"),
    noted("write e.g. handle: campaign.example.org"),
    noted("there is no folder to keep its session in"),
    noted("set BOT_DATA_DIR"),
    noted("{text} is no address of Bluesky"),
    noted("write e.g. https://bsky.social"),
)
