// The queue: how many posts are chosen, and all of them at once.

const boxes = [...document.querySelectorAll('input[type="checkbox"][form="bulk"]')];
const all = document.getElementById("choose-all");
const chosen = document.getElementById("chosen");
const bulk = document.getElementById("bulk");

function count() {
  const number = boxes.filter((box) => box.checked).length;
  const written = new Intl.NumberFormat(document.documentElement.lang, {
    numberingSystem: document.documentElement.dataset.digits === "arabic" ? "arab" : "latn",
  }).format(number);
  chosen.textContent = number === 0 ? chosen.dataset.none : `${chosen.dataset.some} ${written}`;
  all.checked = number === boxes.length;
  all.indeterminate = number > 0 && number < boxes.length;
  bulk.classList.toggle("is-chosen", number > 0);
}

if (bulk && all && boxes.length > 0) {
  all.closest("label").hidden = false;
  all.addEventListener("change", () => {
    for (const box of boxes) {
      box.checked = all.checked;
    }
    count();
  });
  for (const box of boxes) {
    box.addEventListener("change", count);
  }
  // Enter in the reason's field would press the first button, which nobody chose.
  bulk.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && event.target.matches("input:not([type='checkbox'])")) {
      event.preventDefault();
    }
  });
  count();
}
