// Counting the drawer: how many of each note, and the sum writes itself. Enter goes on; at the sum it closes the count.
(function () {
  "use strict";

  function total(form) {
    let sum = 0, typed = false;
    form.querySelectorAll("[data-note]").forEach((field) => {
      const count = parseInt(field.value, 10);
      if (count > 0) { sum += count * Number(field.dataset.note); typed = true; }
      field.parentElement.querySelector("output").textContent =
        count > 0 ? (count * Number(field.dataset.note)).toLocaleString(window.lovhubLocale) : "";
    });
    return typed ? sum : null;
  }
  document.addEventListener("input", (event) => {
    if (!event.target.matches("[data-note]")) return;
    const sum = total(event.target.form), field = event.target.form.elements.counted;
    field.value = sum === null ? "" : String(sum);
    field.dispatchEvent(new Event("input", { bubbles: true }));
  });
  document.addEventListener("keydown", (event) => {
    if (!event.target.matches || !event.target.matches("[data-note]")) return;
    const fields = [...event.target.form.querySelectorAll("[data-note]"), event.target.form.elements.counted];
    const step = { Enter: 1, ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step) return;
    // A number field would count up and down, and Enter would close the shift with half of the count.
    event.preventDefault();
    const next = fields[fields.indexOf(event.target) + step];
    if (next) { next.focus(); next.select(); }
  });
})();
