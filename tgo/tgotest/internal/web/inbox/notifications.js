// Announces requests: the counts in title and icon, desktop notifications, and texts for screen readers.

import { byId } from "./dom.js";
import { news } from "./labels.js";
import { hold } from "./locks.js";
import { say } from "./notices.js";
import { route } from "./route.js";

/** @typedef {import("./types.js").Summary} Summary */

const pause = 1000; // ms between two texts for screen readers, and between two icons
const seen = "tgo-inbox-seen"; // the lock that every visible tab holds
const wish = "tgo-notify"; // the key in localStorage

/** Whether notifications are switched on, and the browser allows them. */
export function notifies() {
  return "Notification" in globalThis && Notification.permission === "granted" && localStorage.getItem(wish) === "yes";
}

/** Whether the browser offers notifications on this page. It does not over plain HTTP from another machine. */
export function canNotify() {
  return "Notification" in globalThis && isSecureContext;
}

/**
 * Switches notifications on or off. The browser may ask for permission first.
 * @param {boolean} on
 */
export async function setNotifies(on) {
  if (on && (await Notification.requestPermission()) !== "granted") {
    throw new Error("the browser does not allow notifications from this page");
  }
  localStorage.setItem(wish, on ? "yes" : "no");
}

/** Announces requests in this tab. */
export function notifications() {
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

  // The lock is held while this tab is visible.
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
     * Shows the counts in title and icon.
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
     * Announces a request.
     * @param {Summary} r
     * @param {boolean} first this tab is the one that listens to the fake; only that one notifies, so that all tabs notify once
     */
    arrived(r, first) {
      arrived.push(r);
      if (first && document.hidden && notifies()) toNotify++;
      speak();
    },
  };
}

/**
 * Shows a notification, unless a tab is visible.
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
