// What happens at the fake, told to all tabs by one stream of events: a browser opens six connections to a server, and each
// stream keeps one. The tab that gets the lock listens and passes on what it hears. A browser that has no locks, because the
// page came by plain http from another machine, gives every tab a stream of its own while somebody sees it.

import { hold } from "./locks.js";

/**
 * @typedef {object} Listener
 * @property {(name: string, data: any, first: boolean) => void} event first is true in the one tab that listens itself
 * @property {(on: boolean) => void} connected
 */

const names = ["hello", "request", "under_way", "changed", "cleared", "state"];
const retry = 3000; // ms after an answer that is no stream, upon which a browser gives up

/**
 * Listens to the fake.
 * @param {() => string} after the last event that is known, as RUN.ID; the fake tells what came after it
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
      if (opened.readyState !== EventSource.CLOSED) return; // the browser tries again
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
        if (data.on && !joined) event("hello", {}, false); // much may have happened since the page was loaded, or was left
        joined ||= data.on;
      }
    };
    let joined = false; // the tab that listens has answered
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
