// The menu: what is for the whole of the inbox.

import { ask } from "./api.js";
import { act, byId, confirmFirst, make, toast } from "./dom.js";
import { route } from "./route.js";
import { canNotify, notifies, setNotifies } from "./signals.js";
import { setTheme, theme } from "./theme.js";

/**
 * @param {{look: () => void, help: () => void}} options
 */
export function menu({ look, help }) {
  const root = byId("menu");
  const close = () => root.hidePopover();
  /**
   * @param {string} id
   * @param {() => void} f
   */
  const item = (id, f) => byId(id).addEventListener("click", () => (close(), f()));

  item("read-all", () => act(ask("POST", "/requests/read", {}).then(look)));
  item("clear", () =>
    act(
      ask("DELETE", "/messages").then(() => {
        toast("All messages are cleared", { undo: () => ask("POST", "/undo", {}).then(look) });
        look();
      }),
    ),
  );
  item("reset", async () => {
    const text = "Reset the fake? All requests, messages and faults are deleted, and every change of keys, contacts and sender numbers. This cannot be undone.";
    if (await confirmFirst(text, "Reset")) act(ask("POST", "/reset", {}).then(() => (toast("The fake is reset"), look())));
  });
  item("help-item", help);

  const themes = /** @type {HTMLInputElement[]} */ ([...root.querySelectorAll("input[name=theme]")]);
  for (const input of themes) {
    input.checked = input.value === theme();
    input.addEventListener("change", () => setTheme(/** @type {import("./theme.js").Theme} */ (input.value)));
  }

  const notify = /** @type {HTMLInputElement} */ (byId("notify"));
  notify.checked = notifies();
  notify.disabled = !canNotify();
  if (notify.disabled) notify.closest("label")?.append(make("small", {}, "only on localhost or https"));
  notify.addEventListener("change", () => act(setNotifies(notify.checked).finally(() => (notify.checked = notifies()))));

  const exports = () => {
    const { q, is } = route.get();
    const query = new URLSearchParams(Object.entries({ q, is }).filter(([, value]) => value));
    for (const [id, kind] of [["export-jsonl", "jsonl"], ["export-har", "har"]]) byId(id).setAttribute("href", `/_fake/requests.${kind}` + (query.size ? "?" + query : ""));
    for (const what of root.querySelectorAll(".export-what")) what.textContent = query.size ? "results" : "all";
  };
  for (const id of ["export-jsonl", "export-har"]) byId(id).addEventListener("click", close);
  route.onChange(exports);
  exports();
}
