// The counter's forms: which fields belong to the choice made, the change due as one types, and the sentence in
// the button. The server decides; this only saves the cashier's eyes and fingers.
(function () {
  "use strict";
  const text = window.lovhubText;
  const HUNDREDTHS = 100;

  function checked(form, name) {
    const field = form.elements[name];
    if (!field) return form.dataset[name] || "";
    if (field.type === "checkbox") return field.checked ? "yes" : "";
    return field.value || "";
  }
  function holds(form, conditions) {
    return conditions.split(" ").filter(Boolean).every((condition) => {
      const [name, wanted] = condition.split("="), value = checked(form, name);
      return wanted === "*" ? value !== "" : wanted.split("|").includes(value);
    });
  }
  // «1 500,50» → 150050 hundredths; null for what is no amount.
  function amountOf(words) {
    const found = /^(\d{1,9})(?:[.,](\d{1,2}))?$/.exec((words || "").replace(/[\s₸]/g, ""));
    return found ? Number(found[1]) * HUNDREDTHS + Number((found[2] || "").padEnd(2, "0")) : null;
  }
  function plain(amount) {
    const rest = amount % HUNDREDTHS;
    return Math.floor(amount / HUNDREDTHS) + (rest ? "," + String(rest).padStart(2, "0") : "");
  }
  function money(form, amount) {
    const [whole, rest] = plain(amount).split(",");
    return Number(whole).toLocaleString(window.lovhubLocale).replace(/\s/g, "\u00a0") + (rest ? "," + rest : "") + " " + form.dataset.sign;
  }
  // Zone by zone: [zone, price, PCs there].
  function zones(form) { return JSON.parse(form.elements.prices.value || "{}")[form.elements.tariff.value] || []; }
  // One payment for several, PC by PC: [PC, price, what of it the bonuses of the customer there pay].
  function shares(form) { return form.elements.shares ? JSON.parse(form.elements.shares.value || "{}")[form.elements.tariff.value] || [] : []; }
  function price(form) {
    const rows = zones(form), each = shares(form);
    if (!rows.length) return null;
    if (each.length && checked(form, "method") !== "own") return each.reduce((sum, row) => sum + row[1], 0);
    if (checked(form, "method") === "own") return Math.min(...rows.map((row) => row[1]));
    return rows.reduce((sum, row) => sum + row[1] * row[2], 0);
  }
  // What each pays for themselves: one price, or from–to where zones differ.
  function each(form) {
    const prices = zones(form).map((row) => row[1]), low = Math.min(...prices), high = Math.max(...prices);
    return low === high ? money(form, low) : money(form, low) + " – " + money(form, high);
  }
  function part(form, method) { return amountOf((form.elements["part_" + method] || {}).value) || 0; }
  function parts(form) { return part(form, "cash") + part(form, "card") + part(form, "kaspi"); }

  function chosenCustomer(form) {
    return checked(form, "who") === "guest" ? null : form.querySelector('[name="customer"]:checked');
  }
  // A customer's group may have prices and tariffs of its own; for everybody else, what the page came with.
  function showOffers(form) {
    const select = form.elements.tariff, chosen = chosenCustomer(form);
    if (!form.dataset.usual) {
      const prices = JSON.parse(form.elements.prices.value || "{}");
      const usual = [...select.options].filter((option) => option.value).map((option) => [option.value, option.text, prices[option.value]]);
      form.dataset.usual = form.dataset.shown = JSON.stringify(usual);
    }
    const wanted = (chosen && chosen.dataset.offers) || form.dataset.usual;
    if (form.dataset.shown === wanted) return;
    form.dataset.shown = wanted;
    const offers = JSON.parse(wanted), before = select.value || form.dataset.tariff;
    select.replaceChildren(...[...select.options].filter((option) => !option.value), ...offers.map(([value, words]) => new Option(words, value)));
    form.dataset.theirMinutes = offers.filter((offer) => offer[3]).map(([value]) => value).join(" ");
    form.elements.prices.value = JSON.stringify(Object.fromEntries(offers.map(([value, , price]) => [value, price])));
    if (offers.some(([value]) => value === before)) select.value = before;
    else if (before) chooseFirst(select);
  }
  // What of the price the customer's bonuses pay: they are spent first, up to their share.
  function bonusPart(form, due) {
    if (form.elements.shares) return checked(form, "method") === "own" ? 0 : shares(form).reduce((sum, row) => sum + row[2], 0);
    if (due === null || form.dataset.count || checked(form, "who") === "guest" || byMinute(form, form.elements.tariff.value)) return 0;
    const has = (chosenCustomer(form) || form).dataset;
    return Math.min(Number(has.bonus || 0), Math.floor(due * Number(has.share || 0) / 100));
  }

  function chooseFirst(select) { select.selectedIndex = [...select.options].findIndex((option) => option.value && !option.disabled); }
  // Paid for as it is played: a guest has nothing to pay from.
  function byMinute(form, tariff) { return ((form.dataset.minutes || "") + " " + (form.dataset.theirMinutes || "")).split(" ").includes(tariff); }

  function refresh(form) {
    showOffers(form);
    const select = form.elements.tariff, guest = checked(form, "who") === "guest";
    const remaining = select.querySelector('option[value=""]');
    if (remaining) {
      remaining.hidden = remaining.disabled = guest;
      if (guest && select.value === "") chooseFirst(select);
    }
    [...select.options].filter((option) => option.value && byMinute(form, option.value)).forEach((option) => {
      option.hidden = option.disabled = guest;
      if (guest && option.selected) chooseFirst(select);
    });
    const fromBalance = form.querySelector('[name="method"][value="balance"]');
    if (fromBalance && !form.dataset.count) {
      fromBalance.closest("label").hidden = guest;
      if (guest && fromBalance.checked) form.querySelector('[name="method"][value="cash"]').checked = true;
    }
    // In debt one plays by the minute, and under a name.
    const debt = form.querySelector('[name="method"][value="debt"]');
    if (debt) {
      debt.closest("label").hidden = guest || !byMinute(form, select.value);
      if (debt.closest("label").hidden && debt.checked) form.querySelector('[name="method"][value="cash"]').checked = true;
    }
    form.querySelectorAll("[data-when]").forEach((part) => { part.hidden = !holds(form, part.dataset.when); });

    const due = price(form), method = checked(form, "method"), amount = form.elements.amount;
    const bonus = bonusPart(form, due), asked = due === null ? null : due - bonus;
    if (form.elements.bonus) form.elements.bonus.value = due === null || guest ? "" : bonus;
    if (amount) amount.placeholder = asked === null ? "" : plain(asked);
    const typed = amount && amount.value.trim() ? amountOf(amount.value) : asked;
    const split = method === "split";
    const paid = guest ? asked : method === "balance" || method === "debt" ? 0 : split ? parts(form) || asked : typed;
    say(form, { due, bonus, paid, guest, method });
    showChange(form, split ? part(form, "cash") || null : method === "cash" ? paid : null);
    const left = form.querySelector("[data-parts-left]");
    if (left) {
      const missing = (asked || 0) - parts(form);
      left.dataset.missing = missing;
      left.textContent = due === null || missing === 0 ? "" : missing > 0
        ? text("parts_missing", { amount: money(form, missing) }) : text("parts_beyond", { amount: money(form, -missing) });
      left.classList.toggle("text-danger", missing < 0 && guest);
    }
    const total = form.querySelector("[data-total]");
    if (total) {
      total.textContent = due === null ? "" : bonus ? text("with_bonuses", { amount: money(form, asked), bonus: money(form, bonus) }) : money(form, asked);
      const own = form.querySelector("[data-own-terms]"), full = zones(form).reduce((sum, row) => sum + row[1] * row[2], 0);
      own.hidden = own.hidden || due === null || asked === full;
    }
  }
  function say(form, { due, bonus, paid, guest, method }) {
    const button = form.querySelector("[data-say-none]");
    let sentence = "none";
    if (due !== null) {
      if (byMinute(form, form.elements.tariff.value)) sentence = { balance: "minutes", debt: "debt" }[method] || "paid_minutes";
      else if (method === "own" || method === "balance" || (!guest && paid === 0)) sentence = method === "own" ? method : "balance";
      else if (!guest) sentence = "desk";
      else sentence = checked(form, "with_code") ? "code" : "guest";
    }
    const pattern = button.getAttribute("data-say-" + sentence);
    const whole = due === null ? "" : method === "own" ? each(form) : money(form, due);
    const parted = bonus ? text("with_bonuses", { amount: money(form, due - bonus), bonus: money(form, bonus) }) : whole;
    button.textContent = pattern.replace("{price}", parted).replace("{amount}", money(form, paid || 0));
  }
  function showChange(form, paid) {
    const output = form.querySelector("[data-change]"), received = form.elements.received;
    if (!output) return;
    const given = amountOf(received.value), counted = paid !== null && given !== null;
    output.textContent = !counted ? "" : given >= paid
      ? text("change_due", { amount: money(form, given - paid) })
      : text("change_short", { amount: money(form, paid - given) });
    output.classList.toggle("short", counted && given < paid);
  }
  // Another customer: their bought time first, then their balance, then money at the desk.
  function offer(form) {
    const chosen = form.querySelector('[name="customer"]:checked');
    const id = chosen ? chosen.value : form.dataset.balance ? "here" : "";
    if (!id || form.dataset.offered === id) return;
    form.dataset.offered = id;
    const has = Number(chosen ? chosen.dataset.balance : form.dataset.balance);
    if (chosen && Number(chosen.dataset.seconds)) form.elements.tariff.value = "";
    else if (form.elements.tariff.value === "") chooseFirst(form.elements.tariff);
    showOffers(form);
    const due = price(form), needed = byMinute(form, form.elements.tariff.value) ? 1 : (due || 0) - bonusPart(form, due);
    const method = has >= needed ? "balance" : "cash";
    const button = form.querySelector('[name="method"][value="' + method + '"]');
    if (button && !form.dataset.count) button.checked = true;
  }

  document.addEventListener("input", (event) => {
    const form = event.target.closest("form[data-counter]");
    if (!form) return;
    if (event.target.name === "customer") offer(form);
    refresh(form);
  });
  document.addEventListener("click", (event) => {
    const note = event.target.closest("[data-note]");
    if (!note) return;
    const field = note.closest("form").elements.received;
    field.value = note.dataset.note;
    field.dispatchEvent(new Event("input", { bubbles: true }));
    field.focus();
  });
  // What is still missing goes into this part: nobody has to reckon it with a customer waiting.
  document.addEventListener("click", (event) => {
    const rest = event.target.closest("[data-rest]");
    if (!rest) return;
    const form = rest.closest("form"), field = form.elements[rest.dataset.rest];
    const whole = Number(form.querySelector("[data-parts-left]").dataset.missing) + (amountOf(field.value) || 0);
    field.value = whole > 0 ? plain(whole) : "";
    field.dispatchEvent(new Event("input", { bubbles: true }));
    field.focus();
  });
  document.addEventListener("keydown", (event) => {
    const form = event.target.closest("form[data-counter]");
    if (!form) return;
    // A key held too long sells nothing; and Enter on the tariff goes on to what is to be filled in, then to the button.
    if (event.key === "Enter" && event.repeat) event.preventDefault();
    else if (event.key === "Enter" && event.target.tagName === "SELECT") {
      event.preventDefault();
      const received = form.elements.received;
      (received && received.offsetParent ? received : form.querySelector("[data-test=submit]")).focus();
    }
    if (event.key === "ArrowDown" && event.target.name === "search") {
      const first = form.querySelector('[name="customer"]');
      if (!first) return;
      event.preventDefault();
      first.focus();
      first.checked = true;
      first.dispatchEvent(new Event("input", { bubbles: true }));
    }
  });
  const onPage = (selector) => () => document.querySelector("form[data-counter] " + selector) !== null;
  window.lovhubKeys.add({ keys: ["Enter"], text: "key_counter_on", when: onPage("select[name=tariff]") });
  window.lovhubKeys.add({ keys: ["↓"], text: "key_counter_found", when: onPage("[name=search]") });
  document.body.addEventListener("htmx:load", (event) => {
    const root = event.detail.elt, forms = [...root.querySelectorAll("form[data-counter]")];
    const around = root.closest("form[data-counter]"), isPartOfForm = around !== null && around !== root;
    (around ? [around] : forms).forEach((form) => {
      // A form that comes back refused keeps what was chosen; other customers found in it are another question.
      const refused = form.querySelector(".is-invalid, .alert-danger, .invalid-feedback");
      if (!refused || isPartOfForm) offer(form);
      refresh(form);
    });
    root.querySelectorAll("[data-left][data-running]").forEach(count);
  });
  // What is left runs down while one looks at it.
  function count(shown) {
    const seconds = Number(shown.dataset.left), since = Date.now();
    const two = (number) => String(number).padStart(2, "0");
    const timer = setInterval(() => {
      if (!shown.isConnected) { clearInterval(timer); return; }
      const left = Math.max(0, seconds - Math.floor((Date.now() - since) / 1000));
      shown.textContent = Math.floor(left / 3600) + ":" + two(Math.floor(left / 60) % 60) + ":" + two(left % 60);
    }, 1000);
  }
})();
