// The calendar where scripts run: posts are dragged, or moved by keyboard, and nothing is sent before a yes.

const SNAP = 5;
const MINUTE = 60_000;
const DAY = 86_400_000;
const HOLD_BEFORE_DRAG = 350;
const MOUSE_SLACK = 6;
const TOUCH_SLACK = 10;
const EDGE = 70;

const html = document.documentElement;
const days = document.getElementById("days");
const dialog = document.getElementById("move");

// -- clocks: as the bot's own data say, since a phone's may be years old -----------------------------

const zones = days ? JSON.parse(days.dataset.zones) : {};
const LOCALES = { ar: "ar-SY", en: "en-GB", tr: "tr-TR" };
const written = new Intl.DateTimeFormat(LOCALES[html.lang] ?? "en-GB", {
  weekday: "long",
  day: "numeric",
  month: "long",
  hour: "2-digit",
  minute: "2-digit",
  hourCycle: "h23",
  timeZone: "UTC",
  numberingSystem: html.dataset.digits === "arabic" ? "arab" : "latn",
});

function offsetAt(zone, instant) {
  const { offsets } = zones[zone];
  let found = offsets[0][1];
  for (const [from, offset] of offsets) {
    if (from * 1000 <= instant) {
      found = offset;
    }
  }
  return found * 1000;
}

const wallOf = (zone, instant) => instant + offsetAt(zone, instant);

// The first instant with that wall time; where the clocks skip it, the moment at which they do.
function instantOf(zone, wall) {
  const { offsets } = zones[zone];
  const fitting = offsets
    .map(([, offset]) => wall - offset * 1000)
    .filter((instant) => wallOf(zone, instant) === wall);
  if (fitting.length > 0) {
    return { instant: Math.min(...fitting), skipped: false };
  }
  for (let at = 1; at < offsets.length; at += 1) {
    const change = offsets[at][0] * 1000;
    if (change + offsets[at - 1][1] * 1000 <= wall && wall < change + offsets[at][1] * 1000) {
      return { instant: change, skipped: true };
    }
  }
  return { instant: wall - offsets.at(-1)[1] * 1000, skipped: false };
}

const inWords = (zone, instant) => `${written.format(new Date(wallOf(zone, instant)))} (${zones[zone].city})`;

// In the campaign's zone, and in the reader's where its clocks show something else.
function show(element, zone, instant) {
  element.textContent = inWords(zone, instant);
  const own = days.dataset.ownZone;
  if (own && own !== zone && offsetAt(own, instant) !== offsetAt(zone, instant)) {
    const small = document.createElement("small");
    small.textContent = dialog.dataset.yours.replace("{moment}", inWords(own, instant));
    element.append(small);
  }
}

// -- the question before a move ----------------------------------------------------------------------

let moving = null;

function ask(chip, to) {
  const due = Date.parse(chip.dataset.due);
  moving = { chip, zone: chip.dataset.zone, due, to: to ?? due, skipped: false };
  const form = dialog.querySelector("form");
  form.elements.post.value = chip.dataset.post;
  form.elements.was.value = chip.dataset.due;
  form.elements.seen.value = chip.querySelector('.plain-move [name="seen"]').value;
  const words = dialog.querySelector("[data-words]");
  const text = chip.querySelector(".chip-words");
  words.textContent = text.textContent;
  words.lang = text.lang;
  show(dialog.querySelector("[data-old]"), moving.zone, due);
  dialog.querySelector("[data-approval]").hidden = !("approved" in chip.dataset);
  refresh();
  chip.querySelector("details").open = false;
  dialog.showModal();
}

function refresh() {
  const { zone, due, to, skipped } = moving;
  const isPast = to <= Date.now();
  show(dialog.querySelector("[data-new]"), zone, to);
  dialog.querySelector("form").elements.at.value = new Date(to).toISOString();
  const problem = dialog.querySelector("[data-problem]");
  problem.hidden = !isPast && !skipped;
  problem.textContent = isPast ? dialog.dataset.past : skipped ? dialog.dataset.skipped : "";
  dialog.querySelector("[data-confirm-move]").ariaDisabled = String(isPast || to === due);
}

function step({ minutes = 0, byDays = 0 }) {
  const wall = wallOf(moving.zone, moving.to);
  moving.skipped = false;
  if (byDays) {
    const { instant, skipped } = instantOf(moving.zone, wall + byDays * DAY);
    Object.assign(moving, { to: instant, skipped });
  } else if (Math.abs(minutes) === SNAP) {
    // To the next full five minutes of the clock.
    const grid = SNAP * MINUTE;
    const past = ((wall % grid) + grid) % grid;
    moving.to += minutes > 0 ? grid - past : past === 0 ? -grid : -past;
  } else {
    moving.to += minutes * MINUTE;
  }
  refresh();
}

function stepByKey(event) {
  const forward = html.dir === "rtl" ? "ArrowLeft" : "ArrowRight";
  const backward = html.dir === "rtl" ? "ArrowRight" : "ArrowLeft";
  const size = event.shiftKey ? 60 : SNAP;
  const steps = {
    ArrowUp: { minutes: -size },
    ArrowDown: { minutes: size },
    [forward]: { byDays: 1 },
    [backward]: { byDays: -1 },
  };
  if (event.key in steps && !event.altKey && !event.ctrlKey && !event.metaKey) {
    event.preventDefault();
    step(steps[event.key]);
  }
}

function setUpDialog() {
  dialog.addEventListener("keydown", stepByKey);
  dialog.querySelector("[data-leave]").addEventListener("click", () => dialog.close());
  dialog.querySelector(".steps").addEventListener("click", ({ target }) => {
    const button = target.closest("button");
    if (button) {
      step({ minutes: Number(button.dataset.minutes ?? 0), byDays: Number(button.dataset.days ?? 0) });
    }
  });
  dialog.querySelector("form").addEventListener("submit", (event) => {
    if (moving.to <= Date.now() || moving.to === moving.due) {
      event.preventDefault();
      const problem = dialog.querySelector("[data-problem]");
      problem.hidden = false;
      problem.textContent = moving.to === moving.due ? dialog.dataset.failed : dialog.dataset.past;
    }
  });
  dialog.addEventListener("close", () => {
    moving?.chip.querySelector("summary").focus();
  });
}

// -- dragging ----------------------------------------------------------------------------------------

let held = null;

function take(event) {
  const chip = event.target.closest(".chip[data-post]");
  if (!chip || event.button !== 0 || !event.target.closest("summary")) {
    return;
  }
  held = { chip, pointer: event.pointerId, x: event.clientX, y: event.clientY, isTouch: event.pointerType !== "mouse" };
  if (held.isTouch) {
    held.timer = window.setTimeout(lift, HOLD_BEFORE_DRAG);
  }
}

function lift() {
  held.ghost = document.createElement("div");
  held.ghost.className = "drag-ghost";
  held.ghost.setAttribute("aria-hidden", "true");
  document.body.append(held.ghost);
  held.chip.classList.add("lifted");
  held.chip.querySelector("details").open = false;
  html.classList.add("dragging");
  navigator.vibrate?.(15);
  follow();
}

function carry(event) {
  if (!held || event.pointerId !== held.pointer) {
    return;
  }
  const far = Math.hypot(event.clientX - held.x, event.clientY - held.y);
  if (!held.ghost) {
    if (held.isTouch && far > TOUCH_SLACK) {
      putDown();
    } else if (!held.isTouch && far > MOUSE_SLACK) {
      Object.assign(held, { x: event.clientX, y: event.clientY });
      lift();
    }
    return;
  }
  Object.assign(held, { x: event.clientX, y: event.clientY });
  follow();
}

// Where the pointer is: an hour of the grid, or on a phone a day, at the same time of day.
function targetAt(x, y) {
  const under = document.elementFromPoint(x, y);
  const place = under?.closest(".place") ?? under?.closest(".hour")?.querySelector(".place");
  if (place && isGrid()) {
    const box = place.getBoundingClientRect();
    const minutes = Number(place.dataset.minutes);
    const share = Math.min(Math.max((y - box.top) / box.height, 0), 0.999);
    const at = Date.parse(place.dataset.at) + Math.floor((share * minutes) / SNAP) * SNAP * MINUTE;
    return { element: place.closest(".hour"), to: at, skipped: false };
  }
  const day = under?.closest(".day, .day-strip a");
  if (!day || isGrid()) {
    return null;
  }
  const zone = days.dataset.gridZone;
  const wall = wallOf(zone, Date.parse(held.chip.dataset.due));
  const date = Date.parse(`${day.dataset.date ?? day.hash.slice("#day-".length)}T00:00Z`);
  const { instant, skipped } = instantOf(zone, date + (((wall % DAY) + DAY) % DAY));
  return { element: day, to: instant, skipped };
}

const isGrid = () => getComputedStyle(days).display === "grid";

function follow() {
  const { ghost, x, y } = held;
  ghost.style.transform = `translate(${Math.min(x + 12, window.innerWidth - 205)}px, ${y + 14}px)`;
  held.target?.element.classList.remove("drop-here");
  held.target = targetAt(x, y);
  held.target?.element.classList.add("drop-here");
  const words = held.chip.querySelector(".chip-when time");
  if (held.target) {
    show(ghost, held.chip.dataset.zone, held.target.to);
  } else {
    ghost.textContent = words.textContent;
  }
  scrollAtEdge();
}

function scrollAtEdge() {
  const speed = held.y < EDGE ? held.y - EDGE : Math.max(held.y - (window.innerHeight - EDGE), 0);
  window.cancelAnimationFrame(held.scroll);
  if (speed !== 0) {
    held.scroll = window.requestAnimationFrame(() => {
      if (held?.ghost) {
        window.scrollBy(0, speed / 5);
        follow();
      }
    });
  }
}

function drop(event) {
  if (!held || event.pointerId !== held.pointer) {
    return;
  }
  const { chip, ghost, target } = held;
  putDown();
  if (!ghost) {
    return;
  }
  // The click that follows would open the post.
  window.addEventListener("click", swallow, { capture: true, once: true });
  window.setTimeout(() => window.removeEventListener("click", swallow, { capture: true }), 50);
  if (target && target.to !== Date.parse(chip.dataset.due)) {
    ask(chip, target.to);
    moving.skipped = target.skipped;
    refresh();
  }
}

function swallow(event) {
  event.preventDefault();
  event.stopPropagation();
}

function putDown() {
  if (!held) {
    return;
  }
  window.clearTimeout(held.timer);
  window.cancelAnimationFrame(held.scroll);
  held.ghost?.remove();
  held.target?.element.classList.remove("drop-here");
  held.chip.classList.remove("lifted");
  html.classList.remove("dragging");
  held = null;
}

function setUpDragging() {
  days.addEventListener("pointerdown", take);
  window.addEventListener("pointermove", carry);
  window.addEventListener("pointerup", drop);
  window.addEventListener("pointercancel", putDown);
  window.addEventListener("keydown", (event) => event.key === "Escape" && putDown());
  // While something is carried a finger does not scroll, and a long press opens no menu.
  days.addEventListener("touchmove", (event) => held?.ghost && event.preventDefault(), { passive: false });
  days.addEventListener("contextmenu", (event) => held?.isTouch && event.preventDefault());
  days.addEventListener("dragstart", (event) => event.preventDefault());
}

// -- putting it together -----------------------------------------------------------------------------

function setUpMoving() {
  html.classList.add("has-script");
  for (const element of document.querySelectorAll(".move-it, .with-script")) {
    element.hidden = false;
  }
  days.addEventListener("click", ({ target }) => {
    if (target.closest(".move-it")) {
      ask(target.closest(".chip"));
    }
  });
  days.addEventListener("keydown", (event) => {
    const chip = event.target.closest?.(".chip[data-post]");
    // The key's place, not its letter: on an Arabic keyboard the same key writes ة.
    if (chip && event.target.matches("summary") && event.code === "KeyM" && !event.ctrlKey && !event.metaKey && !event.altKey) {
      event.preventDefault();
      ask(chip);
    }
  });
  setUpDialog();
  setUpDragging();
}

function openTarget() {
  const chip = document.querySelector(".chip:target");
  chip?.querySelector("summary").focus();
}

for (const form of document.querySelectorAll("form[data-at-once]")) {
  form.addEventListener("change", () => form.requestSubmit());
}
if (days && dialog) {
  setUpMoving();
}
window.addEventListener("hashchange", openTarget);
