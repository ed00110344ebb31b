// Limits how often the page asks the fake.

const hidden = 2000; // extra ms while the page is hidden: only the counts in title and icon matter then

/**
 * Runs work soon after it is asked for: once for many calls, never two at a time, and with a pause between two runs of at least
 * twice as long as the last one took.
 * @param {(signal: AbortSignal) => Promise<void>} work
 * @param {number} [least] the shortest pause between two runs, in ms
 */
export function throttled(work, least = 150) {
  let wanted = false;
  let running = false;
  let next = 0;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  let abort = new AbortController();

  const wait = () => {
    if (!wanted || running) return;
    clearTimeout(timer);
    timer = setTimeout(run, Math.max(0, next + (document.hidden ? hidden : 0) - performance.now()));
  };
  const run = async () => {
    if (running) return;
    wanted = false;
    running = true;
    const began = performance.now();
    abort = new AbortController();
    const { signal } = abort;
    try {
      await work(signal);
    } finally {
      running = false;
      if (!signal.aborted) next = performance.now() + Math.max(least, 2 * (performance.now() - began));
      wait();
    }
  };
  // What a hidden page has put off runs when the page becomes visible.
  document.addEventListener("visibilitychange", wait);

  return {
    soon() {
      wanted = true;
      wait();
    },
    /** Runs at once, for an action of the user. A run that is under way is aborted, since it asks for something else. */
    now() {
      wanted = true;
      next = 0;
      abort.abort();
      wait();
    },
  };
}
