// Opens and closes the drawer. faults.js and workspace.js fill it.

import { byId } from "./dom.js";

const kept = "tgo-drawer"; // the key in localStorage
const beside = matchMedia("(min-width: 75rem)"); // there is room beside the rest; otherwise it covers the rest

/**
 * @param {() => void} opened called when it opens
 */
export function drawer(opened) {
  const root = byId("drawer");
  const button = byId("drawer-button");

  /**
   * @param {boolean} open
   * @param {boolean} [focus]
   */
  const set = (open, focus = false) => {
    const had = root.contains(document.activeElement);
    root.hidden = !open;
    document.body.classList.toggle("with-drawer", open);
    button.setAttribute("aria-expanded", String(open));
    if (open) opened();
    if (open && focus) root.focus();
    if (!open && (had || focus)) button.focus();
  };
  button.addEventListener("click", () => {
    localStorage.setItem(kept, root.hidden ? "open" : "closed");
    set(Boolean(root.hidden), Boolean(root.hidden) && !beside.matches);
  });
  byId("drawer-close").addEventListener("click", () => {
    localStorage.setItem(kept, "closed");
    set(false, true);
  });
  set(beside.matches && localStorage.getItem(kept) === "open");

  return {
    isOpen: () => !root.hidden,
    /** Closes it if it covers the rest or has the focus. Returns whether it did. */
    close() {
      if (root.hidden || !(root.contains(document.activeElement) || !beside.matches)) return false;
      localStorage.setItem(kept, "closed");
      set(false, true);
      return true;
    },
  };
}
