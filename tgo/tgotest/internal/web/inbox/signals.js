// What tells of arrivals without anybody looking: title, icon, notification, and the words for screen readers.

import { byId, say } from "./dom.js";
import { hold } from "./locks.js";
import { route } from "./route.js";
import { news } from "./words.js";

/** @typedef {import("./types.js").Summary} Summary */

const pause = 1000; // ms between two texts for screen readers, and two icons
const seen = "tgo-inbox-seen"; // the lock that every tab has which somebody sees
const wish = "tgo-notify";

/** Whether somebody wants notifications, and may have them. */
export function notifies() {
  return "Notification" in globalThis && Notification.permission === "granted" && localStorage.getItem(wish) === "yes";
}

/** Whether this browser has notifications to offer here: it has none on plain http from another machine. */
export function canNotify() {
  return "Notification" in globalThis && isSecureContext;
}

/**
 * Switches notifications on or off; the browser may ask first.
 * @param {boolean} on
 */
export async function setNotifies(on) {
  if (on && (await Notification.requestPermission()) !== "granted") {
    throw new Error("the browser does not allow notifications from this page");
  }
  localStorage.setItem(wish, on ? "yes" : "no");
}

export function signals() {
  const icon = /** @type {HTMLLinkElement} */ (byId("icon"));
  let iconShown = "";
  let iconWanted = "";
  let iconAt = -Infinity;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let iconTimer;
  /** @type {Summary[]} */
  let arrived = [];
  let toNotify = 0;
  let saidAt = -Infinity;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let sayTimer;

  const drawIcon = () => {
    clearTimeout(iconTimer);
    if (iconWanted === iconShown) return;
    const wait = iconAt + pause - performance.now();
    if (wait > 0) {
      iconTimer = setTimeout(drawIcon, wait);
      return;
    }
    iconAt = performance.now();
    icon.href = iconShown = iconWanted;
  };

  const speak = () => {
    clearTimeout(sayTimer);
    const wait = saidAt + pause - performance.now();
    if (wait > 0) {
      sayTimer = setTimeout(speak, wait);
      return;
    }
    saidAt = performance.now();
    const text = arrived.length === 1 ? news(arrived[0]) : `${arrived.length} new requests, the last: ${news(arrived[arrived.length - 1])}`;
    say(text);
    if (toNotify) notify(text, arrived[arrived.length - 1]);
    arrived = [];
    toNotify = 0;
  };

  // Held as long as this tab is seen.
  if (navigator.locks) {
    let release = () => {};
    const look = () => {
      release();
      if (!document.hidden) release = hold(seen, "shared");
    };
    document.addEventListener("visibilitychange", look);
    look();
  }

  return {
    /**
     * @param {number} unread
     * @param {number} doubled
     */
    count(unread, doubled) {
      const title = (unread ? `(${unread}) ` : "") + "tgo fake";
      if (document.title !== title) document.title = title;
      iconWanted = "/icon.svg" + (unread || doubled ? `?count=${Math.min(unread, 100)}${doubled ? "&alert=1" : ""}` : "");
      drawIcon();
    },

    /**
     * @param {Summary} r
     * @param {boolean} first this tab is the one that listens; one notification is enough
     */
    arrived(r, first) {
      arrived.push(r);
      if (first && document.hidden && notifies()) toNotify++;
      speak();
    },
  };
}

/**
 * Shows a notification, unless another tab is seen.
 * @param {string} text
 * @param {Summary} r
 */
async function notify(text, r) {
  const { held = [] } = await navigator.locks.query();
  if (held.some((lock) => lock.name === seen)) return;
  const shown = new Notification("tgo fake", { body: r.text ? text + "\n" + r.text : text, tag: "tgo-inbox", icon: "/icon.svg" });
  shown.addEventListener("click", () => {
    focus();
    route.go({ request: r.id });
    shown.close();
  });
}
