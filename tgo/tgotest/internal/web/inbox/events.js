// The fake's server-sent events. All tabs share one stream, because a browser opens at most six connections to a server and each
// stream keeps one of them. The tab that gets the lock listens, and passes the events on to the others. Without locks (the page
// came over plain HTTP from another machine) each tab has a stream of its own while it is visible.

import { hold } from "./locks.js";

/**
 * @typedef {object} Listener
 * @property {(name: string, data: any, first: boolean) => void} event called for each event; first is true only in the tab that listens
 * @property {(on: boolean) => void} connected
 */

const names = ["hello", "request", "under_way", "changed", "cleared", "state"];
const retry = 3000; // ms after a response that is not a stream; browsers give up then

/**
 * Listens to the fake's events.
 * @param {() => string} after returns the id of the last known event, as RUN.ID; the fake sends the events after it
 * @param {Listener} listener
 */
export function listen(after, { event, connected }) {
  /** @type {EventSource | null} */
  let source = null;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let again;
  /** @type {BroadcastChannel | null} */
  let channel = null;
  let on = false;

  /** @param {boolean} now */
  const tellState = (now) => {
    on = now;
    channel?.postMessage({ on });
    connected(on);
  };
  const open = () => {
    const known = after();
    const opened = new EventSource("/_fake/events" + (known ? "?after=" + encodeURIComponent(known) : ""));
    source = opened;
    opened.addEventListener("open", () => tellState(true));
    for (const name of names) {
      opened.addEventListener(name, (e) => {
        const data = JSON.parse(e.data);
        channel?.postMessage({ name, data });
        event(name, data, true);
      });
    }
    opened.addEventListener("error", () => {
      tellState(false);
      if (opened.readyState !== EventSource.CLOSED) return; // the browser reconnects
      again = setTimeout(open, retry);
    });
  };
  const close = () => {
    clearTimeout(again);
    source?.close();
    source = null;
  };

  if (navigator.locks && "BroadcastChannel" in globalThis) {
    channel = new BroadcastChannel("tgo-inbox");
    channel.onmessage = ({ data }) => {
      if (data.ask) {
        if (source) channel?.postMessage({ on });
      } else if (data.name) {
        event(data.name, data.data, false);
      } else {
        connected(data.on);
        if (data.on && !joined) event("hello", {}, false); // anything may have happened since the page was loaded or left
        joined ||= data.on;
      }
    };
    let joined = false; // the tab that listens has replied
    let leave = () => {};
    const join = () => {
      joined = false;
      channel?.postMessage({ ask: true });
      leave = hold("tgo-inbox", "exclusive", open);
    };
    addEventListener("pagehide", () => {
      close();
      leave();
    });
    addEventListener("pageshow", (e) => {
      if (e.persisted) join();
    });
    join();
    return;
  }
  const look = () => {
    if (document.hidden) close();
    else if (!source) open();
  };
  document.addEventListener("visibilitychange", look);
  look();
}
