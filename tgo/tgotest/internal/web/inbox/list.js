// The list of requests, the newest first. Its rows are reused.

import { byId, icon, make } from "./dom.js";
import { ago, clock, count, exactly, ordinal } from "./format.js";
import { doubledWords, operationWords, pictureOf, shortFault, shortPath, succeeded, what, who } from "./labels.js";
import { route } from "./route.js";

/**
 * @typedef {import("./types.js").Summary} Summary
 * @typedef {import("./types.js").Page} Page
 */

const step = 100; // rows to load at once
const most = 500; // rows in the page at most
const rowHeight = 44;

/** A row, which can show another request later. */
class Row {
  constructor() {
    this.id = 0;
    this.at = "";
    this.shown = "";
    this.picture = "";
    this.band = make("span", { class: "band" });
    this.icon = make("span", { class: "picture" });
    this.who = make("span", { class: "who" });
    this.from = make("span", { class: "from" });
    this.ago = make("span", { class: "ago" });
    this.clock = make("span", { class: "clock" });
    this.when = make("time", { class: "when" }, this.ago, this.clock);
    this.what = make("span", { class: "what", dir: "auto" });
    this.chips = make("span", { class: "chips" });
    const lines = [make("span", { class: "line" }, this.who, this.from, this.when), make("span", { class: "line" }, this.what, this.chips)];
    this.link = make("a", { href: "/", tabindex: "-1" }, this.band, this.icon, ...lines);
    this.item = make("li", {}, this.link);
  }

  /**
   * @param {Summary} r
   * @param {string} place in the frame around the copies of a message: "", "alone", "first", "middle" or "last"
   */
  show(r, place) {
    const shown = JSON.stringify([r, place]);
    if (shown === this.shown) return;
    this.shown = shown;
    this.id = r.id;
    this.link.dataset.id = String(r.id);
    this.item.className = (r.read ? "" : "unread ") + (place ? "doubled " + place : "");
    this.band.textContent = r.doubled ? doubledWords(r.doubled) : "";
    const picture = pictureOf(r);
    if (picture !== this.picture) this.icon.replaceChildren(icon((this.picture = picture)));
    this.icon.title = r.type || operationWords(r.operation);
    this.who.textContent = who(r);
    this.from.textContent = r.from ? "from " + r.from : "";
    this.what.textContent = what(r);
    this.at = r.at;
    this.when.dateTime = r.at;
    this.when.title = exactly(r.at);
    this.clock.textContent = clock(r.at);
    this.tick();
    this.chips.replaceChildren(...chips(r));
  }

  tick() {
    const text = ago(this.at);
    if (this.ago.textContent !== text) this.ago.textContent = text;
  }
}

/**
 * The marks of a request that is not an ordinary success.
 * @param {Summary} r
 */
function chips(r) {
  const list = [];
  if (r.test) list.push(make("span", { class: "chip test", title: "X-Tgo-Test: " + r.test, dir: "auto" }, r.test));
  if (r.resent_of) list.push(make("span", { class: "chip", title: "Resent from request " + r.resent_of }, "resent"));
  if (r.attempt > 1) list.push(make("span", { class: "chip attempt" }, ordinal(r.attempt) + " attempt"));
  if (r.warning) list.push(make("span", { class: "chip warn", title: r.problem }, "warning"));
  if (r.fault) list.push(make("span", { class: "badge warn", title: r.fault }, icon("fault"), make("span", {}, faultChip(r))));
  else if (r.outcome === "broken off") list.push(make("span", { class: "badge bad" }, "broken off"));
  else if (!succeeded(r)) list.push(make("span", { class: "badge bad", title: r.problem }, String(r.status || "no response")));
  return list;
}

/** A fault in a few words; the detail has the whole text. @param {Summary} r */
function faultChip(r) {
  if (r.outcome === "broken off") return r.message_id ? "response lost" : "cut";
  return r.fault.startsWith(r.status + " ") ? String(r.status) : shortFault(r.fault);
}

/**
 * The place of each request in the frame around the copies of a message.
 * @param {Summary[]} requests
 */
function places(requests) {
  const group = (/** @type {Summary | undefined} */ r) => (r && r.doubled ? r.doubled.first_id : 0);
  return requests.map((r, i) => {
    const own = group(r);
    if (!own) return "";
    const before = group(requests[i - 1]) === own;
    const after = group(requests[i + 1]) === own;
    return before ? (after ? "middle" : "last") : after ? "first" : "alone";
  });
}

/**
 * Draws the list of requests, and moves in it.
 * @param {{look: () => void, open: (id: number, how: {step?: boolean, replace?: boolean, focus?: boolean}) => void}} options
 *   look asks the fake for the requests that `window` names; open shows a request. step: an arrow key led to it. replace: it
 *   replaces the last entry of the browser's history. focus: it gets the focus
 */
export function requestList({ look, open }) {
  const scroller = byId("scroll");
  const root = byId("requests");
  const underWay = byId("under-way");
  const older = byId("older");
  const newer = byId("newer");
  const none = byId("none");

  /** @type {Map<number, Row>} */
  let rows = new Map();
  let run = "";
  let chosen = 0;
  let stop = 0; // the id of the row that Tab leads to
  let limit = step;
  let before = 0; // for requests beyond the newest 500: only older ids are shown; 0 for none
  let held = 0; // the user has scrolled down: the list begins with this id; 0 for none
  let foundThen = 0; // how many requests there were when the user scrolled down
  let found = 0;

  let walked = -1; // the last row that an arrow key led to: consecutive steps are one entry of the browser's history

  const ids = () => [...rows.keys()];

  /** @param {number} id */
  const rovingTo = (id) => {
    const next = rows.get(id) || rows.values().next().value;
    for (const row of rows.values()) row.link.tabIndex = row === next ? 0 : -1;
    stop = next ? next.id : 0;
  };

  const newest = () => {
    limit = step;
    before = held = 0;
    scroller.scrollTop = 0;
    look();
  };

  // While the user reads further down, new requests do not move the list.
  scroller.addEventListener(
    "scroll",
    () => {
      if (before) return;
      const down = scroller.scrollTop > rowHeight;
      if (down && !held && rows.size) {
        held = ids()[0];
        foundThen = found;
      } else if (!down && held) {
        held = 0;
        limit = step;
        look();
      }
    },
    { passive: true },
  );
  newer.addEventListener("click", newest);
  older.addEventListener("click", () => {
    if (limit < most) limit += step;
    else {
      before = ids().at(-1) || 0;
      held = 0;
      limit = step;
      scroller.scrollTop = 0;
    }
    look();
  });
  new IntersectionObserver((entries) => entries.at(-1)?.isIntersecting && limit < most && older.click(), { root: scroller, rootMargin: "400px" }).observe(older);
  setInterval(() => {
    if (!document.hidden) for (const row of rows.values()) row.tick();
  }, 5000);

  root.addEventListener("click", (e) => {
    const a = e.target instanceof Element ? e.target.closest("a") : null;
    if (!a || e.metaKey || e.ctrlKey || e.shiftKey || e.altKey) return;
    e.preventDefault();
    open(Number(a.dataset.id), {});
  });
  root.addEventListener("keydown", (e) => {
    if (e.key === "Enter" && e.target instanceof HTMLAnchorElement && !e.metaKey && !e.ctrlKey && !e.shiftKey && !e.altKey) {
      e.preventDefault();
      open(Number(e.target.dataset.id), { focus: true });
      return;
    }
    const steps = /** @type {Record<string, number>} */ ({ ArrowDown: 1, ArrowUp: -1, Home: -Infinity, End: Infinity });
    if (!(e.key in steps) || e.metaKey || e.ctrlKey || e.altKey) return;
    e.preventDefault();
    move(steps[e.key]);
  });
  root.addEventListener("focusin", (e) => {
    if (e.target instanceof HTMLAnchorElement) rovingTo(Number(e.target.dataset.id));
  });

  /**
   * Moves to another row, and shows its request.
   * @param {number} by how many rows down
   */
  function move(by) {
    const all = ids();
    const focused = document.activeElement instanceof HTMLAnchorElement && root.contains(document.activeElement) ? Number(document.activeElement.dataset.id) : chosen;
    const at = all.indexOf(focused);
    const to = all[Math.max(0, Math.min(all.length - 1, at < 0 ? 0 : at + by))];
    const row = rows.get(to);
    if (!row) return;
    row.link.focus();
    row.item.scrollIntoView({ block: "nearest" });
    open(to, { step: true, replace: walked === route.get().request });
    walked = to;
  }

  /** @param {Page} page */
  function drawRows(page) {
    const list = page.requests;
    const where = places(list);
    const focused = document.activeElement instanceof HTMLElement && root.contains(document.activeElement) ? Number(document.activeElement.dataset.id) : 0;
    const kept = new Map();
    const wanted = new Set(list.map((r) => r.id));
    /** @type {Row[]} */
    const spare = [];
    for (const [id, row] of rows) {
      if (wanted.has(id)) continue;
      row.item.remove();
      spare.push(row);
    }
    list.forEach((r, i) => {
      const row = rows.get(r.id) || spare.pop() || new Row();
      row.show(r, where[i]);
      row.tick();
      row.link.href = route.link({ request: r.id });
      kept.set(r.id, row);
      // A row that is in its place is not moved, so that no click and no focus is lost when a request arrives.
      if (root.children[i] !== row.item) root.insertBefore(row.item, root.children[i] || null);
    });
    rows = kept;
    select(chosen);
    if (!rows.has(stop)) rovingTo(chosen);
    else rovingTo(stop);
    if (focused && !rows.has(focused)) rows.get(stop)?.link.focus({ preventScroll: true });
  }

  /** @param {Page} page */
  function drawUnderWay(page) {
    const all = before || held ? [] : page.under_way;
    const now = JSON.stringify(all);
    if (now === underWay.dataset.shown) return; // so that the spinners do not start over
    underWay.dataset.shown = now;
    underWay.hidden = all.length === 0;
    underWay.replaceChildren(
      ...all
        .slice(-5)
        .reverse()
        .map((r) =>
          make(
            "li",
            {},
            make("span", { class: "spinner", "aria-hidden": "true" }),
            make(
              "span",
              { class: "line" },
              make("span", { class: "who" }, r.method + " " + shortPath(r.path)),
              make("time", { class: "when", datetime: r.at, title: exactly(r.at) }, make("span", { class: "clock" }, clock(r.at))),
            ),
            make("span", { class: "line" }, make("span", { class: "what" }, "no response yet")),
          ),
        ),
    );
  }

  /** @param {number} id */
  function select(id) {
    if (id !== chosen && rows.has(id)) rovingTo(id);
    chosen = id;
    for (const row of rows.values()) {
      if (row.id === id) row.link.setAttribute("aria-current", "true");
      else row.link.removeAttribute("aria-current");
    }
  }

  return {
    /** Which requests to ask the fake for. */
    window() {
      return { limit, before: before || (held ? held + 1 : 0) };
    },

    /** Starts at the newest request, since the search, the filter or the view has changed. */
    rewind() {
      limit = step;
      before = held = 0;
      scroller.scrollTop = 0;
    },

    /**
     * @param {Page} page
     * @param {string} is the filter
     */
    draw(page, is) {
      if (run !== page.run) {
        run = page.run;
        before = held = 0;
        for (const row of rows.values()) row.shown = ""; // the ids are those of other requests now
      }
      found = page.found[/** @type {keyof import("./types.js").Counts} */ (is || "all")];
      drawRows(page);
      drawUnderWay(page);
      older.hidden = !page.more;
      older.textContent = limit < most ? "Show older" : `Show the ${count(most)} before these`;
      const more = held ? Math.max(0, found - foundThen) : 0;
      newer.hidden = !before && !more;
      newer.textContent = before ? "Back to the newest" : `${count(more)} new`;
      none.hidden = page.requests.length > 0;
    },

    select,
    move,

    /** The id of the row to show after one is deleted: the next older one, or else the next newer one. @param {number} id */
    neighbour(id) {
      const all = ids();
      const at = all.indexOf(id);
      return at < 0 ? 0 : all[at + 1] || all[at - 1] || 0;
    },

    /** Gives the focus back to the list. */
    focus() {
      (rows.get(chosen) || rows.get(stop))?.link.focus();
    },
  };
}
