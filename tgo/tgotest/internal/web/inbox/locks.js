// Locks that the tabs of a browser share, so that one of them does what only one should do.

/**
 * Requests a lock, and holds it until the returned function is called. A page must release its locks when the browser keeps it
 * for the Back button: the page is frozen then, and Chromium gives its locks to no other page.
 * @param {string} name
 * @param {LockMode} mode
 * @param {() => void} [begun] called when the lock is granted
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
  navigator.locks.request(name, { mode, signal }, () => (signal.aborted ? undefined : held())).catch(() => {}); // released before it was granted
  return () => end.abort();
}
