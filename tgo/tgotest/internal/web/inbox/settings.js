// The settings in the menu: the theme, and the switches. To add a switch, add it to `switches`; nothing in index.html changes.

import { byId, make } from "./dom.js";
import { act } from "./notices.js";
import { canNotify, notifies, setNotifies } from "./notifications.js";
import { setTheme, theme } from "./theme.js";

/**
 * A setting that is on or off. Where it is stored is the business of get and set.
 * @typedef {object} Switch
 * @property {string} id of its checkbox
 * @property {string} label
 * @property {() => boolean} get whether it is on
 * @property {(on: boolean) => Promise<void>} set turns it on or off; if it fails, the error is shown and the checkbox shows what get returns
 * @property {string} unavailable why it cannot be used on this page; empty if it can
 */

/** @type {Switch[]} */
const switches = [
  {
    id: "notify",
    label: "Notify while the page is hidden",
    get: notifies,
    set: setNotifies,
    unavailable: canNotify() ? "" : "only on localhost or https",
  },
];

/** @param {Switch} s */
function switchRow({ id, label, get, set, unavailable }) {
  const input = make("input", { type: "checkbox", id, disabled: unavailable !== "" });
  input.checked = get();
  input.addEventListener("change", () => act(set(input.checked).finally(() => (input.checked = get()))));
  return make("label", { class: "switch" }, input, make("span", {}, label), unavailable && make("small", {}, unavailable));
}

/** Fills in the settings in the menu. */
export function settings() {
  for (const input of /** @type {NodeListOf<HTMLInputElement>} */ (document.querySelectorAll("#themes input"))) {
    input.checked = input.value === theme();
    input.addEventListener("change", () => setTheme(/** @type {import("./theme.js").Theme} */ (input.value)));
  }
  byId("switches").append(...switches.map(switchRow));
}
