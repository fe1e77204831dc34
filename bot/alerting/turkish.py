"""Alerts in Turkish. Names stand where no suffix would have to be glued to them."""

from __future__ import annotations

from datetime import datetime

from bot.alerting.alert import Alert, AlertKind
from bot.alerting.wording import Wording, join


class Turkish(Wording):
    code = "tr"
    months = (
        *("Ocak", "Şubat", "Mart", "Nisan", "Mayıs", "Haziran"),
        *("Temmuz", "Ağustos", "Eylül", "Ekim", "Kasım", "Aralık"),
    )
    titles = {  # noqa: RUF012  (a table that nobody changes)
        AlertKind.UNKNOWN: "Gönderi {post}: durumu bilinmiyor",
        AlertKind.PAUSED: "Gönderim durduruldu",
        AlertKind.OVERDUE: "Gönderi {post}: zamanı geldi, denenmedi",
        AlertKind.WORKER: "Bir işleyici sustu",
        AlertKind.REJECTED: "Gönderi {post} reddedildi",
        AlertKind.MISSED: "Gönderi {post} kaçırıldı",
        AlertKind.BUDGET: "X: aylık bütçe",
        AlertKind.LOG_HEAD: "Gönderim günlüğü: bugünün çapası",
    }

    def sentence(self, alert: Alert) -> str:
        match alert.kind:
            case AlertKind.UNKNOWN:
                return join(
                    f"Gönderi {alert.post} yayımlanmış olabilir de olmayabilir de: anlaşılamadı.",
                    self._about(alert),
                    "Elle yeniden paylaşmayın: önce hesaba bakın, sonra ne gördüğünüzü bildirin: "
                    "--live ve bağlantısı, --send-again ya da --leave.",
                )
            case AlertKind.PAUSED:
                return join(f"Bot gönderimi kendisi durdurdu: {self._covers(alert)}.", self._reason(alert))
            case AlertKind.OVERDUE:
                return join(
                    f"Gönderi {alert.post}, zamanı {self.minutes(alert.minutes)} önce geldiği hâlde "
                    "denenmedi; onu durduran bir şey de yok.",
                    self._about(alert),
                )
            case AlertKind.WORKER:
                return self._worker(alert)
            case AlertKind.REJECTED:
                return join(f"Gönderi {alert.post} reddedildi; yeniden denenmeyecek.", self._about(alert))
            case AlertKind.MISSED:
                return join(f"Gönderi {alert.post} kaçırıldı: süresi doldu.", self._about(alert))
            case AlertKind.BUDGET:
                return (
                    f"X harcaması, {self.month(alert.month)}: {self.money(alert.spent_usd_micros)}; "
                    f"bütçe: {self.money(alert.budget_usd_micros)} (%{self.share(alert)})."
                )
            case AlertKind.LOG_HEAD:
                return (
                    f"Gönderim günlüğünün son kaydı: {_grouped(alert.entry)}, özeti: {alert.digest}. "
                    "Bu mesajı saklayın: günlüğün sonunun kesilmediğini sonradan gösterir."
                )

    def moment(self, moment: datetime, zone: str) -> str:
        return super().moment(moment, zone).replace(", ", " ", 1)

    def _about(self, alert: Alert) -> str:
        due = "" if alert.at is None else f", zamanı: {self.moment(alert.at, alert.zone)}"
        where = (
            f"Hesap: {self.name(alert.account)} ({self.network(alert)}), "
            f"kampanya: {self.name(alert.campaign)}{due}."
        )
        begins = f"Başlangıcı: “{self.name(alert.begins)}”" if alert.begins else ""
        tried = "" if alert.tried_at is None else f"Son istek: {self.moment(alert.tried_at, alert.zone)}."
        return join(where, begins, tried, self._reason(alert))

    def _reason(self, alert: Alert) -> str:
        return f"Neden: {self.name(alert.reason.rstrip('.'))}." if alert.reason else ""

    def _covers(self, alert: Alert) -> str:
        named = (("kampanya", alert.campaign), ("hesap", alert.account), ("dil", alert.language))
        covers = ", ".join(f"{what} {self.name(value)}" for what, value in named if value is not None)
        return covers or "her şey"

    def _worker(self, alert: Alert) -> str:
        posts = ", ".join(str(post) for post in alert.posts)
        held = f"Elindeki gönderiler: {posts}." if posts else "Elinde gönderi yoktu."
        return (
            f"Bir işleyici sustu: {self.name(alert.host)} (süreç {alert.process}), "
            f"{self.minutes(alert.minutes)} önce görüldü. {held}"
        )

    def alerts(self, number: int) -> str:
        # No plural after a number.
        return f"{_grouped(number)} uyarı"

    def more(self, number: int) -> str:
        return f"… ve {_grouped(number)} uyarı daha"

    def minutes(self, number: int) -> str:
        return f"{_grouped(number)} dakika"

    def money(self, micros: int) -> str:
        return f"{micros / 1_000_000:,.2f}".translate(_COMMA) + " $"

    def test(self) -> tuple[str, str]:
        return "campaign-bot denemesi", "Bu bir denemedir: campaign-bot uyarıları buraya gelir."


#: `1,234.50` as `1.234,50`.
_COMMA = str.maketrans(",.", ".,")


def _grouped(number: int) -> str:
    return f"{number:,}".translate(_COMMA)
