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

let counting;

function countDown() {
  window.clearInterval(counting);
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
  counting = window.setInterval(tick, 1000);
}

// What is shown while somebody watches stays true: the page is read again, and put in place of what stands
// there, unless somebody is at work in it. The server does not take that for a sign of life of a person.
function stayFresh() {
  const main = document.getElementById("main");
  const seconds = Number(main?.dataset.fresh);
  if (!seconds) {
    return;
  }
  const isAtWork = () => main.querySelector("form:focus-within, details[open]:focus-within, dialog[open], :popover-open")
    || [...main.querySelectorAll("input, textarea")].some((field) => field.type !== "hidden" && field.value !== field.defaultValue);
  const look = async () => {
    if (document.hidden || isAtWork()) {
      return;
    }
    try {
      const answer = await fetch(window.location.href, { headers: { Accept: "text/html" }, redirect: "error" });
      if (!answer.ok) {
        throw new Error(String(answer.status));
      }
      const next = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("main");
      main.classList.remove("stale");
      if (next && !isAtWork()) {
        keepOpen(main, next);
        main.replaceChildren(...next.children);
        countDown();
      }
    } catch {
      main.classList.add("stale");
    }
  };
  window.setInterval(look, seconds * 1000);
}

// What somebody unfolded stays unfolded.
function keepOpen(before, after) {
  const open = [...before.querySelectorAll("details")].map((one) => one.open);
  const next = [...after.querySelectorAll("details")];
  if (next.length === open.length) {
    next.forEach((one, place) => { one.open = open[place]; });
  }
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
stayFresh();
document.addEventListener("submit", askFirst);
document.addEventListener("submit", sendOnce);
document.addEventListener("click", closeMenus);
document.addEventListener("keydown", closeMenus);
