"""What Mastodon servers answered, and what became of a request to them."""

from __future__ import annotations

from bot.web.speech.sentences import noted

MASTODON: tuple[str | tuple[str, str], ...] = (
    noted("Mastodon answered {n}: {detail}"),
    noted("Mastodon answered {n} without a post: {detail}"),
    noted("Mastodon accepted the post ({n}), but its answer cannot be read: {reason}; its link is not known"),
    noted("Mastodon could not be looked at: {reason}"),
    noted("Mastodon has a post that says nearly the same: {url}"),
    noted("{text} is no post of Mastodon: copy its id from the log"),
    noted("Mastodon answered 404: the post is gone already, or this server deletes nothing by command"),
    noted("look at it in a browser"),
    noted("this server shows its newest posts only: they do not go back far enough"),
    noted("Mastodon's clock differs from this machine's by {n} s: its posts' moments prove nothing"),
    noted("Mastodon's answer about the account holds no id and user name"),
    noted("Mastodon answered {n} when the account's own posts were read"),
    noted("Mastodon's answer to a look at the account's own posts cannot be read: {reason}"),
    noted("it is no list of posts"),
    noted("a post in it has no moment"),
    noted("check the account's access token, and make a new one if need be"),
    noted("sign in to the account with a browser, and make a token with the scopes that it needs"),
    noted(
        "{url} takes posts of {n} characters, and counts a link as {n2}; the bot writes up to {n3},"
        " with {n4} for a link"
    ),
    noted("take an account on another server"),
    noted("{url} sets {name} to {n}; the bot's pictures need {n2}"),
    noted("{url} takes no pictures of the type {text}"),
    noted("it holds no picture id"),
    noted("Mastodon took the picture ({n}), but its answer cannot be read: {reason}"),
    noted("Mastodon is still processing the picture"),
    noted("Mastodon does not know the picture any more: it is brought again"),
    noted("the server was asked what it is: {reason}"),
    noted("the server does not say what it is: it may show a picture uncovered"),
    noted("this server shows a picture uncovered unless words of warning stand before its post"),
    noted("give the item a content warning, or take an account on another server"),
    noted("its picture is not on the server: nothing was sent"),
    noted("Mastodon has a post with this text, but not with its picture: {url}"),
    noted("copy it from Preferences → Development on the account's server"),
    noted("{url} is no address of a Mastodon server"),
    noted("write it in the campaign file, e.g. server: https://social.example"),
    noted("{text} is no visibility"),
    noted("write public or unlisted"),
    noted("a whole read of {network} does not show it"),
    noted("a whole read of {network} does not show it beside post {number}, which says the same"),
    noted("a whole read of {network} does not show it, and it is too late to repeat it under its key"),
    noted(
        "a whole read of {network} does not show it beside post {number}, which says the same, and it is"
        " too late to repeat it under its key"
    ),
    noted("the library {name} is not installed"),
    noted("install it: pip install 'campaign-bot[{network}]'"),
)
