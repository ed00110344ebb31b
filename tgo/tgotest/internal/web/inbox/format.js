// Sizes, durations, times and numbers as texts.

/**
 * A size: "87 B", "1.5 KiB", "3.0 MiB".
 * @param {number} n
 */
export function bytes(n) {
  if (n < 1024) return n + " B";
  return n < 1048576 ? (n / 1024).toFixed(1) + " KiB" : (n / 1048576).toFixed(1) + " MiB";
}

/**
 * A duration: "87 ms", "0.8 s", "12 s", "3 min".
 * @param {number} ms
 */
export function lasting(ms) {
  if (ms < 1) return "under 1 ms";
  if (ms < 100) return Math.round(ms) + " ms";
  if (ms < 10000) return (ms / 1000).toFixed(1) + " s";
  return ms < 120000 ? Math.round(ms / 1000) + " s" : Math.round(ms / 60000) + " min";
}

/**
 * @param {number} n
 * @param {number} [digits]
 */
function padded(n, digits = 2) {
  return String(n).padStart(digits, "0");
}

/**
 * A time of day with milliseconds: "14:03:22.187".
 * @param {string | Date} at
 */
export function clock(at) {
  const d = new Date(at);
  return `${padded(d.getHours())}:${padded(d.getMinutes())}:${padded(d.getSeconds())}.${padded(d.getMilliseconds(), 3)}`;
}

/**
 * A date with its time of day, for titles: "27 Nov 2026, 14:03:22.187".
 * @param {string | Date} at
 */
export function exactly(at) {
  return new Date(at).toLocaleDateString("en-GB", { day: "numeric", month: "short", year: "numeric" }) + ", " + clock(at);
}

/**
 * How long ago a time was: "now", "12 s", "3 min", "5 h", and its date after a day.
 * @param {string | Date} at
 */
export function ago(at) {
  const seconds = Math.floor((Date.now() - new Date(at).getTime()) / 1000);
  if (seconds < 2) return "now";
  if (seconds < 60) return seconds + " s";
  if (seconds < 3600) return Math.floor(seconds / 60) + " min";
  if (seconds < 86400) return Math.floor(seconds / 3600) + " h";
  return new Date(at).toLocaleDateString("en-GB", { day: "numeric", month: "short" });
}

/**
 * "1st", "2nd", "3rd", "4th", …
 * @param {number} n
 */
export function ordinal(n) {
  const tens = n % 100;
  const ending = tens > 10 && tens < 14 ? "th" : ["th", "st", "nd", "rd"][n % 10] || "th";
  return n + ending;
}

/**
 * A number with separators: "12,345".
 * @param {number} n
 */
export function count(n) {
  return n.toLocaleString("en");
}
