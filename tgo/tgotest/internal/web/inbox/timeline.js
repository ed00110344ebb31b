// The timeline of a message that arrived more than once: what happened between its copies, and why the client sent it again.

import { icon, make } from "./dom.js";
import { clock, count, exactly, lasting } from "./format.js";
import { doubledWords, statusWords } from "./labels.js";

/** @typedef {import("./types.js").Summary} Summary */

/** @param {Summary} r */
function began(r) {
  return new Date(r.at).getTime();
}

/** @param {Summary} r */
function ended(r) {
  return began(r) + r.took_ms;
}

/**
 * Why the client sent a message again, as far as the fake can tell.
 * @param {Summary | undefined} first
 * @param {Summary | undefined} next
 * @returns {string[]}
 */
function causes(first, next) {
  const why = [];
  if (first?.fault) why.push((first.status ? "" : "response lost: ") + first.fault);
  else if (first?.outcome === "broken off") why.push("the client closed the connection before the response");
  if (first && next && began(next) < ended(first)) why.push("the client did not wait for the response to the previous request");
  if (!why.length && first && next)
    why.push(`no fault: the response was ${statusWords(first.status)}, and the client sent it again anyway`);
  if (first && next && first.user_agent !== next.user_agent) why.push(`by another client: ${next.user_agent || "without a User-Agent"}`);
  return why;
}

/**
 * How many other requests came between two.
 * @param {number} first the id, or 0 if it is no longer kept
 * @param {number} next the id, or 0 if it is no longer kept
 */
function between(first, next) {
  const n = first && next ? Math.max(0, Math.abs(next - first) - 1) : 0;
  return n ? `${n} other ${n === 1 ? "request" : "requests"} in between` : "";
}

/**
 * A request on the timeline, with what the client received.
 * @param {number} id
 * @param {number} message
 * @param {Summary | undefined} r undefined if only its id is known
 * @param {number} own id of the message that is shown
 */
function moment(id, message, r, own) {
  const status = r && make("span", { class: "timeline-status" + (r.status >= 200 && r.status < 300 ? "" : " bad") }, statusWords(r.status));
  return make(
    "li",
    { class: "timeline-request" + (r?.fault || (r && !r.status) ? " struck" : "") },
    r ? make("time", { datetime: r.at, title: exactly(r.at) }, clock(r.at)) : make("span", { class: "timeline-unknown" }, "earlier"),
    id
      ? make("a", { href: "/requests/" + id, "aria-current": message === own ? "true" : false }, "Request " + id)
      : make("span", { class: "timeline-unknown" }, "a request that is no longer kept"),
    status,
    make("span", { class: "timeline-note" }, `message ${message}` + (r ? `, took ${lasting(r.took_ms)}` : "")),
  );
}

/**
 * The drawing above the timeline: a bar for each request, to scale.
 * @param {Summary[]} known the oldest first
 */
function scale(known) {
  const start = began(known[0]);
  const whole = Math.max(1, ...known.map((r) => ended(r) - start));
  const line = make("div", { class: "timeline-scale", "aria-hidden": "true" });
  const share = (/** @type {number} */ ms) => ((100 * ms) / whole).toFixed(2) + "%";
  known.forEach((r, i) => {
    const bar = make("span", { class: "timeline-bar" + (r.fault || !r.status ? " struck" : "") });
    bar.style.left = share(began(r) - start);
    bar.style.width = share(r.took_ms);
    line.append(bar);
    const next = known[i + 1];
    if (!next) return;
    const gap = began(next) - ended(r);
    if (gap / whole < 0.15) return; // no room for it
    const label = make("span", { class: "timeline-gap" }, (r.fault || !r.status) && icon("fault"), lasting(gap));
    label.style.left = share(ended(r) - start);
    label.style.width = share(gap);
    line.append(label);
  });
  return line;
}

/**
 * A row for the copies that are not listed.
 * @param {number} n
 * @param {string} which
 */
function left(n, which) {
  if (!n) return [];
  return [make("li", {}, make("p", { class: "timeline-note" }, `${count(n)} ${which} ${n === 1 ? "copy" : "copies"}`))];
}

/**
 * The timeline of the requests that sent a message more than once.
 * @param {import("./types.js").Doubled} doubled
 * @param {number} own id of the message that is shown
 * @param {Summary[]} requests those of its copies that are known, in any order
 * @returns {HTMLElement}
 */
export function timeline(doubled, own, requests) {
  const copies = doubled.request_ids.map((id, i) => ({ id, message: doubled.message_ids[i], request: requests.find((r) => r.id === id) }));
  const known = copies.flatMap((c) => c.request || []).sort((a, b) => began(a) - began(b));
  // The copies come in the order in which they were stored. A delayed request can have started before one that was stored earlier.
  if (known.length === copies.length)
    copies.sort((a, b) => known.indexOf(/** @type {Summary} */ (a.request)) - known.indexOf(/** @type {Summary} */ (b.request)));
  // If there are very many copies, only those around the one that is shown are listed.
  const earlier = doubled.copy - 1 - doubled.message_ids.indexOf(own);
  const later = doubled.count - earlier - copies.length;
  const rows = [...left(earlier, "earlier")];
  copies.forEach((copy, i) => {
    rows.push(moment(copy.id, copy.message, copy.request, own));
    const next = copies[i + 1];
    if (!next) return;
    const gap = copy.request && next.request ? `${Math.round(began(next.request) - began(copy.request))} ms later` : "";
    rows.push(
      make(
        "li",
        { class: "timeline-between" },
        ...causes(copy.request, next.request).map((why) =>
          make("p", { class: "timeline-cause", dir: "auto" }, icon("fault"), make("span", {}, why)),
        ),
        make("p", { class: "timeline-note" }, [gap, between(copy.id, next.id)].filter(Boolean).join(", ")),
      ),
    );
  });
  rows.push(...left(later, "later"));
  return make(
    "section",
    { class: "timeline", "aria-label": "Timeline" },
    make(
      "h3",
      {},
      icon("doubled"),
      doubledWords(doubled).replace(/^./, (c) => c.toUpperCase()),
    ),
    known.length > 1 && scale(known),
    make("ol", {}, ...rows),
  );
}
