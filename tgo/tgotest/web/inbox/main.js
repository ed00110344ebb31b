// The inbox: puts its parts together.

import { ask } from "./api.js";
import { copier } from "./detail.js";
import { byId, say, trouble } from "./dom.js";
import { drawer } from "./drawer.js";
import { banner, faultEditor } from "./faults.js";
import { help, keys } from "./keys.js";
import { requestList } from "./list.js";
import { menu } from "./menu.js";
import { phoneView } from "./phone.js";
import { reader } from "./reader.js";
import { route } from "./route.js";
import { search } from "./search.js";
import { signals } from "./signals.js";
import { listen } from "./stream.js";
import { throttled } from "./throttle.js";
import { welcome } from "./welcome.js";
import { workspace } from "./workspace.js";

/**
 * @typedef {import("./types.js").Page} Page
 * @typedef {import("./types.js").Summary} Summary
 */

/** @type {Page | null} */
let page = null;
let changed = false; // something was deleted, brought back or read since the last look
let stateChanged = true; // keys, contacts, senders or faults are others since the last look
let peopleDue = 0; // when the workspace is to be looked at even so

const found = search();
const signal = signals();
const drawBanner = banner(byId("banner"));
const phone = phoneView(byId("phone"));

/** What lies in the drawer, once the fake has said what there is to choose from. @type {{refresh: (page: Page) => void} | null} */
let inDrawer = null;

const look = throttled(async (abort) => {
  const { q, is } = route.get();
  const inList = route.get().view === "list";
  const { limit, before } = inList ? list.window() : { limit: 1, before: 0 }; // the phone's view needs only the counts
  const query = new URLSearchParams({ limit: String(limit) });
  if (q) query.set("q", q);
  if (is) query.set("is", is);
  if (before) query.set("before", String(before));
  const hadChanged = changed;
  changed = false;
  try {
    /** @type {Page} */
    const next = await ask("GET", "/inbox?" + query, undefined, abort);
    page = next;
    if (inList) list.draw(next, is);
    found.draw(next);
    drawBanner(next);
    signal.count(next.total.unread, next.doubled);
    document.body.classList.toggle("nothing", next.total.all === 0 && next.under_way.length === 0);
    if (box.isOpen()) refreshDrawer(next);
    if (inList) await read.refresh(next, hadChanged);
    else phone.refresh();
  } catch (e) {
    changed ||= hadChanged;
    // Nobody clicked for it: it comes again when the fake does, and #live shows that it is away.
    if (!abort.aborted) say("Not up to date: " + (e instanceof Error ? e.message : e));
  }
  if (!listening && !abort.aborted) startListening();
});
let listening = false;

/** @param {Page} now */
function refreshDrawer(now) {
  inDrawer?.refresh(now);
}

const narrow = matchMedia("(max-width: 42rem)");
let opening = { focus: false }; // how the next request is shown
const list = requestList({
  look: look.soon,
  open: (id, { step = false, replace = false, focus = false, byKey = false }) => {
    if (step && narrow.matches) return; // on a phone the arrows go through the list alone
    opening = { focus: focus && (byKey || narrow.matches) }; // after a click on a wide page the keys stay in the list
    route.go({ request: id }, { replace });
    opening = { focus: false };
  },
});

const back = () => {
  if (route.get().view === "phone") return;
  if (narrow.matches && !read.leave() && (route.get().request || route.get().message || route.get().latest)) route.go({ request: 0, message: 0, latest: false });
  list.focus();
};
const read = reader({
  shown: list.select,
  neighbour: list.neighbour,
  look: () => {
    changed = true;
    look.now();
  },
  back,
  empty: welcome,
});

const box = drawer(async () => {
  if (!inDrawer) {
    try {
      /** @type {import("./types.js").Options} */
      const options = await ask("GET", "/options");
      const faults = faultEditor(byId("fault-editor"), options);
      const people = workspace(byId("workspace"), options);
      inDrawer = {
        refresh(now) {
          faults.refresh(now);
          if (!stateChanged && performance.now() < peopleDue) return;
          stateChanged = false;
          peopleDue = performance.now() + 2000; // the coverage changes with every request
          people.refresh();
        },
      };
    } catch (e) {
      return trouble(e);
    }
  }
  stateChanged = true;
  if (page) refreshDrawer(page);
});

menu({
  look: () => {
    changed = true;
    look.now();
  },
  help,
});
keys({
  move: list.move,
  search: found.focus,
  read: () => byId("detail").focus(),
  remove: () => read.removeCurrent(),
  back: () => box.close() || back(),
});

// ---- what is seen

function drawView() {
  const s = route.get();
  document.body.dataset.view = s.view;
  document.body.dataset.screen = s.request || s.message || s.latest ? "detail" : "list";
  for (const [id, view] of [["to-list", "list"], ["to-phone", "phone"]]) {
    if (s.view === view) byId(id).setAttribute("aria-current", "page");
    else byId(id).removeAttribute("aria-current");
  }
  byId("to-list").setAttribute("href", route.link({ view: "list" }));
  byId("latest").setAttribute("aria-pressed", String(s.latest));
  if (s.view === "phone") phone.show();
  else phone.hide();
}
byId("latest").addEventListener("click", () => {
  list.rewind();
  route.go({ latest: !route.get().latest, request: 0, message: 0 });
  look.now();
});
route.onChange((now, before) => {
  drawView();
  if (now.q !== before.q || now.is !== before.is || now.view !== before.view) {
    list.rewind();
    look.now();
  }
  if (now.view === "list" && (now.request !== before.request || now.message !== before.message || now.latest !== before.latest || now.view !== before.view || opening.focus)) {
    read.show({ focus: opening.focus });
  }
});
drawView();

const url = byId("url");
url.textContent = location.origin + "/api/v1"; // as the page itself was reached: a port may be mapped
url.after(copier("copy", "Copy the address", url.textContent));

// ---- what happens

const live = byId("live");
/** @type {Record<string, (data: any, first: boolean) => void>} */
const on = {
  hello: () => (changed = stateChanged = true),
  request: (/** @type {Summary} */ r, first) => signal.arrived(r, first),
  changed: () => (changed = true),
  cleared: () => read.cleared(),
  state: () => (stateChanged = true),
  under_way: () => {},
};
function startListening() {
  listening = true;
  listen(() => (page ? page.run + "." + page.last : ""), {
    event: (name, data, first) => {
      on[name](data, first);
      look.soon();
    },
    connected: (ok) => {
      live.textContent = ok ? "live" : "not connected; trying again";
      live.dataset.on = String(ok);
    },
  });
}

read.show();
look.now();
