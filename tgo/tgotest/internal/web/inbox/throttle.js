// However much arrives, the page asks again only so often.

const hidden = 2000; // the same while nobody sees the page: only the counts in title and icon matter then

/**
 * Makes a function that asks for work to be done soon: once for many calls, never twice at a time, and so that at least as
 * much time as it took passes twice before the next.
 * @param {(signal: AbortSignal) => Promise<void>} work
 * @param {number} [least] ms between two times
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
  // What a hidden page put off is due when somebody looks at it.
  document.addEventListener("visibilitychange", wait);

  return {
    soon() {
      wanted = true;
      wait();
    },
    /** For what somebody waits for: what is under way is given up, since it answers another question. */
    now() {
      wanted = true;
      next = 0;
      abort.abort();
      wait();
    },
  };
}
