// The address of the page. It has all that the page shows, so that Back, Forward and links lead to it.

/**
 * @typedef {object} State
 * @property {"list" | "phone"} view
 * @property {number} request the id of the request that is shown; 0 for none
 * @property {number} message the id of the message whose request is shown; 0 for none
 * @property {boolean} latest the latest request is shown, and each newer one when it arrives
 * @property {string} phone the phone whose thread is shown; empty for none
 * @property {string} q the search
 * @property {string} is the filter: empty, accepted, failed, doubled or unread
 */

/** @type {Set<(state: State, before: State) => void>} */
const listeners = new Set();

/**
 * The state that an address has.
 * @param {{pathname: string, search: string}} from
 * @returns {State}
 */
function read(from) {
  const [first = "", second = ""] = from.pathname.split("/").slice(1);
  const query = new URLSearchParams(from.search);
  return {
    view: first === "phone" ? "phone" : "list",
    request: first === "requests" ? Number(second) || 0 : 0,
    message: first === "messages" ? Number(second) || 0 : 0,
    latest: first === "latest",
    phone: first === "phone" ? decoded(second) : "",
    q: query.get("q") || "",
    is: query.get("is") || "",
  };
}

/** @param {string} part of a path */
function decoded(part) {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

/**
 * The address of a state.
 * @param {State} s
 */
function address(s) {
  let path = "/";
  if (s.view === "phone") path = s.phone ? "/phone/" + encodeURIComponent(s.phone).replace("%2B", "+") : "/phone";
  else if (s.request) path = "/requests/" + s.request;
  else if (s.message) path = "/messages/" + s.message;
  else if (s.latest) path = "/latest";
  const query = new URLSearchParams();
  if (s.q) query.set("q", s.q);
  if (s.is) query.set("is", s.is);
  return path + (query.size ? "?" + query : "");
}

let state = read(location);

/** @param {State} next */
function change(next) {
  const before = state;
  state = next;
  for (const f of listeners) f(state, before);
}

addEventListener("popstate", () => change(read(location)));

/**
 * The state after a change. A request, a message, the latest and a phone replace each other.
 * @param {Partial<State>} partial
 * @returns {State}
 */
function following(partial) {
  const one = partial.request || partial.message || partial.latest ? { view: /** @type {const} */ ("list"), request: 0, message: 0, latest: false, phone: "" } : {};
  const next = { ...state, ...one, ...(partial.phone ? { view: /** @type {const} */ ("phone") } : {}), ...partial };
  return next.view === "phone" ? { ...next, request: 0, message: 0, latest: false } : { ...next, phone: "" };
}

export const route = {
  /** @returns {State} */
  get() {
    return state;
  },

  /**
   * Shows something else.
   * @param {Partial<State>} partial what changes
   * @param {{replace?: boolean}} [options] replace: the change, such as typing in the search, is no new entry of the browser's history
   */
  go(partial, { replace = false } = {}) {
    const next = following(partial);
    const to = address(next);
    if (to !== location.pathname + location.search) history[replace ? "replaceState" : "pushState"](null, "", to);
    change(next);
  },

  /**
   * The address that go would lead to, for links.
   * @param {Partial<State>} partial
   */
  link(partial) {
    return address(following(partial));
  },

  /**
   * Calls f after each change, including Back and Forward.
   * @param {(state: State, before: State) => void} f
   */
  onChange(f) {
    listeners.add(f);
  },
};

// A click on a link to the page itself changes what is shown, and loads nothing.
addEventListener("click", (e) => {
  const a = e.target instanceof Element ? e.target.closest("a") : null;
  if (!a || e.defaultPrevented || e.button || e.metaKey || e.ctrlKey || e.shiftKey || e.altKey || a.target || a.hasAttribute("download")) return;
  if (a.origin !== location.origin || a.hash || !/^\/($|requests\/|messages\/|latest$|phone($|\/))/.test(a.pathname)) return;
  e.preventDefault();
  const to = read(a);
  // Within the list, a link to a request keeps the search and the filter that are set at the time of the click.
  route.go(to.request && state.view === "list" ? { request: to.request } : to);
});
