// What all pages share: dialogs, messages, the menu, the theme. The keyboard is in keys.js.
(function () {
  "use strict";
  const dialog = document.getElementById("dialog");
  const body = document.getElementById("dialog-body");
  const TEXTS = JSON.parse(document.getElementById("texts").textContent);
  // How numbers and times are written; British for English: the day before the month, and 24 hours.
  window.lovhubLocale = { ru: "ru-RU", kk: "kk-KZ", en: "en-GB" }[document.documentElement.lang];
  const ENGLISH = window.lovhubLocale === "en-GB";
  window.lovhubText = function (name, values) {
    return TEXTS[name].replace(/\{(\w+)\}/g, (whole, key) => values[key]);
  };

  function toast(message, kind, undo, receipt) {
    const box = document.createElement("div");
    box.className = "alert alert-" + kind;
    box.textContent = message;
    if (undo) box.append(toastButton(box, undo, "undo"));
    if (receipt) box.append(toastButton(box, receipt, "print_receipt"));
    document.getElementById("toasts").append(box);
    setTimeout(() => box.remove(), undo || receipt ? 15000 : kind === "danger" ? 8000 : 4000);
  }
  function toastButton(box, address, what) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "btn btn-sm ms-2";
    button.dataset.test = what;
    button.textContent = TEXTS[what];
    button.addEventListener("click", () => { box.remove(); window.lovhubPost(address, {}); });
    return button;
  }
  // Sends what no form on the page stands for; the answer's message is shown like a form's.
  window.lovhubPost = function (address, values) {
    const token = document.querySelector("input[name=csrf_token]").value;
    return htmx.ajax("POST", address, { values: Object.assign({ csrf_token: token }, values), swap: "none" });
  };
  window.lovhubToast = toast;

  function openIn(box, address) {
    const inside = box.firstElementChild;
    htmx.ajax("GET", address, { target: inside, swap: "innerHTML" }).then(() => {
      if (inside.childElementCount && !box.open) box.showModal();
      const first = inside.querySelector("[autofocus]") || inside.querySelector("input:not([type=hidden]), select, textarea");
      if (first) first.focus();
    });
  }
  window.lovhubDialog = (address) => openIn(dialog, address);
  // A week after the sign-in: the password, above all that is open and typed here.
  const again = document.getElementById("begin-anew");
  document.body.addEventListener("lovhub:begin_anew", () => { if (!again.open) openIn(again, again.dataset.address); });
  document.body.addEventListener("lovhub:begun_anew", (event) => {
    again.close();
    again.firstElementChild.replaceChildren();
    toast(event.detail.message, "success");
  });

  document.addEventListener("click", (event) => {
    const opener = event.target.closest("[data-dialog]");
    if (opener) {
      event.preventDefault();
      window.lovhubDialog(opener.dataset.dialog);
    } else if (event.target.closest("[data-post]")) {
      // What needs no question is done at once, and once: the button rests until the answer is there.
      const pressed = event.target.closest("[data-post]");
      pressed.disabled = true;
      window.lovhubPost(pressed.dataset.post, {}).finally(() => { pressed.disabled = false; });
    } else if (event.target.closest("[data-close]")) {
      (event.target.closest("dialog") || dialog).close();
    } else if (event.target.closest("[data-theme-toggle]")) {
      toast(TEXTS["theme_" + window.lovhubNextTheme()], "info");
    } else if (event.target.closest("[data-unfold]")) {
      const unfold = event.target.closest("[data-unfold]");
      unfold.setAttribute("aria-expanded", document.querySelector(unfold.dataset.unfold).classList.toggle("unfolded"));
    } else if (event.target.closest("[data-toggle-menu]")) {
      const menu = document.getElementById("menu");
      const open = menu.classList.toggle("show");
      event.target.closest("[data-toggle-menu]").setAttribute("aria-expanded", open);
    }
  });
  // A menu closes when one clicks elsewhere, follows a link in it (a file leaves the page where it is) or presses Escape.
  document.addEventListener("click", (event) => {
    document.querySelectorAll("[data-menu][open]").forEach((menu) => {
      if (!menu.contains(event.target) || event.target.closest("a[href]")) menu.open = false;
    });
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    document.querySelectorAll("[data-menu][open]").forEach((menu) => {
      menu.open = false;
      menu.querySelector("summary").focus();
    });
  });
  dialog.addEventListener("close", () => { if (!dialog.open) body.replaceChildren(); }); // told late: may be open again

  // What the server asks back and nobody has answered yet.
  function asked(root) {
    const choices = [...root.querySelectorAll("[data-asked] input")];
    return choices.some((choice) => choice.checked) ? null : choices[0];
  }
  // What a form was refused for is where one goes on typing, whichever field the form begins with.
  function focusWrong(root) {
    const wrong = [...root.querySelectorAll(".is-invalid")].find((field) => field.offsetParent) || asked(root);
    if (!wrong) return;
    wrong.focus();
    if (wrong.select && wrong.value === wrong.defaultValue) wrong.select();
  }
  document.body.addEventListener("htmx:afterSettle", (event) => {
    if (event.detail.requestConfig && event.detail.requestConfig.verb === "post") focusWrong(event.detail.target);
  });
  // Whoever was quicker than this script and is in a field of their choice already stays there.
  const chosen = document.activeElement?.closest("input, select, textarea");
  if (!chosen || chosen.hasAttribute("autofocus")) focusWrong(document.getElementById("content"));

  document.body.addEventListener("lovhub:done", (event) => {
    if (dialog.open) dialog.close();
    toast(event.detail.message, "success", event.detail.undo, event.detail.receipt);
    if (document.querySelector("[data-refresh]")) {
      htmx.ajax("GET", location.href, { target: "#content", select: "#content", swap: "outerHTML" });
    }
  });
  document.body.addEventListener("lovhub:refused", (event) => toast(event.detail.message, "danger"));
  document.body.addEventListener("htmx:sendError", (event) => {
    // A page that refreshes itself fades while it cannot; only what a person did is answered with a message.
    if (event.target.matches("[data-stays-fresh]")) event.target.classList.add("stale");
    else if (event.detail.elt.matches("[role=search]")) searchAgain(event.detail.elt, event.detail.target);
    else toast(TEXTS.offline, "danger");
  });
  // Beside what is sought now stands what was found before: that fades, and the search asks until it is answered.
  let searchingAgain;
  function searchAgain(form, found) {
    if (!found.classList.contains("unanswered")) toast(TEXTS.offline, "danger");
    found.classList.add("unanswered");
    clearTimeout(searchingAgain);
    searchingAgain = setTimeout(() => { if (form.isConnected) htmx.trigger(form, "submit"); }, 3000);
  }
  document.body.addEventListener("htmx:afterSwap", (event) => event.detail.target.classList.remove("unanswered"));
  // A server that has too much to do says when to come again: until then a page asks nothing by itself.
  let heldUntil = 0;
  document.body.addEventListener("htmx:beforeRequest", (event) => {
    if (event.target.matches("[data-stays-fresh]") && performance.now() < heldUntil) event.preventDefault();
  });
  document.body.addEventListener("htmx:responseError", (event) => {
    const xhr = event.detail.xhr, seconds = xhr.status === 503 ? Number(xhr.getResponseHeader("Retry-After")) : 0;
    if (seconds) {
      heldUntil = performance.now() + seconds * 1000;
      if (event.target.matches("[data-stays-fresh]")) event.target.classList.add("stale");
      else toast(window.lovhubText("overloaded", { seconds }), "danger");
    } else if (!xhr.getResponseHeader("HX-Trigger")) toast(TEXTS.failed, "danger");
  });

  function showTheme(root) {
    const box = root.matches && root.matches("[data-themes]") ? root : root.querySelector("[data-themes]");
    if (box) box.querySelector('[value="' + window.lovhubTheme() + '"]').checked = true;
  }
  document.body.addEventListener("htmx:load", (event) => showTheme(event.detail.elt));
  document.addEventListener("change", (event) => {
    if (event.target.closest("[data-themes]")) window.lovhubChooseTheme(event.target.value);
  });

  // A button that moves money is pressed once, however quick the finger.
  document.addEventListener("submit", (event) => {
    const button = event.target.querySelector("[data-once]");
    if (!button) return;
    if (event.target.dataset.sending) { event.preventDefault(); event.stopImmediatePropagation(); return; }
    event.target.dataset.sending = "1";
    button.classList.add("btn-loading");
  }, true);
  document.body.addEventListener("htmx:afterRequest", (event) => {
    const form = event.target.closest ? event.target.closest("form") : null;
    if (form) { delete form.dataset.sending; form.querySelectorAll(".btn-loading").forEach((b) => b.classList.remove("btn-loading")); }
  });

  // The amount stands in the button that takes it: "Top up 2 000 ₸".
  function amountText(text) {
    const typed = ENGLISH ? (text || "").replace(/,(?=\d{3}(?!\d))/g, "") : text || "";
    const found = /^\s*(\d[\d\s]*)([.,]\d{1,2})?/.exec(typed);
    if (!found) return "";
    const whole = Number(found[1].replace(/\s/g, ""));
    return whole ? whole.toLocaleString(window.lovhubLocale).replace(/\s/g, "\u00a0") + (found[2] || "").replace(/[.,]/, ENGLISH ? "." : ",") : "";
  }
  function showAmount(form) {
    const button = form.querySelector("[data-amount-pattern]");
    if (!button) return;
    const field = form.querySelector("[data-amount]");
    const amount = field ? amountText(field.value) : "";
    button.textContent = amount ? button.dataset.amountPattern.replace("{}", amount) : button.dataset.amountEmpty;
  }
  document.addEventListener("input", (event) => { if (event.target.form) showAmount(event.target.form); });
  document.body.addEventListener("htmx:load", (event) => {
    const root = event.detail.elt;
    (root.matches && root.matches("form") ? [root] : root.querySelectorAll("form")).forEach(showAmount);
  });
})();
