// Faults: the banner that always shows which faults are on, and the editor that sets them.

import { ask } from "./api.js";
import { icon, make } from "./dom.js";
import { say } from "./notices.js";

/** @typedef {import("./types.js").Fault} Fault */
/** @typedef {import("./types.js").NewFault} NewFault */

/**
 * A list of the faults that are on, each with a button that stops it alone. The row of a fault is never replaced, so that a click
 * does not miss its button.
 * @param {HTMLElement} list
 * @param {(text: string) => void} refused shows why a fault could not be stopped; an empty text removes the message
 * @returns {(faults: Fault[]) => void}
 */
function listOf(list, refused) {
  /** @type {Map<number, {row: HTMLElement, words: Text, stop: HTMLButtonElement}>} */
  const rows = new Map();
  /** @param {Fault} f */
  const added = (f) => {
    const words = new Text(); // the node stays, so that a screen reader does not announce each time the fault strikes
    const stop = make("button", { type: "button", class: "fault-stop" }, icon("stop"), "Stop");
    stop.addEventListener("click", () => {
      stop.disabled = true; // until it is gone
      refused("");
      ask("DELETE", "/faults/" + f.id).then(
        () => say("Stopped: " + f.summary),
        (e) => {
          stop.disabled = false;
          refused("Not stopped: " + (e instanceof Error ? e.message : e));
        },
      );
    });
    const row = make("li", {}, icon("fault"), make("span", { class: "fault-words" }, words), stop);
    rows.set(f.id, { row, words, stop });
    list.append(row);
  };
  return (faults) => {
    const on = new Set(faults.map((f) => f.id));
    for (const [id, { row }] of rows) {
      if (on.has(id)) continue;
      row.remove();
      rows.delete(id);
    }
    for (const f of faults) {
      if (!rows.has(f.id)) added(f);
      const r = rows.get(f.id);
      if (!r || r.words.data === f.summary) continue;
      r.words.data = f.summary;
      r.stop.setAttribute("aria-label", "Stop: " + f.summary);
    }
  };
}

/**
 * The banner below the header: all faults that are on, no matter whether the inbox, a test or the admin API set them.
 * @param {HTMLElement} root
 * @returns {(page: import("./types.js").Page) => void}
 */
export function banner(root) {
  const list = make("ul", { class: "fault-list" });
  const number = new Text(); // how many faults are on, since a long list scrolls
  const byCode = make("p", { class: "fault-by-code" }, icon("code"), "Go test code chooses faults too");
  const refusal = make("p", { class: "refusal", role: "alert" });
  // Screen readers announce a new fault, but not each time it strikes.
  const box = make(
    "div",
    { class: "fault-banner", role: "status", "aria-label": "Faults that are on", "aria-atomic": "false", "aria-relevant": "additions" },
    make("p", { class: "fault-number" }, number),
    list,
  );
  root.append(box, refusal);
  const draw = listOf(list, (text) => (refusal.textContent = text));
  return (page) => {
    draw(page.faults);
    number.data = page.faults.length > 3 ? page.faults.length + " faults are on:" : "";
    if (page.faults_by_code && !byCode.isConnected) box.append(byCode);
    if (!page.faults_by_code) byCode.remove();
    root.classList.toggle("on", page.faults.length > 0 || page.faults_by_code);
  };
}

/**
 * A control with its label before it.
 * @param {string} label
 * @param {HTMLElement} control
 * @param {string} [unit] after the control
 */
function field(label, control, unit) {
  return make("label", { class: "field" }, make("span", {}, label), control, unit && make("small", {}, unit));
}

/**
 * @param {string} id
 * @param {number} value
 * @param {number} min
 * @param {number} [max]
 */
function number(id, value, min, max) {
  return make("input", { id, type: "number", inputmode: "numeric", min, max, value, required: true });
}

/**
 * The editor: the faults that are on, presets to set with a click, and a form for any other fault.
 * @param {HTMLElement} root
 * @param {import("./types.js").Options} options
 * @returns {{refresh(page: import("./types.js").Page): void}}
 */
export function faultEditor(root, options) {
  const operation = make(
    "select",
    { id: "fault-operation" },
    make("option", { value: "sendMessage" }, "sends"),
    make("option", { value: "" }, "every request"),
    ...options.operations.filter((o) => o !== "sendMessage").map((o) => make("option", { value: o }, o)),
  );
  const times = number("fault-times", 1, 1);
  const untilStopped = make("input", { id: "fault-until-stopped", type: "checkbox" });
  untilStopped.addEventListener("change", () => (times.disabled = untilStopped.checked));
  const skip = number("fault-skip", 0, 0);

  const kind = make("select", { id: "fault-kind" }, ...options.fault_kinds.map((k) => make("option", { value: k.kind }, k.label)));
  kind.value = "status";
  const status = make("input", { id: "fault-status", type: "number", inputmode: "numeric", min: 200, max: 599 });
  const delay = number("fault-delay", 0, 0, 600000);
  const retryAfter = make("input", { id: "fault-retry-after", autocomplete: "off", placeholder: "none" });
  const location = make("input", { id: "fault-location", autocomplete: "off", placeholder: "/elsewhere", spellcheck: "false" });
  const stored = make("input", { id: "fault-stored", type: "checkbox" });
  /** The fields that only some kinds have, by name. @type {Record<string, HTMLElement>} */
  const fields = {
    status: field("Status", status),
    retry_after: field("Retry-After", retryAfter),
    location: field("Location", location),
    stored: make("label", { class: "check" }, stored, "Execute the request first: the message is stored, and only the response fails"),
  };

  const kindOf = () => options.fault_kinds.find((k) => k.kind === kind.value);
  const showFields = () => {
    const k = kindOf();
    for (const [name, element] of Object.entries(fields)) element.hidden = !k?.fields.includes(name);
    status.placeholder = k?.status ? String(k.status) : "";
    delay.min = kind.value === "none" ? "1" : "0"; // a normal response without a delay is not a fault
    location.required = Boolean(k?.fields.includes("location"));
  };
  kind.addEventListener("change", showFields);
  showFields();

  const refusal = make("p", { class: "refusal", role: "alert" });

  /** Which requests a fault strikes, for the presets and the form alike. */
  const chosen = () => ({ operation: operation.value, skip: skip.valueAsNumber, times: untilStopped.checked ? 0 : times.valueAsNumber });
  /** Sets a fault. @param {Omit<NewFault, "operation" | "skip" | "times">} f */
  const set = async (f) => {
    refusal.textContent = "";
    for (const input of [times, skip]) if (!input.disabled && !input.reportValidity()) return;
    try {
      const now = await ask("POST", "/faults", { ...f, ...chosen() });
      say("Set: " + now.summary);
    } catch (e) {
      refusal.textContent = "Not set: " + (e instanceof Error ? e.message : e);
    }
  };
  const form = make(
    "form",
    { class: "fault-form", "aria-label": "Another fault" },
    field("What", kind),
    fields.status,
    fields.retry_after,
    fields.location,
    field("Delay", delay, "ms"),
    fields.stored,
    make("button", { class: "primary" }, "Set this fault"),
  );
  form.addEventListener("submit", (e) => {
    e.preventDefault();
    const has = (/** @type {string} */ name) => !fields[name].hidden;
    void set({
      kind: kind.value,
      status: has("status") ? status.valueAsNumber || 0 : 0,
      retry_after: has("retry_after") ? retryAfter.value : "",
      location: has("location") ? location.value : "",
      delay_ms: delay.valueAsNumber,
      stored: has("stored") && stored.checked,
    });
  });

  const on = make("ul", { class: "fault-list", "aria-label": "Faults that are on" });
  const nothing = make("p", { class: "drawer-note" });
  const draw = listOf(on, (text) => (refusal.textContent = text));
  root.append(
    make("h3", {}, "Faults"),
    on,
    nothing,
    make(
      "div",
      { class: "fault-strikes", role: "group", "aria-label": "What the next fault strikes" },
      field("Strike", operation),
      make("div", { class: "field-pair" }, field("Times", times), make("label", { class: "check" }, untilStopped, "until stopped")),
      field("Skip first", skip, "requests"),
    ),
    make(
      "div",
      { class: "fault-presets", role: "group", "aria-labelledby": "fault-presets-label" },
      make("p", { id: "fault-presets-label" }, "Presets"),
      ...options.presets.map((p) => make("button", { type: "button", onclick: () => void set(p.fault) }, p.label)),
    ),
    make("details", { class: "fault-other" }, make("summary", {}, "Another fault"), form),
    refusal,
  );
  return {
    refresh(page) {
      draw(page.faults);
      nothing.textContent = page.faults_by_code
        ? "Go test code chooses faults too."
        : page.faults.length
          ? ""
          : "No fault is on: the fake responds as the contract says.";
    },
  };
}
