// A switch that could not be set goes back to what it was.
"use strict";

function putBack(event) {
  const box = event.target.querySelector?.("form.toggle input[role=switch]")
    ?? event.target.closest?.("form.toggle")?.querySelector("input[role=switch]");
  if (box) box.checked = box.defaultChecked;
}
for (const failure of ["htmx:responseError", "htmx:sendError", "htmx:timeout"]) {
  document.addEventListener(failure, putBack);
}
