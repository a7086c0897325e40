// The log of a run that goes on: stays at its end while that is in view, and can be paused.
"use strict";

(() => {
  const log = document.getElementById("log");
  const pause = document.getElementById("log-pause");
  if (!log || !pause) return;
  let paused = false;
  let atEnd = true;

  const more = () => document.getElementById("log-more");
  const show = () => { pause.hidden = !(more() && "live" in more().dataset); };

  pause.addEventListener("click", () => {
    paused = !paused;
    pause.setAttribute("aria-pressed", String(paused));
    pause.textContent = paused ? "Go on" : "Pause";
    if (!paused && more()) htmx.trigger(more(), "resume");
  });
  log.addEventListener("htmx:beforeRequest", (event) => {
    if (paused && event.target.id === "log-more") event.preventDefault();
  });
  log.addEventListener("htmx:beforeSwap", () => {
    atEnd = log.scrollTop + log.clientHeight >= log.scrollHeight - 24;
  });
  document.body.addEventListener("htmx:afterSettle", () => {
    show();
    if (atEnd && !pause.hidden) log.scrollTop = log.scrollHeight;
  });
})();
