// A receipt that was asked for on paper is printed as soon as it is there.
(function () {
  "use strict";
  if (document.querySelector("[data-print-now]")) window.print();
})();
