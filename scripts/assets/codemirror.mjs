// What the script editor uses of CodeMirror; bundled as the global `CodeMirror`.
export { defaultKeymap, history, historyKeymap } from "@codemirror/commands";
export { pythonLanguage } from "@codemirror/lang-python";
export {
  StreamLanguage, bracketMatching, indentOnInput, indentUnit, syntaxHighlighting,
} from "@codemirror/language";
export { shell } from "@codemirror/legacy-modes/mode/shell";
export { Compartment, EditorState } from "@codemirror/state";
export {
  EditorView, drawSelection, highlightActiveLine, highlightActiveLineGutter, keymap, lineNumbers,
} from "@codemirror/view";
export { classHighlighter } from "@lezer/highlight";
