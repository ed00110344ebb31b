// Locks by which the tabs of a browser agree on who does what.

/**
 * Holds a lock from when its turn comes until the function that this returns is called. A page that its browser keeps for the
 * Back button has to let go of all: it stands still, and Chromium gives its locks to nobody else.
 * @param {string} name
 * @param {LockMode} mode
 * @param {() => void} [begun] called when its turn has come
 * @returns {() => void}
 */
export function hold(name, mode, begun) {
  const end = new AbortController();
  const { signal } = end;
  const held = () =>
    new Promise((done) => {
      signal.addEventListener("abort", done);
      begun?.();
    });
  navigator.locks.request(name, { mode, signal }, () => (signal.aborted ? undefined : held())).catch(() => {}); // ended before its turn
  return () => end.abort();
}
