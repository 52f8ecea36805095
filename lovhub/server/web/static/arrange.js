// A list that is arranged by dragging its rows. (The arrows beside each row do the same for keys and fingers.)
(function () {
  "use strict";
  let dragged = null, origin = -1;
  const rows = (list) => Array.from(list.querySelectorAll("[data-move]"));
  const listOf = (event) => event.target.closest && event.target.closest("[data-arrange]");

  document.addEventListener("dragstart", (event) => {
    dragged = event.target.closest && event.target.closest("[data-arrange] > [draggable]");
    if (!dragged) return;
    origin = rows(dragged.parentNode).indexOf(dragged);
    event.dataTransfer.effectAllowed = "move";
    event.dataTransfer.setData("text/plain", "");
    dragged.classList.add("dragged");
  });
  document.addEventListener("dragover", (event) => {
    const list = listOf(event);
    if (!dragged || list !== dragged.parentNode) return;
    event.preventDefault();
    const over = event.target.closest("[data-move]");
    if (!over || over === dragged) return;
    const box = over.getBoundingClientRect();
    const after = event.clientY > box.top + box.height / 2;
    list.insertBefore(dragged, after ? over.nextSibling : over);
  });
  document.addEventListener("drop", (event) => {
    if (dragged && listOf(event) === dragged.parentNode) event.preventDefault();
  });
  document.addEventListener("dragend", () => {
    if (!dragged) return;
    const row = dragged, place = rows(row.parentNode).indexOf(row);
    row.classList.remove("dragged");
    dragged = null;
    if (place !== origin) window.lovhubPost(row.dataset.move, { place: place });
  });
})();
