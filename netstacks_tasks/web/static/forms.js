// The form of a task: what belongs together, what was typed, and what came back.
"use strict";

(() => {
  const FORM = "task-form";
  const ZONE = Intl.DateTimeFormat().resolvedOptions().timeZone || "";
  const form = () => document.getElementById(FORM);
  const differs = (one) => (one.options
    ? one.selectedIndex !== Math.max(0, [...one.options].findIndex((option) => option.defaultSelected))
    : "defaultValue" in one && (one.value !== one.defaultValue || one.checked !== one.defaultChecked));
  // Some may have been typed before this script had come.
  let typed = [...form().elements].some(differs);
  let signedOut = false;

  const field = (name) => form().elements.namedItem(name);

  function begin() {
    const editor = form().querySelector("textarea.script");
    if (editor) scriptEditor.attach(editor, field("parameters.interpreter"));
    for (const one of form().querySelectorAll("[data-needs-script]")) one.hidden = false;
    for (const box of form().querySelectorAll(".combobox")) {
      combobox.attach(box, box.dataset.source.endsWith("zones") ? () => ({ own: ZONE })
        : () => ({ kind: field("parameters.target_type").value }));
    }
    offerOwnZone();
    showParts();
  }

  function offerOwnZone() {
    const place = form().querySelector(".own-zone");
    const button = place.querySelector("button");
    button.textContent = `Use this browser's: ${ZONE}`;
    button.onclick = () => { write(field("timezone"), ZONE); field("timezone").focus(); };
    place.hidden = !ZONE || field("timezone").value === ZONE;
  }

  function write(input, text) {
    input.value = text;
    for (const name of ["input", "change"]) input.dispatchEvent(new Event(name, { bubbles: true }));
  }

  // Fields that depend on another one; what is hidden is not sent, unless it may be wanted again.
  function showParts() {
    const kind = field("parameters.target_type");
    const target = field("parameters.target_id");
    if (kind && target) {
      target.closest(".field").hidden = kind.value === "";
      target.disabled = kind.value === "";
    }
    const source = field("script_source");
    for (const part of form().querySelectorAll("[data-shown-for]")) {
      part.hidden = part.dataset.shownFor !== source.value;
    }
    const place = form().querySelector(".own-zone");
    place.hidden = !ZONE || field("timezone").value === ZONE;
  }

  // Errors come and go with the preview; the field has to say so as well.
  function markInvalid() {
    for (const name of ["cron_expression", "timezone"]) {
      const wrong = document.getElementById(`${name}-error`)?.textContent.trim();
      if (wrong) field(name).setAttribute("aria-invalid", "true");
      else field(name).removeAttribute("aria-invalid");
    }
  }

  function notice(text, link) {
    const place = document.getElementById("notices");
    const said = document.createElement("div");
    said.className = "notice bad";
    said.setAttribute("role", "alert");
    said.append(text);
    if (link) {
      const way = document.createElement("a");
      Object.assign(way, { href: link, target: "_blank", textContent: "Sign in in another tab" });
      said.append(" ", way, ", then save again.");
    }
    place.replaceChildren(said);
    said.scrollIntoView({ block: "nearest" });
  }

  // Somebody who signed in again in another tab has another token against forged requests.
  async function freshToken() {
    const answer = await fetch("/tasks/new").catch(() => null);
    if (!answer?.ok || answer.redirected) return;
    const shown = new DOMParser().parseFromString(await answer.text(), "text/html");
    const token = shown.querySelector("input[name=csrf_token]")?.value;
    if (!token) return;
    document.body.setAttribute("hx-headers", JSON.stringify({ "X-CSRF-Token": token }));
    for (const input of document.querySelectorAll("input[name=csrf_token]")) input.value = token;
    signedOut = false;
    document.getElementById("notices").replaceChildren();
  }

  document.addEventListener("input", (event) => { if (event.target.form === form()) typed = true; });
  document.addEventListener("change", (event) => { if (event.target.form === form()) showParts(); });
  document.addEventListener("click", (event) => {
    // Whoever takes theirs has been told that what was typed is gone then.
    if (event.target.closest("#take-theirs")) typed = false;
    const preset = event.target.closest("[data-cron]");
    if (preset) write(field("cron_expression"), preset.dataset.cron);
    if (event.target.closest("a[href^='#']")) {
      const target = document.getElementById(event.target.getAttribute("href").slice(1));
      target?.closest("details")?.setAttribute("open", "");
      const inner = target?.matches("fieldset") ? target.querySelector("input") : target;
      const editor = document.querySelector(`[data-for="${target?.id}"] .cm-content`);
      if (inner) { event.preventDefault(); (editor || inner).focus(); }
    }
  });
  window.addEventListener("focus", () => { if (signedOut) freshToken(); });
  window.addEventListener("beforeunload", (event) => { if (typed) event.preventDefault(); });

  // Whatever the answer is, nothing typed may be lost: no way leads off this page by itself.
  document.addEventListener("htmx:beforeOnLoad", (event) => {
    const answer = event.detail.xhr;
    if (answer.status === 401) {
      event.preventDefault();
      signedOut = true;
      notice("You are signed out. What you typed is still here.", "/sign-in");
    } else if (answer.getResponseHeader("HX-Redirect")) typed = false;
  });
  // The notice is on top and the button below; what is asked for while typing moves nothing.
  for (const failure of ["htmx:responseError", "htmx:sendError"]) {
    document.addEventListener(failure, (event) => {
      if (event.detail.elt.id === FORM) document.getElementById("notices").scrollIntoView({ block: "nearest" });
    });
  }
  document.addEventListener("htmx:afterSwap", (event) => {
    if (event.detail.target.id === FORM) begin();
  });
  document.addEventListener("htmx:oobAfterSwap", markInvalid);
  begin();
})();
