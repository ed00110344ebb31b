// The menu: actions on the whole inbox and the exports. Its settings are in settings.js.

import { ask } from "./api.js";
import { byId } from "./dom.js";
import { act, confirmFirst, toast } from "./notices.js";
import { route } from "./route.js";
import { settings } from "./settings.js";

/**
 * @param {{look: () => void, help: () => void}} options look asks the fake again; help opens the help
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
        toast("All messages and requests are cleared", { undo: () => ask("POST", "/undo", {}).then(look) });
        look();
      }),
    ),
  );
  item("reset", async () => {
    const text = "Reset the fake? All requests, messages and faults are deleted, and all changes to keys, contacts and sender numbers are undone. A reset cannot be undone.";
    if (await confirmFirst(text, "Reset")) act(ask("POST", "/reset", {}).then(() => (toast("The fake is reset"), look())));
  });
  item("help-item", help);

  settings();

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
