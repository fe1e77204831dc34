// The picture of a form: taken in once it is chosen, dropped or pasted, without leaving the page.

const LARGEST = 25_000_000;
const AGAIN_AFTER = 2000;
const MOST_TRIES = 60;

class PictureField {
  constructor(form) {
    this.form = form;
    this.show();
    form.addEventListener("click", (event) => this.pressed(event));
    form.addEventListener("change", (event) => this.chosen(event));
    document.addEventListener("paste", (event) => this.given(event, event.clipboardData));
    // A file that misses the field must not take the place of the page.
    document.addEventListener("dragover", (event) => this.over(event));
    document.addEventListener("drop", (event) => this.given(event, event.dataTransfer));
  }

  get field() {
    return this.form.querySelector("#picture-field");
  }

  show() {
    for (const hint of this.field.querySelectorAll(".needs-script")) {
      hint.hidden = false;
    }
  }

  pressed(event) {
    const button = event.target.closest("button[name^='picture_']");
    const input = this.form.elements.namedItem("picture");
    if (!button || !this.field.contains(button)) {
      return;
    }
    event.preventDefault();
    if (button.value === "take" && input?.files.length === 0) {
      input.click();
    } else {
      this.send([[button.name, button.value]]);
    }
  }

  chosen(event) {
    if (event.target.name === "picture" && event.target.files.length > 0) {
      this.take(event.target.files[0]);
    }
  }

  over(event) {
    if (event.dataTransfer?.types.includes("Files")) {
      event.preventDefault();
    }
  }

  given(event, transfer) {
    const file = [...(transfer?.files ?? [])].find((one) => one.type.startsWith("image/"));
    if (event.type === "drop" && transfer?.types.includes("Files")) {
      event.preventDefault();
    }
    if (file && !this.field.inert) {
      event.preventDefault();
      this.take(file);
    }
  }

  take(file) {
    // Why the last one was refused says nothing of this one.
    this.field.querySelector("#picture_file-wrong")?.replaceChildren();
    this.field.classList.remove("wrong");
    if (file.size > LARGEST) {
      this.say("tooLarge");
    } else {
      this.send([["picture_do", "take"], ["picture", file]]);
    }
  }

  async send(more) {
    this.say(more.length > 1 ? "sending" : "");
    this.field.inert = true;
    try {
      const part = await this.ask(more);
      if (part) {
        this.replace(part, more[0]);
      }
    } finally {
      this.field.inert = false;
    }
  }

  // One picture is taken in at a time: another one waits for its turn.
  async ask(more) {
    for (let tries = 0; tries < MOST_TRIES; tries += 1) {
      const body = new FormData(this.form);
      body.delete("picture");
      for (const [name, value] of more) {
        body.append(name, value);
      }
      try {
        const answer = await fetch("/pictures", { method: "POST", body, headers: { Accept: "application/json" } });
        const part = answer.ok ? await answer.json() : null;
        if (!part?.busy) {
          this.say(part ? "" : answer.status === 413 ? "tooLarge" : "failed");
          return part;
        }
      } catch (error) {
        this.say("failed");
        return null;
      }
      this.say("busy");
      await new Promise((resolve) => { window.setTimeout(resolve, AGAIN_AFTER); });
    }
    this.say("failed");
    return null;
  }

  say(what) {
    const place = this.field.querySelector("[data-waits]");
    place.textContent = place.dataset[what] ?? "";
  }

  replace(part, [name, value]) {
    const before = this.form.elements.namedItem("picture_file").value;
    const fresh = document.createElement("template");
    fresh.innerHTML = part.html;
    this.field.replaceWith(fresh.content.firstElementChild);
    this.show();
    const wanted = name === "picture_do" && value.startsWith("shelf") ? "[data-shelf] button, [data-shelf]" : "textarea, #picture";
    this.field.querySelector(wanted)?.focus();
    const spoken = this.form.querySelector("[data-spoken]");
    if (spoken && part.spoken) {
      spoken.textContent = part.spoken;
    }
    if (this.form.elements.namedItem("picture_file").value !== before) {
      // The post is another one by now.
      this.form.dispatchEvent(new Event("input", { bubbles: true }));
    }
  }
}

const form = document.querySelector("form.writing");
if (form) {
  new PictureField(form);
}
