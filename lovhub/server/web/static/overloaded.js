// Comes again when the server said that it might be able to; a little later, so that not all come at once.
(function () {
  "use strict";
  const card = document.querySelector("[data-overloaded]");
  const wait = Number(card.dataset.overloaded) * 1000 * (1 + Math.random() / 2);
  if ("again" in card.dataset) setTimeout(() => location.reload(), wait);
  const back = card.querySelector("[data-back]");
  if (back) back.addEventListener("click", () => history.back());
})();
