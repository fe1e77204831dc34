// Writing: the posts are shown while somebody types, rows can be added, and nothing typed is lost by mistake.

const WAIT = 250;
const SPEAK_AFTER = 1500;

const form = document.querySelector("form.writing");

class LivePreview {
  constructor(form) {
    this.form = form;
    this.touched = new Set([...form.querySelectorAll(".wrong [name]")].map((field) => field.name));
    this.speaks = form.querySelector("[data-spoken]");
    this.previews = form.querySelector("[data-previews]");
  }

  typed(event) {
    if (event.target.name) {
      this.touched.add(event.target.name);
    }
    window.clearTimeout(this.waiting);
    this.waiting = window.setTimeout(() => this.ask(), WAIT);
  }

  async ask() {
    this.asking?.abort();
    const asking = new AbortController();
    this.asking = asking;
    this.previews.setAttribute("aria-busy", "true");
    const body = new FormData(this.form);
    // A picture goes its own way: see pictures.js.
    body.delete("picture");
    try {
      const answer = await fetch(this.form.dataset.preview, {
        method: "POST",
        body,
        headers: { Accept: "application/json" },
        signal: asking.signal,
      });
      if (answer.ok) {
        this.show(await answer.json());
      }
    } catch (error) {
      // A newer question took its place, or the bot is away: what stands there stays.
      if (error.name !== "AbortError" && !(error instanceof TypeError)) {
        throw error;
      }
    } finally {
      if (this.asking === asking) {
        this.previews.removeAttribute("aria-busy");
      }
    }
  }

  show(seen) {
    this.showPreviews(seen.previews);
    for (const [language, html] of Object.entries(seen.meters)) {
      this.fill(`[data-meter="${language}"]`, html);
    }
    this.fill("[data-numbers]", seen.numbers);
    this.fill("[data-outlook]", seen.outlook);
    for (const place of this.form.querySelectorAll("[data-mistakes]")) {
      this.showMistakes(place, seen.problems[place.dataset.mistakes] ?? "");
    }
    const words = this.form.querySelector("[data-button-words]");
    if (words && seen.button) {
      words.textContent = seen.button;
    }
    const cost = this.form.querySelector("[data-cost]");
    if (cost) {
      cost.textContent = seen.cost;
    }
    this.speak(seen.spoken);
  }

  // Pictures that stand there already stay: no browser keeps them, and each would be fetched at every letter.
  showPreviews(html) {
    const fresh = document.createElement("template");
    fresh.innerHTML = html;
    const there = [...this.previews.querySelectorAll("img")];
    for (const image of fresh.content.querySelectorAll("img")) {
      const at = there.findIndex((one) => one.getAttribute("src") === image.getAttribute("src"));
      if (at !== -1) {
        const [kept] = there.splice(at, 1);
        kept.alt = image.alt;
        image.replaceWith(kept);
      }
    }
    const opened = [...this.previews.querySelectorAll(".veil input")].map((box) => box.checked);
    this.previews.replaceChildren(fresh.content);
    this.previews.querySelectorAll(".veil input").forEach((box, number) => { box.checked = opened[number] ?? false; });
  }

  fill(selector, html) {
    const place = this.form.querySelector(selector);
    if (place) {
      place.innerHTML = html;
    }
  }

  // A field that nobody has come to yet is not wrong, only empty.
  showMistakes(place, html) {
    const name = place.dataset.mistakes;
    const field = this.form.elements.namedItem(name);
    const shown = field === null || this.touched.has(name) ? html : "";
    place.innerHTML = shown;
    place.closest(".field, fieldset")?.classList.toggle("wrong", shown !== "");
    if (field instanceof HTMLElement) {
      field.toggleAttribute("aria-invalid", shown !== "");
    }
  }

  // Not at each letter: only once somebody stops typing, and only when it is something else than before.
  speak(words) {
    window.clearTimeout(this.speaking);
    this.speaking = window.setTimeout(() => {
      if (this.speaks && this.speaks.textContent !== words) {
        this.speaks.textContent = words;
      }
    }, SPEAK_AFTER);
  }
}

function addRows(form) {
  const button = form.querySelector("[data-add-row]");
  button?.removeAttribute("hidden");
  button?.addEventListener("click", () => {
    const rows = form.querySelector("[data-rows]");
    rows.append(form.querySelector("[data-row]").content.cloneNode(true));
    rows.lastElementChild.querySelector("input").focus();
  });
}

// A known source needs no name and no link of its own.
function foldSource(form) {
  const picker = form.querySelector("[data-source]");
  const own = form.querySelector("[data-own-source]");
  const fold = () => own.toggleAttribute("hidden", picker.value !== "");
  picker?.addEventListener("change", fold);
  if (picker) {
    fold();
  }
}

function chooseMoment(form) {
  const at = form.elements.namedItem("at");
  at?.addEventListener("input", () => {
    form.querySelector("#when-chosen").checked = true;
  });
}

// Enter in a field is not the word to queue.
function noQueueByEnter(event) {
  if (event.key === "Enter" && event.target instanceof HTMLInputElement && event.target.type !== "submit") {
    event.preventDefault();
  }
}

function askBeforeLeaving(form) {
  let written = false;
  form.addEventListener("input", () => { written = true; });
  form.addEventListener("submit", () => { written = false; });
  window.addEventListener("beforeunload", (event) => {
    if (written) {
      event.preventDefault();
    }
  });
}

if (form) {
  const preview = new LivePreview(form);
  form.addEventListener("input", (event) => preview.typed(event));
  form.addEventListener("keydown", noQueueByEnter);
  addRows(form);
  foldSource(form);
  chooseMoment(form);
  askBeforeLeaving(form);
  const first = document.querySelector(".mend") && form.querySelector(".wrong :is(input, textarea, select)");
  first?.focus();
}
