// The fake's admin API.

/**
 * Sends a request to the admin API. If the fake refuses it, the Error has the fake's message.
 * @param {string} method
 * @param {string} path below /_fake
 * @param {unknown} [body]
 * @param {AbortSignal} [signal]
 * @returns {Promise<any>}
 */
export async function ask(method, path, body, signal) {
  /** @type {RequestInit} */
  const options = { method, signal };
  if (body !== undefined) {
    options.headers = { "Content-Type": "application/json" };
    options.body = JSON.stringify(body);
  }
  const answer = await fetch("/_fake" + path, options);
  if (!answer.ok) {
    const said = await answer.json().catch(() => ({}));
    throw new Error(said.message || "status " + answer.status);
  }
  return answer.status === 204 ? null : answer.json();
}
