"""A small campaign in two languages, as organisers write it."""

CAMPAIGN = """\
title: {ar: "حملة مختلقة", en: "An Invented Campaign"}
organisers: {ar: ["منظمون مختلقون"], en: ["Invented Organisers"]}
languages: [ar, en]
zone: Asia/Damascus
hashtags:
  ar: {required: ["#وسم_مختلق"]}
  en: {required: ["#InventedTag"]}
accounts:
  - {name: invented_x, network: x, languages: [ar, en], links: false}
posting_times: ["09:00", "13:00", "17:00", "21:00"]
calls_share: 0.3
cooldown: 6 hours
sources:
  invented:
    publisher: {ar: "مرصد مختلق", en: "Invented Observatory"}
    url: https://example.org/report
    read_on: "2026-02-01"
"""
ITEMS = """\
facts:
  invented-fact:
    source: invented
    period: 2011-03/2020-06
    figures: {total: 14388}
    text:
      ar: "هذه حقيقة مختلقة عن {total} شخصاً."
      en: "This is an invented fact about {total} people."
  another-fact:
    source: invented
    period: 2012-01/2012-12
    text:
      ar: "حقيقة مختلقة أخرى، أطول من الأولى قليلاً."
      en: "Another invented fact, a little longer than the first."
calls:
  invented-call:
    text:
      ar: "هذا نداء مختلق: اكتبوا إلى من يمثلكم."
      en: "This is an invented call: write to whoever represents you."
"""
