// A text field with a list of suggestions from the server, by the ARIA pattern "combobox".
"use strict";

const combobox = (() => {
  const DELAY = 150;
  const plain = (text) => text.trim().replaceAll("_", " ").toLowerCase();

  function item(list, index, text, note) {
    const made = document.createElement("li");
    made.id = `${list.id}-${index}`;
    made.setAttribute("role", "option");
    const beside = document.createElement("span");
    beside.className = "note";
    beside.textContent = note;
    made.append(text, " ", beside);
    return made;
  }

  // One that only says something cannot be chosen.
  function remark(list, text) {
    const made = item(list, "remark", "", text);
    made.setAttribute("aria-disabled", "true");
    return made;
  }

  // Written in full, or only the city of a zone.
  function means(option, text) {
    const name = plain(option.value);
    return name === plain(text) || name.split("/").pop() === plain(text);
  }

  // `query` gives what is asked for beside the text.
  function attach(box, query) {
    const input = box.querySelector("input");
    const list = box.querySelector("[role=listbox]");
    let found = [];
    let active = -1;
    let timer;
    let asked = 0;
    let settled = input.defaultValue;

    for (const [name, value] of Object.entries({
      role: "combobox", "aria-autocomplete": "list", "aria-expanded": "false", "aria-controls": list.id,
    })) input.setAttribute(name, value);

    async function suggestions(text) {
      const answer = await fetch(`${box.dataset.source}?${new URLSearchParams({ text, ...query() })}`)
        .catch(() => null);
      const told = answer?.ok && answer.headers.get("content-type")?.startsWith("application/json");
      return told ? answer.json() : null;
    }

    async function open(text) {
      const mine = ++asked;
      const told = await suggestions(text);
      if (told && mine === asked && document.activeElement === input) show(told);
    }

    function show(told) {
      found = told.options;
      list.replaceChildren(...found.map((one, index) => item(list, index, one.value, one.note)));
      if (!found.length) list.append(remark(list, "Nothing fits."));
      if (told.more) list.append(remark(list, "There are more: type on."));
      mark(-1);
      list.hidden = false;
      list.removeAttribute("aria-busy");
      input.setAttribute("aria-expanded", "true");
    }

    function close() {
      clearTimeout(timer);
      asked += 1;
      list.hidden = true;
      list.removeAttribute("aria-busy");
      mark(-1);
      input.setAttribute("aria-expanded", "false");
    }

    function mark(position) {
      active = position;
      [...list.children].forEach((one, index) => one.setAttribute("aria-selected", String(index === position)));
      if (position < 0) input.removeAttribute("aria-activedescendant");
      else {
        input.setAttribute("aria-activedescendant", list.children[position].id);
        list.children[position].scrollIntoView({ block: "nearest" });
      }
    }

    function choose(value) {
      settled = value;
      if (input.value !== value) {
        input.value = value;
        for (const name of ["input", "change"]) input.dispatchEvent(new Event(name, { bubbles: true }));
      }
      close();
    }

    // What can mean one thing only need not be chosen by hand.
    async function settle() {
      const text = input.value;
      close();
      if (text === settled || !text.trim()) return;
      settled = text;
      const fitting = (await suggestions(text))?.options.filter((one) => means(one, text)) ?? [];
      if (fitting.length === 1 && input.value === text) choose(fitting[0].value);
    }

    // What is shown is of a text that was typed on since.
    const outdated = () => list.hasAttribute("aria-busy");

    function move(step) {
      if (list.hidden || outdated()) open(input.value === settled ? "" : input.value);
      else if (found.length) mark(active < 0 && step < 0 ? found.length - 1 : (active + step + found.length) % found.length);
    }

    input.addEventListener("input", (event) => {
      if (!event.isTrusted) return;
      clearTimeout(timer);
      asked += 1;
      list.setAttribute("aria-busy", "true");
      mark(-1);
      timer = setTimeout(() => open(input.value), DELAY);
    });
    input.addEventListener("click", () => { if (list.hidden) open(""); else close(); });
    input.addEventListener("blur", settle);
    input.addEventListener("keydown", (event) => {
      if (event.key === "ArrowDown" || event.key === "ArrowUp") {
        event.preventDefault();
        move(event.key === "ArrowDown" ? 1 : -1);
      } else if (event.key === "Enter" && !list.hidden) {
        event.preventDefault();
        if (outdated()) settle();
        else if (active >= 0) choose(found[active].value);
        else if (found.length === 1) choose(found[0].value);
        else settle();
      } else if (event.key === "Escape" && !list.hidden) {
        event.preventDefault();
        close();
      }
    });
    // Before the field loses the focus.
    list.addEventListener("mousedown", (event) => {
      event.preventDefault();
      const position = [...list.children].indexOf(event.target.closest("[role=option]"));
      if (found[position]) choose(found[position].value);
    });
    // Whoever typed before this script had come is not made to type again.
    if (document.activeElement !== input) settle();
    else if (input.value !== settled) open(input.value);
  }

  return { attach };
})();
