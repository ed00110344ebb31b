// The pane beside the list: which request it shows, when that is loaded again, and the actions on it. detail.js draws the request.

import { ask } from "./api.js";
import { bubble } from "./bubble.js";
import { attemptChain, detail } from "./detail.js";
import { byId, icon, make } from "./dom.js";
import { exactly } from "./format.js";
import { isSend, succeeded } from "./labels.js";
import { act, say, toast, trouble } from "./notices.js";
import { route } from "./route.js";
import { timeline } from "./timeline.js";

/**
 * @typedef {import("./types.js").Exchange} Exchange
 * @typedef {import("./types.js").Page} Page
 * @typedef {import("./types.js").Summary} Summary
 */

const most = 20; // attempts that are shown

/** Whether the window is so narrow that list and detail are two screens. */
export const narrow = matchMedia("(max-width: 42rem)");

/**
 * Shows the request that the address names.
 * @param {{shown: (id: number) => void, neighbour: (id: number) => number, look: () => void, back: () => void, empty: () => HTMLElement}} options
 *   shown is called with the id of the request that is shown; neighbour returns the id of the row to show after one is deleted;
 *   look asks the fake again; back goes to the list; empty makes what is shown when nothing has arrived
 */
export function detailPane({ shown, neighbour, look, back, empty }) {
  const root = byId("detail");
  const place = make("div", { class: "read" });
  root.replaceChildren(make("button", { type: "button", id: "back", class: "plain", onclick: back }, icon("back"), "Back to the list"), place);

  /** @type {Exchange | null} */
  let current = null;
  let drawn = ""; // the exchange that is drawn, as JSON, to see whether a new response differs
  let summary = ""; // its summary in the list, as JSON
  let wanted = 0; // the id of the request that is shown or being loaded
  let chosen = false; // the user or a link chose it
  let fromBefore = false; // it is from an earlier run of the fake
  let run = "";
  let nothing = true; // nothing has arrived
  let abort = new AbortController(); // aborts loading the request
  let abortMore = new AbortController(); // aborts loading what completes the request that is drawn

  /** @param {...(Node | null)} nodes */
  const draw = (...nodes) => place.replaceChildren(...nodes.filter((n) => n !== null));

  const forget = () => {
    abort.abort();
    abortMore.abort();
    current = null;
    drawn = summary = "";
    wanted = 0;
    chosen = fromBefore = false;
    root.classList.remove("before");
    shown(0);
  };

  const drawNone = () => {
    forget();
    draw(nothing ? empty() : make("p", { class: "empty" }, "Choose a request to see what was sent."));
  };

  /** @param {string} text */
  const drawMissing = (text) => {
    forget();
    draw(make("div", { class: "empty" }, make("p", {}, text), make("p", {}, make("a", { href: "/" }, "Show the list"))));
  };

  /**
   * Fills in the timeline and the attempts, which need further responses.
   * @param {Exchange} r
   * @param {{doubled: HTMLElement, attempts: HTMLElement}} places
   * @param {AbortSignal} signal
   */
  const complete = async (r, places, signal) => {
    if (r.doubled) {
      const known = r.doubled.request_ids.filter((id) => id > 0);
      const first = Math.min(...known);
      const last = Math.max(...known);
      /** @type {Page} */
      const page = await ask("GET", `/inbox?before=${last + 1}&limit=${Math.min(500, last - first + 1)}`, undefined, signal);
      const list = page.requests.filter((one) => one.id >= first);
      const missing = known.filter((id) => !list.some((one) => one.id === id));
      list.push(...(await Promise.all(missing.map((id) => ask("GET", "/requests/" + id, undefined, signal)))));
      list.sort((a, b) => a.id - b.id);
      places.doubled.replaceChildren(timeline(r.doubled, r.message_id, list));
    }
    if (r.attempt > 1 || (isSend(r) && !(succeeded(r) && !r.fault))) {
      const query = r.to_phone ? "to:" + r.to_phone : r.operation ? "operation:" + r.operation : "";
      /** @type {Page} */
      const page = await ask("GET", `/inbox?limit=200&before=${r.id + 200}&q=${encodeURIComponent(query)}`, undefined, signal);
      const chain = attempts(r, page.requests);
      if (chain.length > (r.doubled ? r.doubled.count : 1)) places.attempts.append(attemptChain(chain, r.id));
    }
  };

  /** @param {Exchange} r */
  const drawExchange = (r) => {
    const now = JSON.stringify({ ...r, read: true });
    if (now === drawn) {
      current = r;
      return;
    }
    const same = current?.id === r.id && drawn !== "";
    const top = root.scrollTop;
    const player = same && root.querySelector("audio");
    drawn = now;
    current = r;
    const { nodes, ...places } = detail(r, { resend, remove });
    draw(...nodes);
    // A voice note that is playing plays on.
    const other = root.querySelector("audio");
    if (player && other && player.src === other.src) other.replaceWith(player);
    root.scrollTop = same ? top : 0;
    abortMore.abort();
    abortMore = new AbortController();
    const { signal } = abortMore;
    complete(r, places, signal).catch((e) => signal.aborted || say("Not complete: " + e.message));
  };

  /**
   * @param {number} id
   * @param {{byChoice?: boolean, focus?: boolean, quiet?: boolean}} [options] byChoice: the user or a link chose it, so it counts
   *   as read; quiet: no click asked for it, so a fake that does not respond is no error to show
   */
  const load = async (id, { byChoice = false, focus = false, quiet = false } = {}) => {
    abort.abort();
    abort = new AbortController();
    const { signal } = abort;
    wanted = id;
    chosen = byChoice; // before the response, since the same request may be loaded again meanwhile
    shown(id);
    try {
      /** @type {Exchange} */
      const r = await ask("GET", "/requests/" + id, undefined, signal);
      if (signal.aborted) return;
      fromBefore = false;
      root.classList.remove("before");
      drawExchange(r);
      if (focus) root.focus();
      if (byChoice && !r.read) await ask("POST", `/requests/${id}/read`, {}, signal);
    } catch (e) {
      if (signal.aborted) return;
      if (e instanceof TypeError) return quiet ? undefined : trouble(e); // the fake does not respond: what is shown stays
      if (route.get().request === id) drawMissing(`Request ${id} was not found: it was deleted, is no longer kept, or belongs to another run.`);
      else drawNone();
    }
  };

  /**
   * Shows a message by its own id, since its request may no longer be kept.
   * @param {number} id
   */
  const loadMessage = async (id) => {
    abort.abort();
    abort = new AbortController();
    const { signal } = abort;
    try {
      /** @type {import("./types.js").Message} */
      const m = await ask("GET", "/messages/" + id, undefined, signal);
      if (signal.aborted) return;
      if (m.request_id) return await load(m.request_id, { byChoice: true });
      forget();
      draw(
        make("div", { class: "head" }, icon(m.type), make("h2", {}, `${m.type[0].toUpperCase()}${m.type.slice(1)} to ${m.to_phone}`)),
        make("p", { class: "meta" }, make("time", { datetime: m.sent_at }, exactly(m.sent_at)), make("span", {}, "Its request is no longer kept.")),
        bubble(m),
      );
    } catch (e) {
      if (!signal.aborted) drawMissing(e instanceof TypeError ? "The fake does not respond." : `Message ${id} was not found: it was deleted, is no longer kept, or belongs to another run.`);
    }
  };

  /** @param {Exchange} r */
  const resend = (r) =>
    act(
      ask("POST", `/requests/${r.id}/resend`, {}).then((/** @type {{id: number, status: number}} */ answer) => {
        route.go({ request: answer.id });
        toast(`Sent again: ${answer.status || "no response"}`);
        look();
      }),
    );

  /** @param {Summary} r */
  const remove = (r) => {
    const next = neighbour(r.id);
    act(
      ask("DELETE", "/requests/" + r.id).then(() => {
        const wasChosen = route.get().request === r.id || route.get().message > 0;
        if (next && !narrow.matches) wasChosen ? route.go({ request: next }, { replace: true }) : load(next);
        else {
          route.go({ request: 0, message: 0 }, { replace: true });
          drawNone();
        }
        toast("Deleted", {
          undo: () =>
            ask("POST", "/undo", {}).then(() => {
              route.go({ request: r.id });
              look();
            }),
        });
        say("Deleted");
        look();
      }),
    );
  };

  return {
    /**
     * Shows the request that the address names.
     * @param {{focus?: boolean}} [options]
     */
    show(options = {}) {
      const s = route.get();
      if (s.view === "phone") return;
      if (s.request) {
        if (s.request !== current?.id || fromBefore) return load(s.request, { byChoice: true, ...options });
        if (options.focus) root.focus();
        if (!chosen || !current.read) return load(s.request, { byChoice: true });
      } else if (s.message) return loadMessage(s.message);
      else if (narrow.matches && !s.latest && !fromBefore) drawNone();
    },

    /**
     * Brings what is shown up to date with a response of the fake.
     * @param {Page} page
     * @param {boolean} changed something was deleted, restored or read
     */
    refresh(page, changed) {
      nothing = page.total.all === 0 && page.under_way.length === 0;
      const s = route.get();
      const restarted = run !== "" && run !== page.run;
      run = page.run;
      if (restarted && current && chosen) {
        fromBefore = true;
        abort.abort();
        abortMore.abort();
        root.classList.add("before");
        place.prepend(make("p", { class: "note before-note" }, "From an earlier run: the fake has restarted since."));
        for (const b of place.querySelectorAll("#resend, #delete, #copy-link")) b.remove();
        shown(0);
        route.go({ request: 0, message: 0 }, { replace: true });
        return;
      }
      if (restarted) forget();
      const newest = page.requests[0];
      if (s.latest) {
        if (newest && newest.id !== wanted) return load(newest.id, { quiet: true });
        if (!newest) return drawNone();
      } else if (fromBefore) return;
      else if (!s.request && !s.message) {
        // The user has chosen nothing: on a wide page the newest request is shown, and stays.
        if (!wanted && newest && !narrow.matches) return load(newest.id, { quiet: true });
        if (!wanted) {
          if (nothing !== Boolean(place.querySelector(".welcome"))) drawNone();
          return;
        }
      }
      if (s.request && !wanted && changed) return load(s.request, { byChoice: true, quiet: true }); // it may have been restored
      const own = page.requests.find((r) => r.id === wanted);
      const said = own ? JSON.stringify(own) : "";
      if (wanted && current && (changed || (said && said !== summary))) {
        summary = said;
        return load(wanted, { byChoice: chosen, quiet: true });
      }
      summary = said || summary;
    },

    /** Shows nothing, after all requests were deleted. */
    cleared() {
      if (fromBefore) return;
      const s = route.get();
      forget();
      if (s.request || s.message) route.go({ request: 0, message: 0 }, { replace: true });
      draw();
    },

    /** Removes a request from an earlier run. Returns whether one was shown. */
    leave() {
      if (!fromBefore) return false;
      drawNone();
      return true;
    },

    /** Deletes the request that is shown. */
    removeCurrent() {
      if (current && !fromBefore) remove(current);
    },
  };
}

/**
 * The attempts at the same request as r, the oldest first.
 * @param {Summary} r
 * @param {Summary[]} list the newest first
 */
function attempts(r, list) {
  // Accepted requests also have the name of the sender, and its phone if the request named the sender by its id.
  const phone = (/** @type {Summary} */ o) => o.from.match(/\+\d+$/)?.[0] || "";
  const sameSender = (/** @type {Summary} */ o) => !phone(o) || !phone(r) || phone(o) === phone(r);
  const same = list
    .filter((o) => o.operation === r.operation && o.path === r.path && o.to_phone === r.to_phone && o.type === r.type && sameSender(o) && o.text === r.text && o.file_name === r.file_name)
    .sort((a, b) => a.id - b.id);
  const at = same.findIndex((o) => o.id === r.id);
  if (at < 0) return [];
  let first = at;
  while (first > 0 && same[first].attempt > 1 && same[first - 1].attempt === same[first].attempt - 1) first--;
  let last = at;
  while (last + 1 < same.length && same[last + 1].attempt === same[last].attempt + 1) last++;
  return same.slice(Math.max(first, at - most / 2), Math.min(last + 1, at + most / 2)); // a client in a loop makes thousands of attempts
}
