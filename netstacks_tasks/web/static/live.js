// Parts that keep themselves up to date rest while nobody looks at the page.
"use strict";

document.addEventListener("htmx:beforeRequest", (event) => {
  if (document.hidden && event.target.classList.contains("live")) event.preventDefault();
});
