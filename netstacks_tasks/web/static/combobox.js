// A text field with a list of suggestions from the server, by the ARIA pattern "combobox".
"use strict";

const combobox = (() => {
  const DELAY = 150;

  function attach(box, query) {
    const input = box.querySelector("input");
    const list = box.querySelector("[role=listbox]");
    let active = -1;
    let timer;
    let asked = 0;

    for (const [name, value] of Object.entries({
      role: "combobox", "aria-autocomplete": "list", "aria-expanded": "false", "aria-controls": list.id,
    })) input.setAttribute(name, value);

    const options = () => [...list.children].filter((one) => one.dataset.value !== undefined);

    function close() {
      clearTimeout(timer);
      asked += 1;
      list.hidden = true;
      mark(-1);
      input.setAttribute("aria-expanded", "false");
    }

    function mark(position) {
      active = position;
      options().forEach((option, index) => option.setAttribute("aria-selected", String(index === position)));
      const chosen = options()[position];
      if (chosen) {
        input.setAttribute("aria-activedescendant", chosen.id);
        chosen.scrollIntoView({ block: "nearest" });
      } else input.removeAttribute("aria-activedescendant");
    }

    function choose(option) {
      close();
      if (input.value === option.dataset.value) return;
      input.value = option.dataset.value;
      input.dispatchEvent(new Event("input", { bubbles: true }));
      input.dispatchEvent(new Event("change", { bubbles: true }));
      close();
    }

    function show(found) {
      list.replaceChildren(...found.map((one, index) => {
        const option = document.createElement("li");
        option.id = `${list.id}-${index}`;
        option.setAttribute("role", "option");
        option.dataset.value = one.value;
        const note = document.createElement("span");
        note.className = "note";
        note.textContent = one.note;
        option.append(one.value, " ", note);
        return option;
      }));
      mark(-1);
      list.hidden = found.length === 0;
      input.setAttribute("aria-expanded", String(found.length > 0));
    }

    async function ask(text) {
      const mine = ++asked;
      const answer = await fetch(`${box.dataset.source}?${new URLSearchParams({ text, ...query() })}`)
        .catch(() => null);
      if (!answer?.ok || !answer.headers.get("content-type")?.startsWith("application/json")) return;
      const found = await answer.json();
      if (mine === asked && document.activeElement === input) show(found);
    }

    // What is written in full, or all but one letter of it, need not be chosen by hand.
    function settle() {
      const text = plain(input.value);
      const fitting = text ? options().filter((one) =>
        plain(one.dataset.value) === text || plain(one.dataset.value).split("/").pop() === text) : [];
      if (fitting.length === 1) choose(fitting[0]);
      close();
    }

    const plain = (text) => text.trim().replaceAll("_", " ").toLowerCase();

    input.addEventListener("input", (event) => {
      if (!event.isTrusted) return;
      clearTimeout(timer);
      timer = setTimeout(() => ask(input.value), DELAY);
    });
    input.addEventListener("click", () => { if (list.hidden) ask(""); else close(); });
    input.addEventListener("blur", settle);
    input.addEventListener("keydown", (event) => {
      const many = options().length;
      if (event.key === "ArrowDown" || event.key === "ArrowUp") {
        event.preventDefault();
        if (list.hidden) ask(event.altKey || !many ? "" : input.value);
        else mark((active + (event.key === "ArrowDown" ? 1 : active < 0 ? 0 : -1) + many) % many);
      } else if (event.key === "Enter" && !list.hidden) {
        event.preventDefault();
        if (active >= 0) choose(options()[active]);
        else if (many === 1) choose(options()[0]);
        else settle();
      } else if (event.key === "Escape" && !list.hidden) {
        event.preventDefault();
        close();
      }
    });
    // Before the field loses the focus.
    list.addEventListener("mousedown", (event) => {
      event.preventDefault();
      const option = event.target.closest("[role=option]");
      if (option) choose(option);
    });
  }

  return { attach };
})();
