// The phone view: the phones that messages went to, and the messages on each of them.

import { ask } from "./api.js";
import { bubble } from "./bubble.js";
import { copy, icon, make } from "./dom.js";
import { clock, count, exactly } from "./format.js";
import { doubledWords } from "./labels.js";
import { act, say } from "./notices.js";
import { route } from "./route.js";

/** @typedef {import("./types.js").Message} Message */
/** @typedef {import("./types.js").Phones["phones"][number]} Recipient */

const page = 50; // messages to load at once
const most = 500; // messages that the fake returns at most
const kept = 200; // messages that stay while newer ones are added at the end

/**
 * The day of a time, as phones show it above the first message of a day.
 * @param {string} at
 */
function dayOf(at) {
  const d = new Date(at);
  const days = Math.round((new Date().setHours(0, 0, 0, 0) - new Date(d).setHours(0, 0, 0, 0)) / 86400000);
  if (days === 0) return "Today";
  if (days === 1) return "Yesterday";
  return d.toLocaleDateString("en-GB", {
    weekday: days > 1 && days < 7 ? "long" : undefined,
    day: "numeric",
    month: "long",
    year: "numeric",
  });
}

/**
 * The time of the last message, for the list of phones.
 * @param {string} at
 */
function whenOf(at) {
  const day = dayOf(at);
  if (day === "Today") return clock(at).slice(0, 5);
  return day === "Yesterday" ? day : new Date(at).toLocaleDateString("en-GB", { day: "numeric", month: "short" });
}

/**
 * The content of a message in one line.
 * @param {Message} m
 */
function lineOf(m) {
  const words = { text: "", image: "Picture", voice: "Voice note", document: m.media?.name || "Document" };
  return m.content || words[m.type];
}

/**
 * The avatar of a phone: its last two digits.
 * @param {string} phone
 */
function avatar(phone) {
  return make("span", { class: "phone-avatar", "aria-hidden": "true" }, phone.slice(-2));
}

/** @param {number} copies of messages that arrived more than once */
function doubledMark(copies) {
  return make("span", { class: "phone-doubled", title: count(copies) + " copies of messages that arrived more than once" }, "doubled");
}

/** @param {Recipient} r */
function recipient(r) {
  const m = r.last;
  return make(
    "a",
    { href: route.link({ view: "phone", phone: r.phone }), tabindex: -1 },
    avatar(r.phone),
    make("span", { class: "phone-who", dir: "ltr" }, r.phone),
    make("time", { class: "phone-when", datetime: m.sent_at, title: exactly(m.sent_at) }, whenOf(m.sent_at)),
    make("span", { class: "phone-last" }, m.type !== "text" && icon(m.type), make("span", { dir: "auto" }, lineOf(m))),
    make(
      "span",
      { class: "phone-counts" },
      r.doubled > 0 && doubledMark(r.doubled),
      make("span", { class: "phone-count", title: count(r.messages) + (r.messages === 1 ? " message" : " messages") }, count(r.messages)),
    ),
  );
}

/**
 * Whether two messages are copies of the same message.
 * @param {Message | undefined} a
 * @param {Message | undefined} b
 */
function copies(a, b) {
  return Boolean(a?.doubled && b?.doubled && a.doubled.first_id === b.doubled.first_id);
}

/**
 * What surrounds the bubble of a message in its thread. It depends on the neighbours: copies that follow each other share a frame.
 * @param {Message} m
 * @param {Message | undefined} before
 * @param {Message | undefined} after
 */
function surroundings(m, before, after) {
  const newDay = !before || dayOf(before.sent_at) !== dayOf(m.sent_at);
  const newRun = newDay || before.sender_number_id !== m.sender_number_id;
  const frame = !m.doubled ? "" : copies(before, m) ? (copies(m, after) ? "middle" : "last") : copies(m, after) ? "first" : "alone";
  return { day: newDay ? dayOf(m.sent_at) : "", run: newRun, frame, request: m.request_id, doubled: m.doubled };
}

/**
 * @param {Message} m
 * @param {ReturnType<typeof surroundings>} s
 * @param {HTMLElement} shown the bubble
 */
function messageRow(m, s, shown) {
  const words =
    m.doubled &&
    doubledWords(m.doubled).replace(/^./, (c) => c.toUpperCase()) +
      (s.frame === "alone" ? `: copy ${count(m.doubled.copy)}` : "");
  const time = make(
    "time",
    { datetime: m.sent_at, title: exactly(m.sent_at) },
    m.doubled ? clock(m.sent_at) : clock(m.sent_at).slice(0, 5),
  );
  return make(
    "li",
    { class: ["phone-message", s.run && "run", s.frame && "doubled doubled-" + s.frame].filter(Boolean).join(" "), "data-id": m.id },
    s.day && make("p", { class: "phone-day" }, make("span", {}, s.day)),
    make(
      "div",
      { class: "phone-frame" },
      words && (s.frame === "first" || s.frame === "alone") && make("p", { class: "phone-twice" }, icon("doubled"), words),
      s.run &&
        make(
          "p",
          { class: "phone-sender sender-" + (m.sender_number_id % 6) },
          make("bdi", {}, m.sender_name || m.sender_phone),
          m.sender_name && make("small", { dir: "ltr" }, m.sender_phone),
        ),
      shown,
      make(
        "p",
        { class: "phone-meta" },
        time,
        m.request_id
          ? make(
              "a",
              { href: "/requests/" + m.request_id, "aria-label": `Request ${m.request_id}, ${clock(m.sent_at)}` },
              "request " + m.request_id,
            )
          : make("span", {}, "request no longer kept"),
      ),
    ),
  );
}

/**
 * The phone view.
 * @param {HTMLElement} root an empty element for it
 * @returns {{show(): void, hide(): void, refresh(): void}}
 */
export function phoneView(root) {
  const filter = make("input", {
    id: "phones-search",
    type: "search",
    placeholder: "Phone or text…",
    autocomplete: "off",
    spellcheck: "false",
    "aria-label": "Filter phones",
  });
  const people = make("ol", { id: "phones", "aria-label": "Phones, the latest first" });
  const peopleNote = make("p", { class: "phone-note" });
  const back = make("a", { class: "phone-back", href: "/phone", "aria-label": "Back to the phones" }, icon("back"));
  const name = make("h2", { dir: "ltr" });
  const facts = make("p", { class: "phone-facts" });
  const toList = make("a", { class: "phone-all" }, icon("list"), make("span", {}, "All requests to it"));
  const copier = make("button", { type: "button", class: "plain", "aria-label": "Copy the phone", title: "Copy the phone" }, icon("copy"));
  copier.addEventListener("click", () => act(copy(name.textContent).then(() => say("The phone is copied"))));
  const older = make("button", { type: "button", class: "phone-older" }, "Show older");
  const messages = make("ol", { id: "thread", "aria-label": "Messages, the oldest first" });
  const threadNote = make("p", { class: "phone-note" });
  const scroller = make(
    "div",
    { class: "phone-scroll", tabindex: 0, role: "region", "aria-label": "Messages on the phone" },
    older,
    messages,
    threadNote,
  );
  const newest = make("button", { type: "button", class: "phone-newest" }, icon("down"), make("span", {}));
  const header = make("div", { class: "phone-head" }, back, name, facts, copier, toList);
  const form = make("form", { class: "phone-filter", role: "search" }, filter);
  root.append(
    make("section", { class: "phone-people", "aria-label": "Phones" }, form, people, peopleNote),
    make("section", { class: "phone-thread", "aria-label": "Thread" }, header, scroller, newest),
  );
  form.addEventListener("submit", (e) => e.preventDefault());

  let shown = false;
  /** The phone whose thread is shown. */
  let phone = "";
  /** The messages that are shown, the oldest first. @type {Message[]} */
  let thread = [];
  let bottom = true; // scrolled to the newest message; the thread stays there when messages arrive
  let wasAt = 0; // the last scroll position
  let below = 0; // messages that arrived while scrolled up

  // ---- the phones

  /** @type {Map<string, {row: HTMLLIElement, is: string}>} */
  const rows = new Map();

  /** @param {Recipient[]} list */
  function drawPeople(list) {
    const wanted = new Set(list.map((r) => r.phone));
    const focused =
      document.activeElement instanceof HTMLElement && people.contains(document.activeElement)
        ? document.activeElement.closest("li")?.dataset.phone
        : undefined;
    for (const [of, { row }] of rows) {
      if (wanted.has(of)) continue;
      row.remove();
      rows.delete(of);
    }
    list.forEach((r, i) => {
      const is = JSON.stringify(r) + whenOf(r.last.sent_at);
      const old = rows.get(r.phone);
      const row = old?.row || make("li", { "data-phone": r.phone });
      if (old?.is !== is) row.replaceChildren(recipient(r));
      rows.set(r.phone, { row, is });
      if (people.children[i] !== row) people.insertBefore(row, people.children[i] || null);
    });
    markPeople();
    if (focused && document.activeElement === document.body) rows.get(focused)?.row.querySelector("a")?.focus({ preventScroll: true });
  }

  /** Makes one of the phones the one that Tab leads to: the one that is shown, or the first. */
  function markPeople() {
    const links = [...people.querySelectorAll("a")];
    const at = links.find((a) => a.closest("li")?.dataset.phone === phone);
    for (const a of links) {
      a.tabIndex = a === (at || links[0]) ? 0 : -1;
      if (a === at) a.setAttribute("aria-current", "true");
      else a.removeAttribute("aria-current");
    }
  }

  people.addEventListener("keydown", (e) => {
    if (e.metaKey || e.ctrlKey || e.altKey) return;
    const links = [...people.querySelectorAll("a")];
    const at = links.findIndex((a) => a === document.activeElement);
    const to = { ArrowDown: at + 1, j: at + 1, ArrowUp: at - 1, k: at - 1, Home: 0, End: links.length - 1 }[e.key];
    if (to === undefined) return;
    e.preventDefault();
    e.stopPropagation();
    const link = links[Math.min(Math.max(to, 0), links.length - 1)];
    link?.focus();
    link?.scrollIntoView({ block: "nearest" });
  });

  // ---- the thread

  /** @type {Map<string, {row: HTMLLIElement, is: string, bubble: HTMLElement}>} */
  let shownRows = new Map();

  function drawThread() {
    // A bubble stays when its row is replaced because its neighbours changed.
    const anchor = bottom
      ? null
      : [...messages.querySelectorAll(".bubble")].find((one) => one.getBoundingClientRect().bottom > scroller.getBoundingClientRect().top);
    const before = anchor?.getBoundingClientRect().top ?? 0;
    /** @type {typeof shownRows} */
    const next = new Map();
    const elements = thread.map((m, i) => {
      // The key has the content, since ids start over after a reset. A voice note plays on if only what surrounds it changes.
      const key = JSON.stringify({ ...m, doubled: null, request_id: 0 });
      const around = surroundings(m, thread[i - 1], thread[i + 1]);
      const is = JSON.stringify(around);
      const old = shownRows.get(key);
      const its = old?.bubble || bubble(m);
      const row = old && old.is === is ? old.row : messageRow(m, around, its);
      next.set(key, { row, is, bubble: its });
      return row;
    });
    shownRows = next;
    const keep = new Set(elements);
    for (const row of [...messages.children]) if (!keep.has(/** @type {HTMLLIElement} */ (row))) row.remove();
    elements.forEach((row, i) => {
      if (messages.children[i] !== row) messages.insertBefore(row, messages.children[i] || null);
    });
    if (bottom) toBottom();
    else if (anchor?.isConnected) scrollTo(scroller.scrollTop + anchor.getBoundingClientRect().top - before);
    markNewest();
  }

  function toBottom() {
    scrollTo(scroller.scrollHeight);
  }

  /** @param {number} top */
  function scrollTo(top) {
    scroller.scrollTop = top;
    wasAt = scroller.scrollTop;
  }

  function markNewest() {
    if (bottom) below = 0;
    newest.hidden = bottom || !thread.length;
    const words = newest.querySelector("span");
    if (words) words.textContent = below === Infinity ? "Many new" : below ? `${count(below)} new` : "Newest";
  }

  /** Finds out whether the user has scrolled. The scroll event comes with the next frame, which may be after new messages. */
  function seeScroll() {
    // A picture that gets its size moves the end down. Only scrolling up leaves the newest message.
    if (scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight < 40) bottom = true;
    else if (scroller.scrollTop < wasAt) bottom = false;
    wasAt = scroller.scrollTop;
    markNewest();
  }

  scroller.addEventListener("scroll", seeScroll);
  newest.addEventListener("click", () => {
    bottom = true;
    toBottom();
    markNewest();
    void look();
  });
  // Pictures and audio players get their size late.
  const resized = new ResizeObserver(() => {
    seeScroll();
    if (bottom) toBottom();
  });
  resized.observe(messages);
  resized.observe(scroller);

  older.addEventListener("click", async () => {
    const of = phone;
    older.disabled = true;
    try {
      const got = await threadOf(`before=${thread[0]?.id ?? 0}&limit=${page}`);
      if (of !== phone) return;
      thread = [...got.messages, ...thread];
      bottom = false;
      older.hidden = !got.more;
      drawThread();
      scroller.focus({ preventScroll: true });
    } catch (e) {
      threadNote.textContent = "Not loaded: " + (e instanceof Error ? e.message : e);
    } finally {
      older.disabled = false;
    }
  });

  /**
   * @param {string} query
   * @param {AbortSignal} [signal]
   * @returns {Promise<import("./types.js").Thread>}
   */
  function threadOf(query, signal) {
    return ask("GET", `/phones/${encodeURIComponent(phone)}?${query}`, undefined, signal);
  }

  /**
   * Adds the newest messages to what is shown.
   * @param {import("./types.js").Thread} got the newest messages
   * @param {number | undefined} doubled how many of all messages are copies, if known
   */
  function take(got, doubled) {
    seeScroll();
    const first = got.messages[0]?.id ?? 0;
    const last = thread.at(-1)?.id ?? 0;
    const joins = thread.some((m) => m.id >= first);
    doubled ??= got.messages.filter((m) => m.doubled).length; // the phone is not in the filtered list
    facts.replaceChildren(count(got.total) + (got.total === 1 ? " message" : " messages"), doubled ? doubledMark(doubled) : "");
    // If there are messages between those shown and those loaded, what is shown stays as it is until the user goes to the newest.
    if (!bottom && thread.length && !joins && first > last) {
      below = Infinity;
      return markNewest();
    }
    if (!bottom) below += got.messages.filter((m) => m.id > last).length;
    const before = got.more && joins ? thread.filter((m) => m.id < first) : [];
    const more = before.length ? !older.hidden : got.more;
    thread = [...before, ...got.messages];
    if (bottom && thread.length > kept) {
      thread = thread.slice(-kept);
      older.hidden = false;
    } else older.hidden = !more;
    threadNote.textContent = thread.length ? "" : "Nothing has arrived on this phone.";
    drawThread();
  }

  /** Shows another thread, or none. */
  function turn() {
    phone = route.get().phone;
    thread = [];
    shownRows = new Map();
    bottom = true;
    below = 0;
    older.hidden = true;
    messages.replaceChildren();
    name.textContent = phone;
    facts.replaceChildren();
    header.querySelector(".phone-avatar")?.remove();
    if (phone) name.before(avatar(phone));
    header.hidden = !phone;
    threadNote.textContent = phone ? "" : "Choose a phone to see what arrived on it.";
    toList.href = route.link({ view: "list", phone: "", request: 0, message: 0, latest: false, is: "", q: "to:" + phone });
    root.classList.toggle("has-phone", phone !== "");
    markPeople();
    markNewest();
  }

  // ---- asking the fake

  let abort = new AbortController();
  let looking = false;
  let again = false;

  /** Asks for phones and thread. Only one request runs at a time; if something happens meanwhile, it asks once more. */
  async function look() {
    if (looking) {
      again = true;
      return;
    }
    looking = true;
    again = false;
    abort = new AbortController();
    const { signal } = abort;
    const { q } = route.get();
    back.href = route.link({ view: "phone", phone: "" });
    try {
      const [list, got] = await Promise.all([
        /** @type {Promise<import("./types.js").Phones>} */ (ask("GET", "/phones?q=" + encodeURIComponent(q), undefined, signal)),
        phone ? threadOf("limit=" + Math.min(most, Math.max(page, thread.length)), signal) : null,
      ]);
      if (!signal.aborted) {
        drawPeople(list.phones);
        const rest = list.total - list.phones.length;
        peopleNote.textContent = rest
          ? `and ${count(rest)} more: filter to find them`
          : list.total
            ? ""
            : q
              ? "No phone matches."
              : "No message has arrived on any phone yet. Refused requests are only in the list.";
        if (got) take(got, list.phones.find((r) => r.phone === phone)?.doubled);
        // Where both sides fit, the first thread is shown rather than an empty side.
        else if (!route.get().phone && list.phones[0] && !matchMedia("(max-width: 42rem)").matches)
          route.go({ view: "phone", phone: list.phones[0].phone }, { replace: true });
      }
    } catch (e) {
      if (!signal.aborted) (phone ? threadNote : peopleNote).textContent = "Not up to date: " + (e instanceof Error ? e.message : e);
    }
    looking = false;
    if (again && shown) void look();
  }

  /** Aborts the request that is under way, since it asks for something else, and asks again. */
  function lookNow() {
    abort.abort();
    void look();
  }

  addEventListener("keydown", (e) => {
    if (
      e.key !== "/" ||
      !shown ||
      e.defaultPrevented ||
      e.metaKey ||
      e.ctrlKey ||
      e.altKey ||
      document.querySelector("dialog[open], :popover-open")
    )
      return;
    if (!filter.checkVisibility() || (e.target instanceof Element && e.target.matches("input, textarea, select"))) return;
    e.preventDefault();
    filter.focus();
    filter.select();
  });
  filter.addEventListener("input", () => route.go({ q: filter.value.trim() }, { replace: true }));
  filter.addEventListener("keydown", (e) => {
    if (e.key !== "ArrowDown" && e.key !== "Enter") return;
    e.preventDefault();
    people.querySelector("a")?.focus();
  });

  route.onChange((state, before) => {
    if (!shown || state.view !== "phone") return;
    if (filter.value.trim() !== state.q) filter.value = state.q;
    if (state.phone === phone && state.q === before.q) return;
    const narrow = matchMedia("(max-width: 42rem)").matches;
    const from = phone;
    if (state.phone !== phone) turn();
    lookNow();
    if (narrow && from !== phone) (phone ? back : rows.get(from)?.row.querySelector("a"))?.focus();
  });

  turn();
  return {
    show() {
      if (shown) return; // route.onChange follows what changes
      shown = true;
      root.hidden = false;
      filter.value = route.get().q;
      if (route.get().phone !== phone) turn();
      lookNow();
    },
    hide() {
      shown = false;
      root.hidden = true;
      abort.abort();
    },
    refresh() {
      if (shown) void look();
    },
  };
}
