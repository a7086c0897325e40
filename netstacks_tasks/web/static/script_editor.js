// Puts a CodeMirror editor over a textarea of class "script"; without it the textarea works as well.
"use strict";

const scriptEditor = (() => {
  const { EditorState, EditorView, Compartment } = CodeMirror;
  const languages = {
    python: () => [CodeMirror.pythonLanguage, CodeMirror.indentUnit.of("    ")],
    bash: () => [CodeMirror.StreamLanguage.define(CodeMirror.shell), CodeMirror.indentUnit.of("  ")],
  };

  function extensions(area, language) {
    const label = document.querySelector(`label[for="${area.id}"]`).textContent;
    return [
      EditorView.cspNonce.of(document.querySelector("meta[name=style-nonce]").content),
      CodeMirror.lineNumbers(),
      CodeMirror.history(),
      CodeMirror.drawSelection(),
      CodeMirror.indentOnInput(),
      CodeMirror.bracketMatching(),
      CodeMirror.highlightActiveLine(),
      CodeMirror.highlightActiveLineGutter(),
      CodeMirror.syntaxHighlighting(CodeMirror.classHighlighter),
      // Tab is not bound: it leaves the editor, as it leaves every other field.
      CodeMirror.keymap.of([...CodeMirror.defaultKeymap, ...CodeMirror.historyKeymap]),
      EditorView.contentAttributes.of({
        "aria-label": label,
        "aria-describedby": area.getAttribute("aria-describedby"),
        ...(area.getAttribute("aria-invalid") ? { "aria-invalid": "true" } : {}),
      }),
      // The textarea is what is sent, and always holds the same text.
      EditorView.updateListener.of((update) => {
        if (!update.docChanged) return;
        area.value = update.state.doc.toString();
        area.dispatchEvent(new Event("input", { bubbles: true }));
      }),
      language,
    ];
  }

  function attach(area, interpreter) {
    const language = new Compartment();
    const view = new EditorView({
      doc: area.value,
      extensions: extensions(area, language.of(languages[interpreter.value]())),
    });
    // Whoever types in it already goes on where they are.
    const typing = document.activeElement === area;
    const { selectionStart: anchor, selectionEnd: head } = area;
    area.hidden = true;
    area.after(view.dom);
    view.dom.dataset.for = area.id;
    interpreter.addEventListener("change", () => {
      view.dispatch({ effects: language.reconfigure(languages[interpreter.value]()) });
    });
    document.querySelector(`label[for="${area.id}"]`).addEventListener("click", () => view.focus());
    if (typing) view.dispatch({ selection: { anchor, head } });
    if (typing || area.hasAttribute("autofocus")) view.focus();
    return view;
  }

  return { attach };
})();
