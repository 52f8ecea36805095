// Table or tiles: kept in the address, so that a link shows the same, and remembered for the next time.
(function () {
  "use strict";
  const KEY = "lovhub-hall-view";
  const VIEWS = ["table", "tiles"];

  function remembered() {
    try { return localStorage.getItem(KEY); } catch { return null; }
  }
  window.lovhubHallView = function (root, changed) {
    function show(view) {
      root.dataset.view = view;
      document.querySelectorAll("[data-view-choice]").forEach((button) => {
        const chosen = button.dataset.viewChoice === view;
        button.classList.toggle("active", chosen);
        button.setAttribute("aria-pressed", chosen);
      });
      // Filters keep the view, and the view keeps the filter.
      [location, ...document.querySelectorAll("a[data-filter]")].forEach((place) => {
        const address = new URL(place.href);
        address.searchParams.set("view", view);
        if (place === location) history.replaceState(null, "", address);
        else place.href = address;
      });
      changed();
    }
    const asked = new URL(location.href).searchParams.get("view");
    document.addEventListener("click", (event) => {
      const button = event.target.closest("[data-view-choice]");
      if (!button) return;
      try { localStorage.setItem(KEY, button.dataset.viewChoice); } catch { /* private window: until the page is left */ }
      show(button.dataset.viewChoice);
    });
    show([asked, remembered(), "table"].find((view) => VIEWS.includes(view)));
  };
})();
