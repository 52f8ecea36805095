// Selling goods: a press adds one, the sum stands in the buttons, and the pressed button says how it is paid.
(function () {
  "use strict";
  const LARGEST = 100;

  function money(form, amount) {
    const whole = Math.floor(amount / 100).toLocaleString(window.lovhubLocale).replace(/\s/g, "\u00a0"), rest = amount % 100;
    return whole + (rest ? "," + String(rest).padStart(2, "0") : "") + "\u00a0" + form.dataset.sign;
  }
  function show(form) {
    let total = 0;
    form.querySelectorAll("[data-good]").forEach((good) => {
      const count = Math.max(0, parseInt(good.querySelector("input").value, 10) || 0);
      good.classList.toggle("chosen", count > 0);
      total += count * Number(good.dataset.price);
    });
    form.elements.total.value = String(total);
    form.querySelector("[data-total]").textContent = money(form, total);
    form.querySelectorAll("[data-pay]").forEach((button) => {
      button.disabled = total === 0;
      button.querySelector("[data-sum]").textContent = total ? money(form, total) : "";
    });
  }
  document.addEventListener("click", (event) => {
    const button = event.target.closest("#sell-goods button");
    if (!button) return;
    const form = button.form;
    if (button.matches("[data-pay]")) { form.querySelector("[data-method]").value = button.dataset.pay; return; }
    const field = button.closest("[data-good]").querySelector("input");
    const step = button.matches("[data-less]") ? -1 : 1;
    field.value = String(Math.min(LARGEST, Math.max(0, (parseInt(field.value, 10) || 0) + step)));
    show(form);
  });
  document.addEventListener("input", (event) => { if (event.target.form && event.target.form.id === "sell-goods") show(event.target.form); });
  document.body.addEventListener("htmx:load", () => { const form = document.getElementById("sell-goods"); if (form) show(form); });
})();
