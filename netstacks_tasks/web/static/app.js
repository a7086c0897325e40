// What every page needs beside htmx.
"use strict";

// A form that asks before it is sent says what in `data-confirm`.
document.addEventListener("submit", (event) => {
  const question = event.target.dataset.confirm;
  if (question && !window.confirm(question)) {
    event.preventDefault();
    event.stopImmediatePropagation();
  }
}, true);

// A request that got no answer at all leaves a word for it.
document.addEventListener("htmx:sendError", () => {
  const notices = document.getElementById("notices");
  const notice = document.createElement("div");
  notice.className = "notice bad";
  notice.setAttribute("role", "alert");
  notice.textContent = "The server does not answer. What you typed is still here: try again in a moment.";
  notices.replaceChildren(notice);
});
