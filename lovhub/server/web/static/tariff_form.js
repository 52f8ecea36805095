// The form of a tariff: only the fields that belong to its kind are seen. The server decides; this saves the eyes.
(function () {
  "use strict";
  function chosen(form, name) {
    const field = form.querySelector('[name="' + name + '"]:checked');
    return field ? field.value : "";
  }
  function refresh(part) {
    const form = part.closest("form"), kind = chosen(form, "kind");
    part.querySelectorAll("[data-when]").forEach((shown) => {
      if (!shown.dataset.when) return;
      shown.hidden = !shown.dataset.when.split(" or ").some((all) => all.split(" ").every((condition) => {
        const [name, wanted] = condition.split("=");
        return wanted.split("|").includes(chosen(form, name));
      }));
    });
    const kept = part.querySelector('[name="rest_rule"][value="kept"]');
    kept.closest("label").hidden = kind !== "package";
    if (kind !== "package" && kept.checked) part.querySelector('[name="rest_rule"][value="expires"]').checked = true;
  }
  document.addEventListener("input", (event) => {
    const form = event.target.closest("form"), part = form && form.querySelector("[data-tariff-form]");
    if (part) refresh(part);
  }, true);
  const start = (root) => root.querySelectorAll("[data-tariff-form]").forEach(refresh);
  document.addEventListener("DOMContentLoaded", () => start(document));
  document.addEventListener("htmx:load", (event) => start(event.detail.elt.closest("form") || event.detail.elt));
})();
