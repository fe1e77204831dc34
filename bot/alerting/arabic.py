"""Alerts in Arabic, with Levantine months; Latin names are isolated, so that they disturb no sentence."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from bot.alerting.alert import Alert, AlertKind
from bot.alerting.wording import END, ISOLATE, Wording, join


class Arabic(Wording):
    code = "ar"
    months = (
        *("كانون الثاني", "شباط", "آذار", "نيسان", "أيار", "حزيران"),
        *("تموز", "آب", "أيلول", "تشرين الأول", "تشرين الثاني", "كانون الأول"),
    )
    titles = {  # noqa: RUF012  (a table that nobody changes)
        AlertKind.UNKNOWN: "المنشور {post}: لا يُعرف إن كان قد نُشر",
        AlertKind.PAUSED: "أُوقف الإرسال",
        AlertKind.OVERDUE: "المنشور {post}: حان موعده ولم يُرسل",
        AlertKind.WORKER: "عامل لا يستجيب",
        AlertKind.REJECTED: "المنشور {post}: رُفض",
        AlertKind.MISSED: "المنشور {post}: فات موعده",
        AlertKind.BUDGET: f"{ISOLATE}X{END}: ميزانية الشهر",
        AlertKind.LOG_HEAD: "سجل الإرسال: مرساة اليوم",
    }

    def sentence(self, alert: Alert) -> str:
        match alert.kind:
            case AlertKind.UNKNOWN:
                return join(
                    f"المنشور {alert.post}: قد يكون نُشر وقد لا يكون، وتعذّرت معرفة ذلك.",
                    self._about(alert),
                    "لا تنشروه يدوياً: انظروا إلى الحساب أولاً، ثم أخبروا البوت بما رأيتم: "
                    f"{self.name('--live')} مع الرابط، أو {self.name('--send-again')}، "
                    f"أو {self.name('--leave')}.",
                )
            case AlertKind.PAUSED:
                return join(f"أوقف البوت الإرسال من تلقاء نفسه: {self._covers(alert)}.", self._reason(alert))
            case AlertKind.OVERDUE:
                return join(
                    f"المنشور {alert.post}: حان موعده منذ {self.minutes(alert.minutes)} ولم تجرِ محاولة "
                    "لإرساله، مع أنه لا شيء يوقفه.",
                    self._about(alert),
                )
            case AlertKind.WORKER:
                return self._worker(alert)
            case AlertKind.REJECTED:
                return join(f"المنشور {alert.post}: رُفض، ولن يُعاد إرساله.", self._about(alert))
            case AlertKind.MISSED:
                return join(f"المنشور {alert.post}: فات موعده وانقضت مهلته.", self._about(alert))
            case AlertKind.BUDGET:
                return (
                    f"أُنفق على {self.name('X')} في {self.month(alert.month)} "
                    f"{self.money(alert.spent_usd_micros)} من أصل {self.money(alert.budget_usd_micros)} "
                    f"({self.share(alert)}%)."
                )
            case AlertKind.LOG_HEAD:
                return (
                    f"آخر قيد في سجل الإرسال رقمه {alert.entry:,} وبصمته {self.name(alert.digest)}. "
                    "احفظوا هذه الرسالة: بها يثبت لاحقاً أن آخر السجل لم يُقطع."
                )

    def name(self, value: object) -> str:
        """Whatever is no Arabic of ours stands isolated."""
        return f"{ISOLATE}{value}{END}"

    def moment(self, moment: datetime, zone: str) -> str:
        local = moment.astimezone(ZoneInfo(zone))
        return f"{self.day(local)}، {local:%H:%M} ({self.name(zone)})"

    def _about(self, alert: Alert) -> str:
        due = "" if alert.at is None else f"، موعده {self.moment(alert.at, alert.zone)}"
        where = (
            f"الحساب {self.name(alert.account)} على {self.network(alert)}، "
            f"الحملة {self.name(alert.campaign)}{due}."
        )
        begins = f"بدايته: «{self.name(alert.begins)}»" if alert.begins else ""
        tried = "" if alert.tried_at is None else f"آخر طلب: {self.moment(alert.tried_at, alert.zone)}."
        return join(where, begins, tried, self._reason(alert))

    def _reason(self, alert: Alert) -> str:
        return f"السبب: {self.name(alert.reason.rstrip('.'))}." if alert.reason else ""

    def _covers(self, alert: Alert) -> str:
        named = (("الحملة", alert.campaign), ("الحساب", alert.account), ("اللغة", alert.language))
        covers = "، ".join(f"{what} {self.name(value)}" for what, value in named if value is not None)
        return covers or "كل شيء"

    def _worker(self, alert: Alert) -> str:
        posts = "، ".join(str(post) for post in alert.posts)
        match len(alert.posts):
            case 0:
                held = "لم يكن بحوزته أي منشور."
            case 1:
                held = f"كان بحوزته المنشور {posts}."
            case 2:
                held = f"كان بحوزته المنشوران: {posts}."
            case _:
                held = f"كانت بحوزته المنشورات: {posts}."
        return (
            f"عامل لا يستجيب: {self.name(alert.host)} (العملية {alert.process})، "
            f"شوهد آخر مرة قبل {self.minutes(alert.minutes)}. {held}"
        )

    def alerts(self, number: int) -> str:
        return _counted(number, "تنبيه واحد", "تنبيهان", "تنبيهات", "تنبيهاً", "تنبيه")

    def more(self, number: int) -> str:
        return "… و" + _counted(
            number, "تنبيه آخر", "تنبيهان آخران", "تنبيهات أخرى", "تنبيهاً آخر", "تنبيه آخر"
        )

    def minutes(self, number: int) -> str:
        # After a preposition.
        return _counted(number, "دقيقة واحدة", "دقيقتين", "دقائق", "دقيقة", "دقيقة")

    def money(self, micros: int) -> str:
        return self.name(f"${micros / 1_000_000:,.2f}")

    def test(self) -> tuple[str, str]:
        return (
            f"تجربة من {self.name('campaign-bot')}",
            f"هذه تجربة: إلى هنا تصل تنبيهات {self.name('campaign-bot')}.",
        )


def _counted(number: int, one: str, two: str, few: str, many: str, other: str) -> str:
    """A count with its noun: Arabic has a form for 1, for 2, for 3 to 10, for 11 to 99, and for hundreds.

    Beyond 100 the last two digits decide (Unicode CLDR, plural rules of `ar`, read 2026-11).
    """
    if number == 1:
        return one
    if number == 2:
        return two
    last = number % 100
    noun = few if 3 <= last <= 10 else many if 11 <= last <= 99 else other
    return f"{number:,} {noun}"
