// Choosing posts: all at once, and how many they are on the button that approves them.

const form = document.getElementById("many");
const boxes = [...document.querySelectorAll('input[name="post"]')];
const all = document.getElementById("all");
const button = form?.querySelector("button");

function count() {
  const chosen = boxes.filter((box) => box.checked).length;
  button.lastElementChild.textContent = JSON.parse(button.dataset.labels)[chosen];
  button.disabled = chosen === 0;
  all.checked = chosen === boxes.length;
  all.indeterminate = chosen > 0 && chosen < boxes.length;
}

if (form && boxes.length > 0) {
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
  // A browser that comes back to the page keeps what was chosen.
  window.addEventListener("pageshow", count);
  count();
}
