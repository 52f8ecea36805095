// «Залы и зоны»: what is done to the PCs that are ticked.
(function () {
  "use strict";
  document.addEventListener("click", (event) => {
    const opener = event.target.closest("[data-chosen-dialog]"), all = event.target.closest("[data-choose-all]");
    if (opener) {
      const chosen = [...document.querySelectorAll("#plan input[name=pc]:checked")];
      if (!chosen.length) window.lovhubToast(window.lovhubText("choose_computers"), "info");
      else window.lovhubDialog(opener.dataset.chosenDialog + "?" + new URLSearchParams(chosen.map((box) => ["pc", box.value])));
    }
    if (all) {
      const boxes = [...all.parentElement.querySelectorAll("input[name=pc]")];
      const tick = boxes.some((box) => !box.checked);
      boxes.forEach((box) => { box.checked = tick; });
    }
  });
})();
