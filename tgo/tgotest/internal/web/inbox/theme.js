// The theme: light, dark, or the system's. This script runs before the page is drawn.

/** @typedef {"auto" | "light" | "dark"} Theme */

/** @returns {Theme} */
export function theme() {
  const kept = localStorage.getItem("tgo-theme");
  return kept === "light" || kept === "dark" ? kept : "auto";
}

/** @param {Theme} next */
export function setTheme(next) {
  localStorage.setItem("tgo-theme", next);
  show();
}

function show() {
  document.documentElement.dataset.theme = theme();
}

show();
addEventListener("storage", show); // set in another tab
