// What every page does where scripts run: the reader's zone, questions before what cannot be undone, countdowns.

const YEAR = 31536000;

function rememberZone() {
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  if (zone && !document.cookie.split("; ").includes(`zone=${zone}`)) {
    document.cookie = `zone=${zone}; path=/; max-age=${YEAR}; samesite=lax`;
  }
}

function askFirst(event) {
  const question = event.submitter?.dataset.confirm;
  if (question && !window.confirm(question)) {
    event.preventDefault();
  }
}

// A second click while the first is on its way would say the same twice.
function sendOnce(event) {
  if (event.defaultPrevented || event.target.method !== "post") {
    return;
  }
  if (event.target.dataset.sent) {
    event.preventDefault();
  }
  event.target.dataset.sent = "yes";
  window.addEventListener("pageshow", () => delete event.target.dataset.sent, { once: true });
}

function countDown() {
  const clocks = [...document.querySelectorAll("[data-until]")];
  if (clocks.length === 0) {
    return;
  }
  const language = document.documentElement.lang;
  const digits = document.documentElement.dataset.digits === "arabic" ? "arab" : "latn";
  const two = new Intl.NumberFormat(language, { minimumIntegerDigits: 2, numberingSystem: digits });
  const tick = () => {
    for (const clock of clocks) {
      const left = Math.max(0, Math.round((Date.parse(clock.dataset.until) - Date.now()) / 1000));
      const days = Math.floor(left / 86400);
      const parts = [Math.floor((left % 86400) / 3600), Math.floor((left % 3600) / 60), left % 60];
      clock.textContent = (days ? `${two.format(days)} · ` : "") + parts.map((part) => two.format(part)).join(":");
    }
  };
  tick();
  window.setInterval(tick, 1000);
}

// Menus close when somebody clicks elsewhere or presses Escape.
function closeMenus(event) {
  if (event.type === "keydown" && event.key !== "Escape") {
    return;
  }
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    if (event.type === "keydown" || !menu.contains(event.target)) {
      menu.open = false;
    }
  }
}

rememberZone();
countDown();
document.addEventListener("submit", askFirst);
document.addEventListener("submit", sendOnce);
document.addEventListener("click", closeMenus);
document.addEventListener("keydown", closeMenus);
