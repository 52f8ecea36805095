// Forms that open in a row of a table, under what they are about; and the search that opens the first row's.
(function () {
  "use strict";

  // --- opening and closing ---
  function slotOf(opener) {
    if (opener.dataset.rowIn) return document.querySelector(opener.dataset.rowIn);
    const row = opener.closest("tr");
    close(row.closest("table").querySelector(".row-form > td"));
    const line = document.createElement("tr");
    line.className = "row-form";
    const cell = line.insertCell();
    cell.colSpan = row.cells.length;
    cell.id = "row-form-" + opener.dataset.rowId;
    cell.dataset.rowSlot = "";
    row.after(line);
    return cell;
  }
  function open(opener) {
    const menu = opener.closest("[data-menu]");
    if (menu) menu.open = false;
    const slot = slotOf(opener);
    htmx.ajax("GET", opener.dataset.rowForm, { target: slot, swap: "innerHTML" }).then(() => {
      if (!slot.childElementCount) close(slot); // refused: a message says why
    });
  }
  function close(slot) {
    if (!slot) return;
    if (slot.tagName === "TD") slot.parentElement.remove();
    else slot.replaceChildren();
  }
  function leave(slot) {
    const row = slot.tagName === "TD" ? slot.parentElement.previousElementSibling : document;
    close(slot);
    const opener = row.querySelector("[data-row-form]");
    if (opener) opener.focus();
  }
  document.addEventListener("click", (event) => {
    const opener = event.target.closest("[data-row-form]");
    const closer = event.target.closest("[data-close-row]");
    if (opener) open(opener);
    else if (closer && closer.closest("[data-row-slot]")) leave(closer.closest("[data-row-slot]"));
  });
  document.addEventListener("keydown", (event) => {
    const slot = event.key === "Escape" && event.target.closest("[data-row-slot]");
    if (slot) leave(slot);
  });
  document.body.addEventListener("htmx:afterSettle", (event) => {
    const slot = event.detail.elt.closest && event.detail.elt.closest("[data-row-slot]");
    if (!slot) return;
    const search = document.querySelector("[data-opens]");
    if (slot.querySelector("[data-row-done]") && search) {
      const field = search.querySelector("[data-search]"); // the next customer may already be waiting
      field.focus();
      field.select();
      return;
    }
    const first = slot.querySelector(".is-invalid") || slot.querySelector("[autofocus]");
    if (first) {
      first.focus();
      // Whoever has typed already goes on: a digit selected is a digit lost, and an amount ten times too small.
      if (first.select && first.value === first.defaultValue) first.select();
    }
  });

  // The search over everything leads to a customer with the top-up already open.
  function openNamed() {
    const opener = location.hash === "#top-up" && document.querySelector("[data-row-in][data-test=top-up]");
    if (!opener) return;
    history.replaceState(history.state, "", location.pathname + location.search); // once: not again on reload
    open(opener);
  }
  window.addEventListener("hashchange", openNamed);
  openNamed();

  // --- amounts at one press: a click, or the arrows in the field ---
  function set(field, value) {
    field.value = value;
    field.dispatchEvent(new Event("input", { bubbles: true }));
  }
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-quick] [data-value]");
    if (!button) return;
    const field = button.closest("form").querySelector(button.closest("[data-quick]").dataset.quick);
    set(field, button.dataset.value);
    field.focus();
  });
  window.lovhubKeys.add({ keys: ["↑", "↓"], text: "key_amounts", when: () => document.querySelector("[data-row-slot] [data-quick]") !== null });
  window.lovhubKeys.add({ keys: ["Esc"], text: "key_leave_row", when: () => document.querySelector("[data-row-slot] form") !== null });
  document.addEventListener("keydown", (event) => {
    if (!event.target.form || !["ArrowUp", "ArrowDown"].includes(event.key)) return;
    const quick = event.target.form.querySelector(`[data-quick="#${event.target.id}"]`);
    if (!quick || event.target.type === "radio") return;
    event.preventDefault();
    const values = [...quick.querySelectorAll("[data-value]")].map((button) => button.dataset.value);
    const step = values.indexOf(event.target.value) + (event.key === "ArrowDown" ? 1 : -1);
    set(event.target, values[Math.max(0, Math.min(step, values.length - 1))]);
  });

  // --- change due ---
  function amount(field) {
    const text = field.value.replace(/\s|₸/g, "").replace(",", ".");
    return /^\d+(\.\d{1,2})?$/.test(text) ? Math.round(Number(text) * 100) : null;
  }
  function showChange(form) {
    const shown = form.querySelector("[data-change]");
    if (!shown) return;
    const method = form.querySelector("[name=method]:checked");
    form.querySelectorAll("[data-only-for]").forEach((one) => { one.hidden = !method || method.value !== one.dataset.onlyFor; });
    const part = shown.closest("[data-only-for]");
    const asked = amount(form.querySelector("[data-amount]"));
    const received = amount(part.querySelector("input"));
    const change = asked === null || received === null || part.hidden ? -1 : received - asked;
    shown.textContent = change < 0 ? "" : shown.dataset.changePattern.replace("{}", (change / 100).toLocaleString(window.lovhubLocale));
  }
  document.addEventListener("input", (event) => { if (event.target.form) showChange(event.target.form); });

  // --- a way back that is open for a while ---
  function countDown(form) {
    const end = performance.now() + Number(form.dataset.countdown) * 1000;
    const left = form.querySelector("[data-left]");
    function show() {
      const seconds = Math.ceil((end - performance.now()) / 1000);
      if (!form.isConnected) return;
      if (seconds <= 0) { form.hidden = true; return; }
      left.textContent = Math.floor(seconds / 60) + ":" + String(seconds % 60).padStart(2, "0");
      setTimeout(show, 500);
    }
    show();
  }
  function prepare(root) {
    root.querySelectorAll("form").forEach(showChange);
    root.querySelectorAll("[data-countdown]").forEach(countDown);
  }
  document.body.addEventListener("htmx:load", (event) => prepare(event.detail.elt.parentElement || event.detail.elt));

  // --- the search: arrows choose a row, Enter opens the form of the chosen one, else of the first ---
  function list(form) { return document.querySelector(form.dataset.opens); }
  function isFresh(form) {
    const found = list(form).querySelector("[data-found-for]");
    return found !== null && found.dataset.foundFor === form.querySelector("[data-search]").value.trim();
  }
  function openFirst(form) {
    const chosen = list(form).querySelector("tr.chosen [data-row-first]");
    const first = chosen || list(form).querySelector("[data-row-first]");
    if (first) open(first);
  }
  document.addEventListener("keydown", (event) => {
    const form = event.target.closest("[data-opens]");
    if (!form || !event.target.matches("[data-search]")) return;
    if (event.key === "Enter") {
      if (!isFresh(form)) { form.dataset.waiting = "1"; return; } // the submit that follows asks first
      event.preventDefault();
      openFirst(form);
    } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      const rows = [...list(form).querySelectorAll("tr[data-customer-id]")];
      const at = rows.findIndex((row) => row.classList.contains("chosen")) + (event.key === "ArrowDown" ? 1 : -1);
      rows.forEach((row) => row.classList.remove("chosen"));
      const row = rows[Math.min(at, rows.length - 1)];
      if (row) { row.classList.add("chosen"); row.scrollIntoView({ block: "nearest" }); }
    }
  });
  window.lovhubKeys.add({ keys: ["↑", "↓"], text: "key_choose_row", when: () => document.querySelector("[data-opens]") !== null });
  window.lovhubKeys.add({ keys: ["Enter"], text: "key_open_row", when: () => document.querySelector("[data-opens]") !== null });
  document.body.addEventListener("htmx:afterSettle", () => {
    const form = document.querySelector("[data-opens][data-waiting]");
    if (!form || !isFresh(form)) return;
    delete form.dataset.waiting;
    openFirst(form);
  });
})();
