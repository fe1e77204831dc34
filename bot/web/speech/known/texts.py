"""What keeps an item from becoming a post: length, promises of a template, hashtags, links."""

from __future__ import annotations

from bot.web.speech.sentences import noted

TEXTS: tuple[str | tuple[str, str], ...] = (
    ('a fact has no source: name one under "source:"', noted("a fact has no source: name one")),
    (
        'a fact has no period: name one under "period:", or a day under "recheck_on:"',
        noted("a fact has no period: name one, or a day on which to check it again"),
    ),
    noted("{n} characters as {network} counts, {n2} over its limit of {n3}, even without optional hashtags"),
    noted(
        "{n} characters as {network} counts, {n2} over its limit of {n3}, even without optional "
        "hashtags and with its short wording"
    ),
    noted("{n} bytes, {n2} over the {n3} that {network} takes, even without optional hashtags"),
    noted(
        "{n} bytes, {n2} over the {n3} that {network} takes, even without optional hashtags and "
        "with its short wording"
    ),
    (
        'its short wording is no shorter: cut {n} from "text: {language}:"',
        noted("its short wording is no shorter: cut {n} from the text in {language}"),
    ),
    (
        '{what}: cut {n} from "short: {language}:"',
        noted("{what}: cut {n} from the short wording in {language}"),
    ),
    (
        ('{what}: cut {n} from "text: {language}:", or write a shorter wording under "short: {language}:"'),
        noted("{what}: cut {n} from the text in {language}, or write a short wording"),
    ),
    noted("nor can it be divided into {n} parts or fewer"),
    (
        'or write "threads: true" in the campaign: it then leaves in {n} parts',
        noted("or let the campaign post threads: it then leaves in {n} parts"),
    ),
    noted("{network} cannot put a content warning before a text"),
    noted("{name} leaves out {what}: write it there"),
    noted("it holds {text}, which no network shows: take it out"),
    noted(
        "its first letter is {text}, so networks would lay it out from left to right: begin with "
        "a word written from right to left"
    ),
    noted("the text"),
    noted("the source ({text})"),
    noted("the period ({text})"),
    noted("the link ({text})"),
    noted("the hashtag {tag}, between white space"),
    (
        (
            'its content warning is not written in {language}: write it under "content_warning: '
            '{language2}:", or take it out of every language'
        ),
        noted("its content warning is not written in {language}: write it, or take it out of every language"),
    ),
    (
        (
            'the publisher of its source is not named in {language}: write it under "publisher: '
            '{language2}:" of {url}'
        ),
        noted("the publisher of its source is not named in {language}: write it"),
    ),
    noted("the campaign has no occasion {occasion}: its occasions are {names}"),
    (
        'the item is written in {names} only: write it under "text: {language}:"',
        noted("the item is written in {names} only: write it in {language} too"),
    ),
    (
        (
            'no figure {name}: the item\'s figures are {names}; add it under "figures:", or correct '
            "its name in the text"
        ),
        noted(
            "no figure {name}: the item's figures are {names}; add it to the figures, or correct its "
            "name in the text"
        ),
    ),
    noted("{campaign}/{item} in {language} for {account}: {what}"),
    noted(
        "language {text} is unknown: no numbers or dates can be written in it; use a code such "
        "as ar, en or tr"
    ),
    noted("no template for a {kind}: write {name}"),
    noted("{text} is no date: write 2020, 2020-06 or 2020-06-30"),
    noted("{text} is no date of the calendar ({reason})"),
    noted("{text} ends before it starts: write the earlier date first"),
    noted("hashtag {tag} does not begin with '#': write {tag2}"),
    noted("hashtag {tag} holds {what}: write {tag2}"),
    noted("hashtag {tag} holds {detail}: write {tag2}"),
    noted("hashtag {tag} is not in plain composed letters, and search does not find it: write {tag2}"),
    noted("hashtag {tag} does not begin with a letter, and networks ignore it: write {tag2}"),
    noted("hashtag {tag} has more than {n} characters, and Bluesky refuses it: write {tag2}"),
    noted("link {url} holds a {text}: remove it, or write a space as %20"),
    noted("link {url} has no http:// or https:// in front: write the whole address"),
    noted("link {url} holds a user name or password: write the address without it"),
    noted("link {url} has a host that is none, {text}: {reason}; write it anew"),
    noted("link {url} has a host that is none, {text}: write it as in www.example.org"),
    noted("link {url} has the port {text}: write one up to {n}, or none"),
)
