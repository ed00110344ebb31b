"use strict";
// What comes from requests is only ever set as text, never as markup; the page's Content-Security-Policy would stop it too.

const $ = (id) => document.getElementById(id);
// Drawn here, since not every machine has a font for pictograms.
const icons = {
  text: "M4 4h16v12H9l-5 4z",
  image: "M3 5h18v14H3z M3 16l5-5 4 4 3-3 6 6 M15.5 9.5h.01",
  voice: "M12 3a3 3 0 0 1 3 3v6a3 3 0 0 1-6 0V6a3 3 0 0 1 3-3z M5 11a7 7 0 0 0 14 0 M12 18v3",
  document: "M6 2h8l5 5v15H6z M14 2v5h5 M9 13h7 M9 17h7",
  read: "M4 8h13l-4-4 M20 16H7l4 4",
  refused: "M12 3a9 9 0 1 0 0 18a9 9 0 0 0 0-18z M6 6l12 12",
  fault: "M13 2L5 14h6l-1 8 8-12h-6z",
};
const maxShown = 500;

let requests = []; // the newest first
let chosen = 0; // id of the request that is shown
let filter = "all";
let run = ""; // of the fake; another one may have taken its place since
let old = 0; // the last request that was there when the page first met this run; it is not news

// make builds an element: make("p", {dir: "auto"}, "text", child, ...).
function make(name, attributes, ...children) {
  const e = document.createElement(name);
  for (const [key, value] of Object.entries(attributes || {})) {
    if (key.startsWith("on")) e.addEventListener(key.slice(2), value);
    else if (value !== false && value !== undefined) e.setAttribute(key, value);
  }
  e.append(...children.filter((c) => c !== null && c !== undefined && c !== ""));
  return e;
}

function icon(name) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  for (const [key, value] of Object.entries({ class: "icon", viewBox: "0 0 24 24", "aria-hidden": "true" })) svg.setAttribute(key, value);
  const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
  path.setAttribute("d", icons[name] || icons.text);
  svg.append(path);
  return svg;
}

async function ask(method, path, body) {
  const options = { method };
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

// act does something for a click, and shows what went wrong until the next one.
function act(promise) {
  $("trouble").textContent = "";
  promise.catch((e) => ($("trouble").textContent = "That did not work: " + e.message));
}

// stale is for what nobody clicked for: it comes again when the fake does, and #live shows that it is away.
function stale(e) {
  say("Not up to date: " + e.message);
}

function say(text) {
  $("news").replaceChildren(make("span", {}, text));
}

// ---- the list

function kindOf(r) {
  return r.message ? r.message.type : "";
}

function title(r) {
  if (r.message) return r.message.to_phone;
  if (r.operation === "sendMessage") return r.outcome === "refused" ? "Send refused" : "Send";
  return r.method + " " + r.path;
}

function summary(r) {
  if (r.message) return r.message.content || (r.message.media ? r.message.media.name : "");
  if (r.problems && r.problems.length) return r.problems.map((p) => p.message).join(" ");
  return r.fault ? "fault: " + r.fault : r.operation || "no such operation";
}

function badge(r) {
  if (r.fault) return make("span", { class: "badge warn" }, r.status ? r.fault + " " + r.status : r.fault);
  if (r.outcome === "broken off") return make("span", { class: "badge warn" }, "broken off");
  return make("span", { class: "badge " + (r.outcome === "refused" ? "bad" : "good") }, String(r.status));
}

function shows(r) {
  if (filter === "accepted" && !r.message) return false;
  if (filter === "refused" && (r.outcome === "answered" || r.outcome === "accepted")) return false;
  const wanted = $("search").value.trim().toLowerCase();
  if (!wanted) return true;
  const m = r.message || {};
  const texts = [r.path, r.body, r.key_name, r.operation, r.fault, summary(r), m.content, m.to_phone, m.sender_phone, m.sender_name, m.media ? m.media.name : ""];
  for (const p of r.form || []) texts.push(p.value, p.file_name);
  return texts.some((t) => t && t.toLowerCase().includes(wanted));
}

function time(r) {
  return new Date(r.at).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit", second: "2-digit" });
}

function item(r) {
  const picture = r.message ? kindOf(r) : r.fault ? "fault" : r.outcome === "answered" ? "read" : "refused";
  const button = make(
    "button",
    { type: "button", "data-id": r.id, "aria-current": r.id === chosen ? "true" : false, onclick: () => choose(r.id, true) },
    icon(picture),
    make("span", { class: "who" }, title(r)),
    make("span", { class: "when" }, time(r)),
    make("span", { class: "what", dir: "auto" }, (kindOf(r) && kindOf(r) !== "text" ? kindOf(r) + (summary(r) ? ": " : "") : "") + summary(r)),
    badge(r),
  );
  return make("li", {}, button);
}

function drawList() {
  const visible = requests.filter(shows);
  // What is there already stays in its place, so that neither a click nor the focus is lost when something arrives.
  const list = $("requests");
  const known = new Map([...list.children].map((li) => [Number(li.firstChild.dataset.id), li]));
  const wanted = new Set(visible.map((r) => r.id));
  for (const [id, li] of known) if (!wanted.has(id)) li.remove();
  visible.forEach((r, i) => {
    if (!list.children[i] || Number(list.children[i].firstChild.dataset.id) !== r.id) list.insertBefore(known.get(r.id) || item(r), list.children[i] || null);
  });
  $("none").hidden = visible.length > 0;
  $("none").textContent = requests.length ? "Nothing here matches." : "Nothing has arrived yet. Send something to the address above.";
  const counts = {
    all: requests.length,
    accepted: requests.filter((r) => r.message).length,
    refused: requests.filter((r) => r.outcome !== "answered" && r.outcome !== "accepted").length,
  };
  for (const b of document.querySelectorAll("[data-filter]")) b.querySelector("span").textContent = counts[b.dataset.filter];
}

let drawing = false;
function drawSoon() {
  if (drawing) return;
  drawing = true;
  requestAnimationFrame(() => {
    drawing = false;
    drawList();
  });
}

// Arrows go through the list.
$("requests").addEventListener("keydown", (e) => {
  const steps = { ArrowDown: 1, ArrowUp: -1 };
  const buttons = [...$("requests").querySelectorAll("button")];
  const at = buttons.indexOf(document.activeElement);
  let to = at + (steps[e.key] || 0);
  if (e.key === "Home") to = 0;
  if (e.key === "End") to = buttons.length - 1;
  if (to === at || !buttons[to]) return;
  e.preventDefault();
  buttons[to].focus();
  choose(Number(buttons[to].dataset.id), false);
});

// ---- one request

function choose(id, focus) {
  chosen = id;
  for (const b of $("requests").querySelectorAll("button")) {
    if (Number(b.dataset.id) === id) b.setAttribute("aria-current", "true");
    else b.removeAttribute("aria-current");
  }
  const r = requests.find((one) => one.id === id);
  $("detail").replaceChildren(...(r ? detail(r) : [make("p", { class: "empty" }, "Choose a message to see what was sent.")]));
  $("detail").scrollTop = 0;
  if (focus && matchMedia("(max-width: 42rem)").matches) $("detail").focus();
}

function fact(name, value) {
  return value ? [make("div", {}, make("dt", {}, name), make("dd", { dir: "auto" }, value))] : [];
}

function bytes(n) {
  if (n < 1024) return n + " B";
  return n < 1048576 ? (n / 1024).toFixed(1) + " KiB" : (n / 1048576).toFixed(1) + " MiB";
}

function mediaOf(m) {
  const f = m.media;
  if (!f) return [];
  const about = `${f.content_type || "no type"}, ${bytes(f.size)}`;
  if (!f.kept) return [make("p", { class: "file" }, icon("document"), make("span", { dir: "auto" }, f.name)), make("p", { class: "note" }, about + "; its bytes are not kept")];
  const source = `/_fake/messages/${m.id}/media?${f.sha256}`; // ids begin again with a reset, and browsers keep pictures
  if (m.type === "image") return [make("img", { src: source, alt: m.content || f.name }), make("p", { class: "note", dir: "auto" }, f.name + " · " + about)];
  if (m.type === "voice") return [make("audio", { controls: "", preload: "auto", src: source, "aria-label": "Voice note " + f.name }), make("p", { class: "note", dir: "auto" }, `${f.name} · ${about} · ${m.duration} s`)];
  return [make("p", { class: "file" }, icon("document"), make("a", { href: source, download: "", dir: "auto" }, f.name)), make("p", { class: "note" }, about)];
}

function copier(label, text) {
  const b = make("button", { type: "button" }, label);
  b.addEventListener("click", () => {
    act(
      copy(text).then(() => {
        b.textContent = "Copied";
        say(label + ": done");
        setTimeout(() => (b.textContent = label), 1500);
      }),
    );
  });
  return b;
}

// copy works where there is no clipboard to write to as well: by plain http from another machine.
async function copy(text) {
  if (navigator.clipboard) {
    try {
      return await navigator.clipboard.writeText(text);
    } catch {
      // not allowed; go the old way
    }
  }
  const area = make("textarea", { class: "hidden" });
  area.value = text;
  document.body.append(area);
  area.select();
  const done = document.execCommand("copy");
  area.remove();
  if (!done) throw new Error("the browser does not let it");
}

// together makes one problem of those that say the same of several fields.
function together(problems) {
  const byMessage = new Map();
  for (const p of problems) {
    const same = byMessage.get(p.message);
    if (same) same.field += ", " + p.field;
    else byMessage.set(p.message, { ...p });
  }
  return [...byMessage.values()];
}

function problemOf(p) {
  const parts = [make("p", {}, make("strong", {}, p.warning ? "Warning: " : p.field ? p.field + ": " : ""), p.message)];
  if (p.contract) {
    parts.push(make("p", { class: "note" }, "The contract says so in ", make("a", { href: "/docs/openapi.yaml", target: "_blank", rel: "noopener" }, "openapi.yaml, line " + p.contract.line), ":"));
    parts.push(make("pre", {}, p.contract.excerpt));
  }
  return make("div", { class: p.warning ? "problem warning" : "problem" }, ...parts);
}

function raw(r) {
  const lines = [`${r.method} ${r.path}`, ...(r.headers || []).map(([k, v]) => `${k}: ${v}`), ""];
  if (r.form) {
    for (const p of r.form) lines.push(p.name === "media" || p.file_name ? `${p.name}=@${p.file_name} (${p.content_type}, ${p.size} bytes)` : `${p.name}=${p.value}`);
  } else if (r.body) {
    lines.push(r.body);
  }
  if (r.body_cut && !r.form) lines.push("…");
  return lines.join("\n");
}

function pretty(text) {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}

function detail(r) {
  const m = r.message;
  const heading = m ? `${m.type[0].toUpperCase()}${m.type.slice(1)} to ${m.to_phone}` : `${r.method} ${r.path}`;
  const out = [make("div", { class: "head" }, make("h2", {}, heading), badge(r))];
  if (r.fault || r.outcome === "broken off") {
    const what = r.fault ? `The fake misbehaved on request: ${r.fault}.` : "The connection was broken off.";
    out.push(make("p", { class: "faulty" }, what + (m ? " The message was accepted all the same." : r.operation === "sendMessage" ? " No message was stored." : "")));
  }
  for (const p of together(r.problems || [])) out.push(problemOf(p));
  if (m) {
    const bubble = [...mediaOf(m)];
    if (m.content) bubble.push(make("p", { dir: "auto", class: "content" }, m.content));
    out.push(make("div", { class: "bubble" }, ...bubble));
  }
  out.push(
    make(
      "dl",
      { class: "facts" },
      ...(m ? fact("From", (m.sender_name ? m.sender_name + ", " : "") + m.sender_phone + " (number " + m.sender_number_id + ")") : []),
      ...(m ? fact("To", m.to_phone) : []),
      ...fact("Key", r.key_name || "none that is known"),
      ...fact("At", new Date(r.at).toLocaleString()),
      ...fact("Operation", r.operation || "none of the contract"),
      ...(m ? fact("Number in the log", String(m.id)) : []),
      ...(m && m.media ? fact("SHA-256", m.media.sha256) : []),
    ),
  );
  const tools = r.curl ? [copier("Copy as curl", r.curl)] : [];
  if (r.go) tools.push(copier("Copy as Go", r.go));
  out.push(make("div", { class: "tools" }, ...tools));
  out.push(make("details", { open: "" }, make("summary", {}, "Request"), make("pre", { class: "raw", dir: "auto" }, raw(r))));
  out.push(make("details", { open: m ? false : "" }, make("summary", {}, r.status ? "Answer, " + r.status : "No answer"), make("pre", { dir: "auto" }, pretty(r.response) || "nothing")));
  return out;
}

// ---- the switches

const faults = [
  { label: "503 Service Unavailable", kind: "status", status: 503 },
  { label: "429 Too Many Requests", kind: "status", status: 429, retry_after: "1" },
  { label: "401, as with a revoked key", kind: "status", status: 401 },
  { label: "502 page of a proxy", kind: "html", status: 502 },
  { label: "200 login page", kind: "html", status: 200 },
  { label: "Redirect elsewhere", kind: "redirect", status: 307, location: "/elsewhere" },
  { label: "Cut before it is stored", kind: "cut" },
  { label: "Stored, answer lost", kind: "cut", stored: true },
  { label: "Cut in the middle of the upload", kind: "cut midway" },
  { label: "Cut in the middle of the answer", kind: "cut answer" },
  { label: "Half the JSON", kind: "broken json" },
  { label: "Empty answer", kind: "empty" },
  { label: "Slow by 3 seconds", kind: "none", delay_ms: 3000 },
];

function sameFault(f, set) {
  return f.kind === set.kind && (f.status || 0) === set.status && Boolean(f.stored) === set.stored && (f.delay_ms || 0) === set.delay_ms;
}

// The switches are made once and then only turned: a click must not meet a button that has just been replaced.
let setFaults = [];
const switches = faults.map((f) => {
  const toggle = async () => {
    const set = setFaults.filter((one) => sameFault(f, one));
    if (set.length) await Promise.all(set.map((one) => ask("DELETE", "/faults/" + one.id)));
    else {
      const { label, ...body } = f;
      await ask("POST", "/faults", { ...body, operation: $("fault-operation").value, times: Number($("fault-times").value) });
    }
  };
  return make("button", { type: "button", role: "switch", "aria-checked": "false", onclick: () => act(toggle()) }, f.label);
});
$("faults").append(...switches.map((b) => make("li", {}, b)));

async function drawFaults() {
  setFaults = (await ask("GET", "/faults")).filter((f) => f.active);
  faults.forEach((f, i) => switches[i].setAttribute("aria-checked", String(setFaults.some((one) => sameFault(f, one)))));
}

const contactStates = ["reachable", "unreachable", "unverified", "unknown"];
const senderStates = ["active", "pending_verification", "pending_account_verification", "rejected", "suspended", "removed"];
const verificationStates = ["active", "pending_verification", "pending_account_verification", "rejected"];

function chooser(label, states, state, set) {
  const all = states.includes(state) ? states : [state, ...states];
  const s = make("select", { "aria-label": label }, ...all.map((one) => make("option", { value: one }, one.replaceAll("_", " "))));
  s.value = state;
  s.addEventListener("change", () =>
    act(
      set(s.value).catch((e) => {
        s.value = state; // as it still is
        throw e;
      }),
    ),
  );
  return s;
}

let drawn = "";
async function drawPeople() {
  const [people, senders, keys] = await Promise.all([ask("GET", "/contacts"), ask("GET", "/senders"), ask("GET", "/keys")]);
  const now = JSON.stringify([people, senders, keys]);
  if (now === drawn) return; // a list that is open stays so
  drawn = now;
  const rows = people.contacts.map((c) => make("li", {}, c.phone, chooser("State of " + c.phone, contactStates, c.state, (state) => ask("PUT", "/contacts/" + encodeURIComponent(c.phone), { state }))));
  rows.push(make("li", {}, "everyone else", chooser("State of everyone else", contactStates, people.strangers, (state) => ask("PUT", "/strangers", { state }))));
  $("contacts").replaceChildren(...rows);
  $("senders").replaceChildren(
    ...senders.map((n) =>
      make(
        "li",
        {},
        make("span", {}, n.phone, " ", make("small", { dir: "auto" }, n.display_name)),
        chooser("Status of " + n.phone, senderStates, n.status, (status) => ask("PUT", "/senders/" + n.id, { status, verification_status: "" })),
        chooser("Verification of " + n.phone, verificationStates, n.verification_status, (v) => ask("PUT", "/senders/" + n.id, { status: "", verification_status: v })),
      ),
    ),
  );
  $("keys").replaceChildren(
    ...keys.map((k) =>
      make(
        "li",
        {},
        make("span", {}, make("span", { dir: "auto" }, k.name || "without a name"), " ", make("small", {}, k.scopes.join(", ") || "no scopes")),
        k.status === "active" ? make("button", { type: "button", "aria-label": "Revoke key " + k.name, onclick: () => act(ask("DELETE", "/keys/" + k.id)) }, "Revoke") : make("small", {}, k.status),
      ),
    ),
  );
}

// Coverage is shown where the fake counts it: GET /_fake/coverage answers with a summary then.
async function drawCoverage() {
  const answer = await fetch("/_fake/coverage");
  if (!answer.ok) return;
  const report = await answer.json();
  $("coverage-section").hidden = false;
  $("coverage").textContent = report.summary || "";
}

let refreshing = null;
function refresh() {
  if (refreshing) return; // one look is enough for many changes
  refreshing = setTimeout(() => {
    refreshing = null;
    Promise.all([drawFaults(), drawPeople()]).catch(stale);
  }, 50);
}

$("search").addEventListener("input", drawList);
$("search-form").addEventListener("submit", (e) => e.preventDefault());
for (const b of document.querySelectorAll("[data-filter]")) {
  b.addEventListener("click", () => {
    filter = b.dataset.filter;
    for (const other of document.querySelectorAll("[data-filter]")) other.setAttribute("aria-pressed", String(other === b));
    drawList();
  });
}
$("clear").addEventListener("click", () => act(ask("DELETE", "/messages")));
$("reset").addEventListener("click", () => act(ask("POST", "/reset", {})));
$("contact-form").addEventListener("submit", (e) => {
  e.preventDefault();
  const phone = $("contact-phone").value.trim();
  act(ask("PUT", "/contacts/" + encodeURIComponent(phone), { state: "unreachable" }).then(() => ($("contact-phone").value = "")));
});

// ---- what happens

function forget() {
  requests = [];
  $("requests").replaceChildren(); // what comes may have the same ids
  choose(0, false);
  drawSoon();
}

$("url").textContent = location.origin + "/api/v1"; // as the page itself was reached: a port may be mapped
const events = new EventSource("/_fake/events");
events.addEventListener("hello", (e) => {
  const hello = JSON.parse(e.data);
  if (run !== hello.run) {
    forget();
    run = hello.run;
    old = hello.last;
  }
  $("live").textContent = "live";
  $("live").dataset.on = "true";
  refresh();
  drawCoverage().catch(stale);
});
events.addEventListener("request", (e) => {
  const r = JSON.parse(e.data);
  if (requests.some((one) => one.id === r.id)) return;
  requests.unshift(r);
  requests.length = Math.min(requests.length, maxShown);
  if (r.fault || ["createApiKey", "revokeApiKey", "registerSenderNumber"].includes(r.operation)) refresh();
  drawSoon();
  if (!$("coverage-section").hidden) drawCoverage().catch(stale);
  if (!chosen || r.id <= old) choose(r.id, false);
  if (r.id > old) say(r.message ? `New ${r.message.type} to ${r.message.to_phone}` : `${r.method} ${r.path}: ${r.outcome}`);
});
events.addEventListener("cleared", forget);
events.addEventListener("state", refresh);
events.addEventListener("error", () => {
  $("live").textContent = "not connected; " + (events.readyState === EventSource.CLOSED ? "reload the page" : "trying again");
  $("live").dataset.on = "false";
});
