"""What Telegram answered, and what became of a request to it."""

from __future__ import annotations

from bot.web.speech.sentences import noted

TELEGRAM: tuple[str | tuple[str, str], ...] = (
    noted("Telegram answered {n}: {detail}"),
    noted("Telegram answered {n} without a message: {detail}"),
    noted("Telegram accepted the post ({n}), but its answer cannot be read: {reason}; its link is not known"),
    noted("it holds no message id"),
    noted("it is another chat now: write `channel: {text}`"),
    noted("make the bot an administrator of the account's channel that may post messages"),
    noted("check the account's BOT_TOKEN: BotFather shows it"),
    noted("Telegram shows no bot what a channel holds: look for this post at {url}"),
    noted("Telegram would change the text: take out {text}"),
    noted("Telegram changed its text"),
    noted("text and content warning are too long for Telegram together ({n}/{n2})"),
    noted("Telegram's answer about the account holds no {text}"),
    noted("Telegram's answer to {text} cannot be read"),
    noted("{text} is no message of Telegram: an id is a number of up to 10 digits"),
    noted("Telegram did not say that message {n} is deleted: it may still be public"),
    noted("{text} is no channel on Telegram but a {text2}: name the channel"),
    noted("{text} may post to {text2}"),
    noted("{text} may not post to {text2}: it is there as {text3}"),
    noted("make it an administrator of the channel that may post messages"),
    noted("the secret BOT_TOKEN is missing or no token of a bot"),
    noted("copy it from BotFather, from the number on"),
    noted("{text} is no channel"),
    noted("write `channel: @name`, or its number, which begins with -100"),
    noted("{text} is no address of Telegram"),
    noted("write e.g. https://api.telegram.org"),
)
