// Shows the user something: a toast, an error, a question to confirm, and texts for screen readers only.

import { byId, icon, make } from "./dom.js";

/**
 * Shows a text to screen readers only.
 * @param {string} text
 */
export function say(text) {
  byId("news").replaceChildren(make("span", {}, text));
}

/** @type {ReturnType<typeof setTimeout> | undefined} */
let toastEnds;

/**
 * Shows for some seconds what was done, with a button to undo it.
 * @param {string} text
 * @param {{undo?: () => Promise<unknown>}} [options]
 */
export function toast(text, { undo } = {}) {
  const at = byId("toast");
  clearTimeout(toastEnds);
  const end = () => at.replaceChildren();
  at.replaceChildren(
    make(
      "div",
      { class: "toast" },
      make("span", { dir: "auto" }, text),
      undo && make("button", { type: "button", class: "undo", onclick: () => (end(), act(undo())) }, "Undo"),
      make("button", { type: "button", class: "plain", "aria-label": "Dismiss", onclick: end }, icon("close")),
    ),
  );
  const later = () => {
    clearTimeout(toastEnds);
    toastEnds = setTimeout(() => (at.matches(":hover, :focus-within") ? later() : end()), undo ? 10000 : 4000);
  };
  later();
}

/**
 * Shows an error until the next action; null removes it.
 * @param {unknown} error
 */
export function trouble(error) {
  const at = byId("trouble");
  if (!error) return at.replaceChildren();
  at.replaceChildren(
    make("span", {}, "That did not work: " + (error instanceof Error ? error.message : String(error))),
    make("button", { type: "button", class: "plain", "aria-label": "Dismiss this error", onclick: () => trouble(null) }, icon("close")),
  );
}

/**
 * Waits for what a click started: it removes an earlier error, and shows this one's.
 * @param {Promise<unknown>} promise
 */
export function act(promise) {
  trouble(null);
  promise.catch(trouble);
}

/**
 * Asks before something that cannot be undone.
 * @param {string} text what will happen
 * @param {string} verb on the button that confirms it
 * @returns {Promise<boolean>}
 */
export function confirmFirst(text, verb) {
  return new Promise((resolve) => {
    const dialog = make(
      "dialog",
      { class: "confirm", "aria-label": verb },
      make("p", { dir: "auto" }, text),
      make(
        "div",
        { class: "tools" },
        make("button", { type: "button", autofocus: true, onclick: () => dialog.close() }, "Cancel"),
        make("button", { type: "button", class: "danger", "data-confirm": true, onclick: () => dialog.close("yes") }, verb),
      ),
    );
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve(dialog.returnValue === "yes");
    });
    document.body.append(dialog);
    dialog.showModal();
  });
}
