// Runs before the first paint, so that a dark page never flashes white.
(function () {
  "use strict";
  const KEY = "lovhub-theme";
  const system = matchMedia("(prefers-color-scheme: dark)");
  function chosen() {
    try { return localStorage.getItem(KEY) || "system"; } catch { return "system"; }
  }
  function apply() {
    const theme = chosen();
    const dark = theme === "dark" || (theme === "system" && system.matches);
    document.documentElement.setAttribute("data-bs-theme", dark ? "dark" : "light");
    document.documentElement.dataset.themeChoice = theme;
  }
  system.addEventListener("change", apply);
  window.addEventListener("storage", apply); // chosen in another tab
  window.lovhubTheme = chosen;
  window.lovhubChooseTheme = function (theme) {
    try { localStorage.setItem(KEY, theme); } catch { /* private window: until the page is left */ }
    apply();
  };
  window.lovhubNextTheme = function () {
    const order = ["system", "light", "dark"];
    const next = order[(order.indexOf(chosen()) + 1) % order.length];
    window.lovhubChooseTheme(next);
    return next;
  };
  apply();
})();
