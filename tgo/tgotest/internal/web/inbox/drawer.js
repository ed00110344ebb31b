// The drawer with faults and workspace.

import { byId } from "./dom.js";

const kept = "tgo-drawer";
const beside = matchMedia("(min-width: 75rem)"); // where it stands beside the rest; elsewhere it lies over it

/**
 * @param {() => void} opened what to do when it opens
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
    /** Closes it where it lies over the rest, or has the focus. Says whether it did. */
    close() {
      if (root.hidden || !(root.contains(document.activeElement) || !beside.matches)) return false;
      localStorage.setItem(kept, "closed");
      set(false, true);
      return true;
    },
  };
}
