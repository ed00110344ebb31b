// The search and the filters above the list.

import { byId, make } from "./dom.js";
import { count } from "./format.js";
import { route } from "./route.js";

/** @typedef {import("./types.js").Page} Page */

const pause = 60; // ms to wait after a key, in case another follows

export function search() {
  const input = /** @type {HTMLInputElement} */ (byId("search"));
  const filters = /** @type {HTMLButtonElement[]} */ ([...document.querySelectorAll("[data-filter]")]);
  const nothing = make("p");
  byId("none").replaceChildren(nothing, make("button", { type: "button", onclick: () => route.go({ q: "", is: "" }) }, "Show all"));
  const doubled = byId("doubled");
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let typed;

  input.value = route.get().q;
  input.addEventListener("input", () => {
    clearTimeout(typed);
    typed = setTimeout(() => {
      typed = undefined;
      route.go({ q: input.value.trim() }, { replace: true });
    }, pause);
  });
  byId("search-form").addEventListener("submit", (e) => e.preventDefault());
  /** @param {HTMLElement} b */
  const valueOf = (b) => (b.dataset.filter === "all" ? "" : b.dataset.filter || "");
  for (const b of filters) b.addEventListener("click", () => route.go({ is: valueOf(b) }));
  doubled.addEventListener("click", () => route.go({ view: "list", is: route.get().is === "doubled" && route.get().view === "list" ? "" : "doubled", q: "" }));
  for (const b of document.querySelectorAll("#search-help [data-word]")) {
    b.addEventListener("click", () => {
      input.value = (input.value.trim() + " " + /** @type {HTMLElement} */ (b).dataset.word).trim();
      input.focus();
      if (!input.value.endsWith(":")) input.dispatchEvent(new Event("input"));
    });
  }

  const reflect = () => {
    const { q, is, view } = route.get();
    if (!typed && input.value.trim() !== q) input.value = q;
    for (const b of filters) b.setAttribute("aria-pressed", String(valueOf(b) === is));
    doubled.setAttribute("aria-pressed", String(is === "doubled" && view === "list"));
  };
  route.onChange(reflect);
  reflect();

  return {
    /** @param {Page} page */
    draw(page) {
      for (const b of filters) {
        const n = page.found[/** @type {keyof Page["found"]} */ (b.dataset.filter)];
        const shown = b.querySelector("span");
        if (shown) shown.textContent = count(n);
        b.classList.toggle("some", n > 0);
      }
      const n = page.doubled;
      const words = count(n) + " doubled";
      if (doubled.textContent !== words) {
        doubled.lastElementChild?.replaceChildren(words);
        doubled.dataset.some = String(n > 0);
        doubled.title = n > 0 ? "Show the messages that arrived more than once" : "No message arrived more than once";
      }
      const { q, is } = route.get();
      const found = page.found.all;
      const parts = [];
      if (q) parts.push(`${count(found)} of ${count(page.total.all)} match`);
      if (page.forgotten) parts.push(`the oldest ${count(page.forgotten)} are no longer kept`);
      byId("found").textContent = parts.join("; ");
      nothing.textContent = q ? "Nothing matches." : is ? `No request is ${is}.` : "Nothing here.";
    },
    focus() {
      input.focus();
      input.select();
    },
  };
}
