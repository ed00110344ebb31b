// Draws one request with everything that is known about it.

import { bubble, mediaAddress } from "./bubble.js";
import { copy, icon, make } from "./dom.js";
import { ago, bytes, clock, exactly, lasting, ordinal } from "./format.js";
import { doubledWords, isSend, operationWords, pictureOf, statusWords, succeeded, who } from "./labels.js";
import { act, say } from "./notices.js";
import { route } from "./route.js";

/**
 * @typedef {import("./types.js").Exchange} Exchange
 * @typedef {import("./types.js").Message} Message
 * @typedef {import("./types.js").Problem} Problem
 * @typedef {import("./types.js").Summary} Summary
 */

/**
 * A button that copies a text, and confirms it.
 * @param {string} name of an icon
 * @param {string} label
 * @param {string} text
 * @param {string} [id] of the button
 */
export function copier(name, label, text, id) {
  const words = make("span", {}, label);
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let back;
  const copied = async () => {
    await copy(text);
    words.textContent = "Copied";
    say(label + ": done");
    clearTimeout(back);
    back = setTimeout(() => (words.textContent = label), 1500);
  };
  return make("button", { type: "button", id, title: label, onclick: () => act(copied()) }, icon(name), words);
}

/**
 * @param {string} name
 * @param {string | Node | null | false} value
 */
function fact(name, value) {
  const wide = (typeof value === "string" ? value : (value && value.textContent) || "").length > 40;
  return value ? make("div", { class: wide && "wide" }, make("dt", {}, name), make("dd", { dir: "auto" }, value)) : null;
}

/**
 * Merges problems with the same message into one that names all their fields, and groups problems that break the same rule.
 * @param {Problem[]} problems
 * @returns {Problem[][]}
 */
function together(problems) {
  /** @type {Map<string, Problem>} */
  const byMessage = new Map();
  for (const p of problems) {
    const same = byMessage.get(p.message);
    if (same) same.field += ", " + p.field;
    else byMessage.set(p.message, { ...p });
  }
  /** @type {Map<string, Problem[]>} */
  const byRule = new Map();
  for (const p of byMessage.values()) {
    const rule = p.contract ? p.warning + p.contract.pointer : p.message;
    byRule.set(rule, [...(byRule.get(rule) || []), p]);
  }
  return [...byRule.values()];
}

/** @param {Problem[]} problems that break the same rule of the contract, or a single one */
function problemBox(problems) {
  const { warning, contract } = problems[0];
  const box = make("div", { class: warning ? "note problem warning" : "note problem" });
  for (const p of problems) {
    const lead = p.warning ? "Warning: " : p.field ? p.field + ": " : "";
    box.append(make("p", {}, lead && make("strong", { dir: "auto" }, lead), make("span", { dir: "auto" }, p.message)));
  }
  if (contract) {
    const place = make("a", { href: "/docs/contract#L" + contract.line, target: "_blank", rel: "noopener" }, "openapi.yaml, line " + contract.line);
    box.append(make("p", { class: "soft" }, "The contract: ", place), make("pre", { dir: "ltr", tabindex: "0", "aria-label": "Excerpt of the contract" }, contract.excerpt));
  }
  return box;
}

/**
 * The message that a rejected request would have sent, with what the request has of it.
 * @param {Exchange} r
 * @returns {Message | null}
 */
function meant(r) {
  if (!isSend(r)) return null;
  let content = r.text;
  let file = r.file_name ? { name: r.file_name, content_type: "", size: 0 } : null;
  for (const p of r.form || []) {
    if (p.name === "content") content = p.value;
    if (p.name === "media") file = { name: p.file_name, content_type: p.content_type, size: p.size };
  }
  if (!r.form && r.body) {
    try {
      const said = JSON.parse(r.body).content;
      if (typeof said === "string") content = said;
    } catch {
      // The body is not JSON; the text of the summary is used.
    }
  }
  if (!content && !file) return null;
  const type = /** @type {Message["type"]} */ (["text", "image", "voice", "document"].includes(r.type) ? r.type : file ? "document" : "text");
  return {
    id: 0, request_id: r.id, type, sender_number_id: 0, sender_phone: "", sender_name: "", to_phone: r.to_phone, content, duration: 0,
    media: file && { ...file, sha256: "", kept: false }, key_name: r.key_name, sent_at: r.at, doubled: null,
  };
}

/** @param {string} text */
function pretty(text) {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}

/**
 * Splits a text so that each quoted string in another script has its own direction, and its quotes stay in place.
 * @param {string} text
 */
function isolated(text) {
  return text.split(/("(?:[^"\\\n]|\\.)*")/).flatMap((part, i) => (i % 2 && /[^\u0000-\u02ff]/.test(part) ? ['"', make("bdi", {}, part.slice(1, -1)), '"'] : [part]));
}

let asSent = false; // whether bodies are shown as they were sent; it also applies to the requests shown later

/**
 * Headers and body. The body is shown indented or as sent.
 * @param {string} first line
 * @param {[string, string][]} headers
 * @param {string} body
 * @param {string} [rest] a remark after the body
 */
function wire(first, headers, body, rest = "") {
  const laid = pretty(body);
  const shown = make("span");
  const draw = () => shown.replaceChildren(...isolated(asSent ? body : laid));
  draw();
  const text = make(
    "pre",
    { class: "raw", dir: "ltr", tabindex: "0" },
    make("b", {}, first + "\n"),
    ...(headers || []).flatMap(([name, value]) => [make("span", { class: "soft" }, name + ": "), value + "\n"]),
    body && "\n",
    shown,
    rest && make("span", { class: "soft" }, "\n" + rest),
  );
  if (laid === body) return text;
  const choose = () => {
    asSent = !asSent;
    button.setAttribute("aria-pressed", String(asSent));
    draw();
  };
  const button = make("button", { type: "button", class: "chip as-sent", "aria-pressed": String(asSent), onclick: choose }, "as sent");
  return make("div", { class: "wire" }, text, button);
}

/** @param {Exchange} r */
function request(r) {
  const first = `${r.method} ${r.path}`;
  if (!r.form) return wire(first, r.headers, r.body, r.body_cut ? "… the rest is not kept" : "");
  const parts = r.form.map((p) => (p.name === "media" || p.file_name ? `${p.name}=@${p.file_name} (${p.content_type || "no type"}, ${bytes(p.size)})` : `${p.name}=${p.value}`));
  return wire(first, r.headers, parts.join("\n"));
}

/** The sections that the user has opened or closed; it also applies to the requests shown later. @type {Map<string, boolean>} */
const opened = new Map();

/**
 * @param {string} title
 * @param {boolean} open unless the user has opened or closed it
 * @param {...(Node | string)} children
 */
function section(title, open, ...children) {
  const key = title.split(",")[0];
  const details = make("details", { open: opened.get(key) ?? open }, make("summary", {}, title), ...children);
  details.firstElementChild?.addEventListener("click", () => opened.set(key, !details.open));
  return details;
}

/** @param {Exchange} r */
function heading(r) {
  const type = r.message ? r.message.type : r.type;
  const title = isSend(r) ? `${type ? type[0].toUpperCase() + type.slice(1) : "Message"} ${r.to_phone ? "to" : "with"} ${who(r)}` : who(r);
  const kind = r.fault ? "warn" : succeeded(r) ? "good" : "bad";
  const state = r.outcome === "broken off" ? "connection cut" + (r.status ? ` after ${r.status}` : ", no response") : statusWords(r.status);
  return make("div", { class: "head" }, icon(pictureOf(r)), make("h2", { dir: "auto", title: title.length > 80 && title }, title), make("span", { class: "badge " + kind }, state));
}

/** When the request came, how long it took, and its marks. @param {Exchange} r */
function meta(r) {
  const when = make("time", { datetime: r.at, title: exactly(r.at) }, `${clock(r.at)} · ${ago(r.at) === "now" ? "now" : ago(r.at) + " ago"}`);
  return make(
    "p",
    { class: "meta" },
    when,
    make("span", {}, "took " + lasting(r.took_ms)),
    r.attempt > 1 && make("span", { class: "chip attempt" }, ordinal(r.attempt) + " attempt"),
    r.test &&
      make("button", { type: "button", class: "chip test", title: "Show all of this test", dir: "auto", onclick: () => route.go({ view: "list", q: `test:"${r.test}"`, is: "" }) }, "test ", r.test),
    r.resent_of > 0 && make("a", { href: "/requests/" + r.resent_of }, "resent from request " + r.resent_of),
  );
}

/**
 * @typedef {object} Actions
 * @property {(r: Exchange) => void} resend
 * @property {(r: Exchange) => void} remove
 */

/**
 * @param {Exchange} r
 * @param {Actions} actions
 */
function tools(r, { resend, remove }) {
  const m = r.message;
  const file = m && m.media && m.media.kept ? m.media : null;
  return make(
    "div",
    { class: "tools", role: "group", "aria-label": "Actions" },
    r.curl ? copier("terminal", "Copy as curl", r.curl) : null,
    r.go ? copier("code", "Copy as Go", r.go) : null,
    copier("link", "Copy link", location.origin + "/requests/" + r.id, "copy-link"),
    m && file && make("a", { class: "button", href: mediaAddress(m) + "&download", download: file.name || true, title: "Download " + file.name }, icon("download"), make("span", {}, "Download file")),
    r.can_resend && make("button", { type: "button", id: "resend", title: "Send the same request again", onclick: () => resend(r) }, icon("resend"), make("span", {}, "Resend")),
    make("button", { type: "button", id: "delete", title: "Delete (d)", onclick: () => remove(r) }, icon("trash"), make("span", {}, "Delete")),
  );
}

/** What a fault did, and what became of the message. @param {Exchange} r */
function faultBox(r) {
  if (!r.fault && r.outcome !== "broken off") return null;
  const what = r.fault ? r.fault[0].toUpperCase() + r.fault.slice(1) + "." : "The connection was cut before the response was complete.";
  const then = !isSend(r) ? "" : r.message_id ? " The message was accepted anyway." : " No message was stored.";
  return make("p", { class: "note faulty" }, icon("fault"), make("span", {}, what + then));
}

/** @param {Exchange} r */
function from(r) {
  const m = r.message;
  if (!m) return r.from;
  return make("span", {}, m.sender_name && make("bdi", {}, m.sender_name), m.sender_name && ", ", make("bdi", {}, m.sender_phone), ` (number ${m.sender_number_id})`);
}

/**
 * A request with everything that is known about it.
 * @param {Exchange} r
 * @param {Actions} actions
 * @returns {{nodes: (Node | null)[], doubled: HTMLElement, attempts: HTMLElement}} doubled and attempts are filled in later
 */
export function detail(r, actions) {
  const m = r.message || meant(r);
  const told = m && bubble(m);
  if (told && !r.message) {
    told.classList.add("not-sent");
    told.append(make("small", { class: "soft" }, "not accepted"));
  }
  const doubled = make("div", { class: "doubled-place" });
  if (r.doubled) doubled.append(make("p", { class: "note doubled-note" }, icon("doubled"), make("strong", {}, "This message was " + doubledWords(r.doubled) + ".")));
  const attempts = make("div", { class: "attempts-place" });
  return {
    nodes: [
      heading(r),
      meta(r),
      tools(r, actions),
      told,
      doubled,
      ...together(r.problems || []).map(problemBox),
      faultBox(r),
      attempts,
      make(
        "dl",
        { class: "facts" },
        isSend(r) ? fact("From", from(r)) : null,
        isSend(r) ? fact("To", r.to_phone && make("a", { href: route.link({ phone: r.to_phone, q: "", is: "" }), title: "Show the phone" }, r.to_phone)) : null,
        fact("Key", r.key_name || "none, or unknown"),
        fact("At", exactly(r.at)),
        fact("Operation", operationWords(r.operation)),
        fact("Request", "number " + r.id),
        r.message && fact("Message", "number " + r.message.id),
        fact("User-Agent", r.user_agent),
        r.message && r.message.media ? fact("SHA-256", make("code", {}, r.message.media.sha256)) : null,
      ),
      section("Request", true, request(r)),
      r.status
        ? section("Response, " + r.status, !r.message, wire(statusWords(r.status), r.response_headers, r.response))
        : make("p", { class: "soft" }, "There was no response."),
    ],
    doubled,
    attempts,
  };
}

/**
 * The statuses of the attempts at the same request in a row: 503, 503, 201.
 * @param {Summary[]} chain the attempts, the oldest first
 * @param {number} own id of the request that is shown
 */
export function attemptChain(chain, own) {
  return make(
    "nav",
    { class: "attempts", "aria-label": "Attempts" },
    make("span", { class: "soft" }, "Attempts"),
    make(
      "ol",
      {},
      ...chain.map((r, i) =>
        make(
          "li",
          {},
          make(
            "a",
            { href: "/requests/" + r.id, "aria-current": r.id === own ? "step" : false, title: `${ordinal(r.attempt)} attempt, ${exactly(r.at)}: ${r.fault || statusWords(r.status)}` },
            make("span", { class: "badge " + (r.fault ? "warn" : succeeded(r) ? "good" : "bad") }, r.outcome === "broken off" || !r.status ? "cut" : String(r.status)),
            make("small", {}, i === 0 ? clock(r.at) : "+" + lasting(Date.parse(r.at) - Date.parse(chain[i - 1].at))),
          ),
        ),
      ),
    ),
  );
}
