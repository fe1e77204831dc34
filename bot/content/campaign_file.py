"""One campaign file: the campaign it describes, and what its items may refer to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from bot.content.building import build_campaign, build_source
from bot.content.campaign_checks import campaign_findings
from bot.content.checks import Setting
from bot.content.findings import Finding
from bot.content.sentences import read_mapping
from bot.content.written import WrittenCampaign
from bot.content.yaml_text import Document
from bot.core.campaign import Campaign, Source

#: In place of a required key that cannot be read, so that the rest of the file is still looked at.
_STAND_INS: Mapping[str, object] = {
    "title": {},
    "organisers": {},
    "languages": ["en"],
    "zone": "UTC",
    "hashtags": {},
    "accounts": [{"name": "none", "network": "x", "languages": ["en"]}],
}


@dataclass(frozen=True, kw_only=True)
class Surroundings:
    """What the items of a campaign may refer to, as far as its file can be read."""

    campaign: str
    setting: Setting
    #: None: not known.
    source_keys: frozenset[str] | None
    sources: Mapping[str, Source]

    @classmethod
    def unknown(cls, campaign: str) -> Surroundings:
        setting = Setting(languages=None, occasions=None, hashtags=None, mentions=None)
        return cls(campaign=campaign, setting=setting, source_keys=None, sources={})


@dataclass(frozen=True, kw_only=True)
class CampaignReading:
    """What a campaign file says, and every mistake in it."""

    #: None when nothing can be made of the file.
    campaign: Campaign | None
    surroundings: Surroundings
    findings: tuple[Finding, ...]
    #: Account name -> its place in the file; empty when the accounts cannot be read.
    accounts: Mapping[str, int]

    @classmethod
    def nothing(cls, key: str, *findings: Finding) -> CampaignReading:
        return cls(campaign=None, surroundings=Surroundings.unknown(key), findings=findings, accounts={})


def read_campaign_file(document: Document, *, key: str) -> CampaignReading:
    """Read the campaign `key` from its file. Mistakes that the document itself names are not repeated."""
    if not document.is_readable:
        return CampaignReading.nothing(key)
    reading = read_mapping(WrittenCampaign, document.value, settled=document.settled, stand_ins=_STAND_INS)
    if reading.written is None:
        return CampaignReading.nothing(key, *reading.findings)
    campaign = build_campaign(reading.written, key=key)
    accounts = (
        {}
        if "accounts" in reading.broken
        else {account.name: position for position, account in enumerate(campaign.accounts)}
    )
    return CampaignReading(
        campaign=campaign,
        surroundings=Surroundings(
            campaign=key,
            setting=Setting(
                languages=None if "languages" in reading.broken else campaign.languages,
                occasions=None if "occasions" in reading.broken else frozenset(_occasion_keys(campaign)),
                hashtags=None if "hashtags" in reading.broken else campaign.all_hashtags,
                mentions=None if "mentions" in reading.broken else campaign.mentions,
            ),
            source_keys=_source_keys(document.value),
            sources={name: build_source(source) for name, source in reading.written.sources.items()},
        ),
        findings=(*reading.findings, *campaign_findings(reading.written, broken=reading.broken)),
        accounts=accounts,
    )


def _occasion_keys(campaign: Campaign) -> list[str]:
    return [occasion.key for occasion in campaign.occasions]


def _source_keys(value: object) -> frozenset[str] | None:
    """Give the keys under `sources`, those of sources with mistakes too."""
    sources = value.get("sources", {}) if isinstance(value, dict) else None
    return frozenset(sources) if isinstance(sources, dict) else None
