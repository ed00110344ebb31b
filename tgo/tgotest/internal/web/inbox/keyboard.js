// The keyboard shortcuts, and the help that lists them.

import { byId } from "./dom.js";
import { route } from "./route.js";

/** Opens the help. */
export function help() {
  const dialog = /** @type {HTMLDialogElement} */ (byId("help"));
  if (!dialog.open) dialog.showModal();
}

/**
 * Listens for the shortcuts.
 * @param {{move: (by: number) => void, search: () => void, read: () => void, remove: () => void, back: () => void}} actions
 */
export function keyboard({ move, search, read, remove, back }) {
  byId("help").addEventListener("click", (e) => {
    const dialog = /** @type {HTMLDialogElement} */ (byId("help"));
    if (e.target === dialog || (e.target instanceof Element && e.target.closest("[data-close]"))) dialog.close();
  });
  /** @type {Record<string, () => void>} */
  const does = { "/": search, "?": help, j: () => move(1), k: () => move(-1), d: remove, Enter: read, Escape: back };
  const everywhere = ["/", "?", "Escape"];
  addEventListener("keydown", (e) => {
    const f = does[e.key];
    if (!f || e.defaultPrevented || e.metaKey || e.ctrlKey || e.altKey || document.querySelector("dialog[open], :popover-open")) return;
    const at = e.target instanceof Element ? e.target : document.body;
    const typing = at.matches("input, textarea, select, [contenteditable]");
    if (typing && e.key !== "Escape") return;
    if (e.key === "Enter" && at !== document.body) return; // a link or a button handles it
    if (route.get().view === "phone" && !everywhere.includes(e.key)) return;
    if (e.key !== "Escape") e.preventDefault();
    f();
  });
}
