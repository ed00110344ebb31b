// The start of the inbox. It connects the parts of the page, asks the fake for what they show, and follows its events.

import { ask } from "./api.js";
import { detailPane, narrow } from "./detail-pane.js";
import { copier } from "./detail.js";
import { byId } from "./dom.js";
import { drawer } from "./drawer.js";
import { listen } from "./events.js";
import { banner, faultEditor } from "./faults.js";
import { help, keyboard } from "./keyboard.js";
import { isSend } from "./labels.js";
import { requestList } from "./list.js";
import { menu } from "./menu.js";
import { say, trouble } from "./notices.js";
import { notifications } from "./notifications.js";
import { phoneView } from "./phone.js";
import { route } from "./route.js";
import { search } from "./search.js";
import { throttled } from "./throttle.js";
import { welcome } from "./welcome.js";
import { workspace } from "./workspace.js";

/**
 * @typedef {import("./types.js").Options} Options
 * @typedef {import("./types.js").Page} Page
 * @typedef {import("./types.js").Summary} Summary
 */

const retry = 2000; // ms after a request that failed

/** The fake's last response. @type {Page | null} */
let page = null;
let listening = false;
let changed = false; // requests were deleted, restored or read since the last response
let stateChanged = true; // keys, contacts, senders or faults have changed since the last response
let focusNext = false; // the request that is shown next gets the focus

const found = search();
const notify = notifications();
const drawBanner = banner(byId("banner"));
const phone = phoneView(byId("phone"));

// ---- asking the fake: after every event the page asks for the whole list, throttled

const look = throttled(async (abort) => {
  const { q, is, view } = route.get();
  const { limit, before } = view === "list" ? list.window() : { limit: 1, before: 0 }; // the phone view needs only the counts
  const query = new URLSearchParams({ limit: String(limit) });
  if (q) query.set("q", q);
  if (is) query.set("is", is);
  if (before) query.set("before", String(before));
  const hadChanged = changed;
  changed = false;
  /** @type {Page} */
  let now;
  try {
    page = now = await ask("GET", "/inbox?" + query, undefined, abort);
  } catch (e) {
    changed ||= hadChanged;
    if (abort.aborted) return;
    // No click asked for this, so it is no error to show: #live says that the fake does not respond.
    say("Not up to date: " + (e instanceof Error ? e.message : e));
    setTimeout(look.soon, retry);
    return startListening();
  }
  startListening(); // to the events after this response
  draw(now, hadChanged, view, is);
});

/**
 * @param {Page} now
 * @param {boolean} hadChanged
 * @param {"list" | "phone"} view at the time of the request
 * @param {string} is the filter at the time of the request
 */
function draw(now, hadChanged, view, is) {
  if (view === "list") list.draw(now, is);
  found.draw(now);
  drawBanner(now);
  notify.count(now.total.unread, now.doubled);
  document.body.classList.toggle("nothing", now.total.all === 0 && now.under_way.length === 0);
  if (box.isOpen()) drawDrawer(now);
  if (view === "list") pane.refresh(now, hadChanged);
  else phone.refresh();
}

/** Asks the fake at once after an action of the user, without waiting for the event. */
function lookAgain() {
  changed = true;
  look.now();
}

// ---- the parts

const list = requestList({
  look: look.soon,
  open: (id, { step = false, replace = false, focus = false }) => {
    if (step && narrow.matches) return; // on a narrow screen the arrow keys only move in the list
    focusNext = focus || narrow.matches;
    route.go({ request: id }, { replace });
    focusNext = false;
  },
});

const back = () => {
  const s = route.get();
  if (s.view === "phone") return;
  if (narrow.matches && !pane.leave() && (s.request || s.message || s.latest)) route.go({ request: 0, message: 0, latest: false });
  list.focus();
};
const pane = detailPane({ shown: list.select, neighbour: list.neighbour, look: lookAgain, back, empty: welcome });

/** Draws the content of the drawer, which is made when the drawer opens first. @type {Promise<(now: Page) => void> | undefined} */
let inDrawer;
const box = drawer(() => {
  stateChanged = true;
  if (page) drawDrawer(page);
  else look.soon();
});

async function fillDrawer() {
  /** @type {Options} */
  const options = await ask("GET", "/options");
  const faults = faultEditor(byId("fault-editor"), options);
  const people = workspace(byId("workspace"), options);
  return (/** @type {Page} */ now) => {
    faults.refresh(now);
    people.refresh(stateChanged);
    stateChanged = false;
  };
}

/** @param {Page} now */
function drawDrawer(now) {
  inDrawer ||= fillDrawer();
  inDrawer.then(
    (refresh) => refresh(now),
    (e) => {
      inDrawer = undefined;
      trouble(e);
    },
  );
}

menu({ look: lookAgain, help });
keyboard({
  move: list.move,
  search: found.focus,
  read: () => byId("detail").focus(),
  remove: pane.removeCurrent,
  back: () => box.close() || back(),
});

const url = byId("url");
url.textContent = location.origin + "/api/v1"; // from the page's own address, since the port may be mapped
url.after(copier("copy", "Copy the address", url.textContent));

// ---- the address

function drawView() {
  const s = route.get();
  document.body.dataset.view = s.view;
  document.body.dataset.screen = s.request || s.message || s.latest ? "detail" : "list";
  for (const [id, view] of [["to-list", "list"], ["to-phone", "phone"]]) {
    if (s.view === view) byId(id).setAttribute("aria-current", "page");
    else byId(id).removeAttribute("aria-current");
  }
  byId("to-list").setAttribute("href", route.link({ view: "list", request: 0, message: 0, latest: false }));
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
  const same = now.request === before.request && now.message === before.message && now.latest === before.latest && now.view === before.view;
  if (now.view === "list" && (!same || focusNext)) pane.show({ focus: focusNext });
});

// ---- the events

/** @type {Record<string, (data: any, first: boolean) => void>} */
const on = {
  hello: () => (changed = stateChanged = true),
  request: (/** @type {Summary} */ r, first) => {
    if (r.method !== "GET" && !isSend(r)) stateChanged = true; // keys and sender numbers can also change through the API
    notify.arrived(r, first);
  },
  under_way: () => {},
  changed: () => (changed = true),
  cleared: () => pane.cleared(),
  state: () => (stateChanged = true),
};

function startListening() {
  if (listening) return;
  listening = true;
  const live = byId("live");
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

drawView();
pane.show();
look.now();
