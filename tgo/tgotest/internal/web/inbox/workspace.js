// The workspace in the drawer: contacts, sender numbers, keys, and the coverage of the contract.

import { ask } from "./api.js";
import { copy, icon, make } from "./dom.js";
import { exactly } from "./format.js";
import { confirmFirst, say } from "./notices.js";
import { throttled } from "./throttle.js";

/** @typedef {import("./types.js").Options} Options */

/** What a state of a contact means. @type {Record<string, string>} */
const contactWords = {
  reachable: "It gets messages.",
  unreachable: "Messages to it are refused: it cannot be reached.",
  unverified: "Messages to it are refused: its owner has not verified the phone.",
  unknown: "Messages to it are refused: no account has this phone.",
};

/** A word of the API with spaces. @param {string} word */
const plain = (word) => word.replaceAll("_", " ");

/**
 * A select that shows the current value, and sends what the user chooses. If the fake refuses it, the old value is shown again.
 * While the select has the focus it is not updated, so that an open list stays open.
 * @param {string} label
 * @param {string[]} words
 * @param {(word: string) => Promise<unknown>} send
 */
function choice(label, words, send) {
  const select = make("select", { "aria-label": label }, ...words.map((w) => make("option", { value: w }, plain(w))));
  let is = "";
  const show = () => {
    if (!words.includes(is) && ![...select.options].some((o) => o.value === is)) select.prepend(make("option", { value: is }, plain(is)));
    select.value = is;
  };
  let sending = false;
  select.addEventListener("change", async () => {
    sending = true;
    try {
      const wanted = select.value;
      await send(wanted);
      is = wanted;
    } catch {
      // send has shown the error
    }
    sending = false;
    show();
  });
  select.addEventListener("blur", () => !sending && show());
  return {
    select,
    /** @param {string} now */
    update(now) {
      is = now;
      if (!sending && document.activeElement !== select) show();
    },
  };
}

/**
 * A list whose rows are kept as long as the items they show.
 * @template T
 * @param {HTMLElement} list
 * @param {(one: T) => string} keyOf
 * @param {(one: T) => {row: HTMLElement, update: (one: T) => void}} added
 */
function keyed(list, keyOf, added) {
  /** @type {Map<string, {row: HTMLElement, update: (one: T) => void}>} */
  const rows = new Map();
  return (/** @type {T[]} */ all) => {
    const there = new Set(all.map(keyOf));
    for (const [key, r] of rows) {
      if (there.has(key)) continue;
      r.row.remove();
      rows.delete(key);
    }
    all.forEach((one, i) => {
      const r = rows.get(keyOf(one)) || added(one);
      rows.set(keyOf(one), r);
      r.update(one);
      if (list.children[i] !== r.row) list.insertBefore(r.row, list.children[i] || null);
    });
  };
}

/**
 * A section of the drawer, which shows its own errors.
 * @param {string} name
 * @param {...(Node | false)} children
 */
function part(name, ...children) {
  const refusal = make("p", { class: "refusal", role: "alert" });
  const section = make("section", { "aria-label": name }, make("h3", {}, name), ...children, refusal);
  return {
    section,
    /**
     * Waits for what a click started. An error is shown and thrown again.
     * @template V
     * @param {Promise<V>} promise
     */
    async follow(promise) {
      refusal.textContent = "";
      try {
        return await promise;
      } catch (e) {
        refusal.textContent = e instanceof Error ? e.message : String(e);
        throw e;
      }
    },
  };
}

/**
 * A form in a `details` element.
 * @param {string} summary
 * @param {() => Promise<unknown>} send
 * @param {...(Node | string)} children
 */
function adding(summary, send, ...children) {
  const form = make("form", { class: "adding", "aria-label": summary }, ...children);
  form.addEventListener("submit", async (e) => {
    e.preventDefault();
    try {
      await send();
      form.reset();
      for (const s of form.querySelectorAll("select")) s.dispatchEvent(new Event("change"));
    } catch {
      // send has shown the error; the form keeps its values
    }
  });
  return make("details", {}, make("summary", {}, summary), form);
}

/**
 * @param {string} label
 * @param {HTMLElement} control
 */
function field(label, control) {
  return make("label", { class: "field" }, make("span", {}, label), control);
}

/** @param {Options} options */
function contacts(options) {
  const list = make("ul", { class: "drawer-rows", "aria-label": "Contacts" });
  const everyone = choice("State of everyone else", options.contact_states, (state) => follow(ask("PUT", "/strangers", { state })));
  const phone = make("input", {
    id: "contact-phone",
    inputmode: "tel",
    placeholder: "+20…",
    autocomplete: "off",
    required: true,
    dir: "ltr",
  });
  const state = make(
    "select",
    { id: "contact-state", "aria-describedby": "contact-meaning" },
    ...options.contact_states.map((s) => make("option", { value: s, selected: s === "unreachable" }, plain(s))),
  );
  const meaning = make("p", { id: "contact-meaning", class: "drawer-note" });
  const add = make("button", { class: "primary" });
  const explain = () => {
    meaning.textContent = contactWords[state.value] || "";
    add.textContent = "Add as " + plain(state.value);
  };
  state.addEventListener("change", explain);
  explain();
  const { section, follow } = part(
    "Contacts",
    list,
    make("div", { class: "drawer-row" }, make("span", {}, "Everyone else"), everyone.select),
    adding(
      "Add a contact",
      async () => {
        const added = await follow(ask("PUT", "/contacts/" + encodeURIComponent(phone.value.trim()), { state: state.value }));
        say(`Added: ${added.phone}, ${plain(added.state)}`);
      },
      field("Phone", phone),
      field("It is", state),
      meaning,
      add,
    ),
  );
  const draw = keyed(
    list,
    (/** @type {import("./types.js").Contact} */ c) => c.phone,
    (c) => {
      const is = choice("State of " + c.phone, options.contact_states, (now) =>
        follow(ask("PUT", "/contacts/" + encodeURIComponent(c.phone), { state: now })),
      );
      return {
        row: make("li", { class: "drawer-row" }, make("span", { dir: "ltr" }, c.phone), is.select),
        update: (one) => is.update(one.state),
      };
    },
  );
  return {
    section,
    async refresh() {
      const all = await ask("GET", "/contacts");
      draw(all.contacts);
      everyone.update(all.strangers);
    },
  };
}

/** @param {Options} options */
function senders(options) {
  const list = make("ul", { class: "drawer-rows", "aria-label": "Sender numbers" });
  const phone = make("input", {
    id: "sender-phone",
    inputmode: "tel",
    placeholder: "+20…",
    autocomplete: "off",
    required: true,
    dir: "ltr",
  });
  const name = make("input", { id: "sender-name", autocomplete: "off", dir: "auto", placeholder: "none" });
  const states = (/** @type {string} */ id, /** @type {string[]} */ words) =>
    make("select", { id }, ...words.map((w) => make("option", { value: w, selected: w === "active" }, plain(w))));
  const status = states("sender-status", options.sender_statuses);
  const verification = states("sender-verification", options.verification_statuses);
  const { section, follow } = part(
    "Sender numbers",
    list,
    adding(
      "Add a sender number",
      async () => {
        const added = await follow(
          ask("POST", "/senders", {
            phone: phone.value.trim(),
            display_name: name.value.trim(),
            status: status.value,
            verification_status: verification.value,
          }),
        );
        say(`Added: ${added.phone}, number ${added.id}`);
      },
      field("Phone", phone),
      field("Name", name),
      field("Status", status),
      field("Owner", verification),
      make("button", { class: "primary" }, "Add"),
    ),
  );
  // The key has the phone too, since ids start over after a reset.
  const draw = keyed(
    list,
    (/** @type {import("./types.js").Sender} */ s) => s.id + s.phone,
    (s) => {
      const set = (/** @type {object} */ what) => follow(ask("PUT", "/senders/" + s.id, { status: "", verification_status: "", ...what }));
      const is = choice("Status of " + s.phone, options.sender_statuses, (now) => set({ status: now }));
      const verified = choice("Verification of " + s.phone, options.verification_statuses, (now) => set({ verification_status: now }));
      const title = make("bdi", { class: "drawer-name" });
      const number = make("span", { dir: "ltr" });
      const cannot = make("small", { class: "drawer-warning" });
      return {
        row: make(
          "li",
          { class: "drawer-card" },
          make("p", {}, title, number, cannot),
          make("div", { class: "field-pair" }, field("Status", is.select), field("Owner", verified.select)),
        ),
        update(one) {
          title.textContent = one.display_name;
          number.textContent = `${one.phone}, number ${one.id}`;
          cannot.textContent = one.status === "active" && one.verification_status === "active" ? "" : "cannot send";
          is.update(one.status);
          verified.update(one.verification_status);
        },
      };
    },
  );
  return { section, refresh: async () => draw(await ask("GET", "/senders")) };
}

/** @param {Options} options */
function keys(options) {
  const list = make("ul", { class: "drawer-rows", "aria-label": "Keys" });
  const name = make("input", { id: "key-name", autocomplete: "off", dir: "auto", placeholder: "none" });
  const scopes = options.scopes.map((s) => make("input", { type: "checkbox", name: "scope", value: s, checked: s === "messages.send" }));
  const { section, follow } = part(
    "Keys",
    list,
    adding(
      "Add a key",
      async () => {
        const added = await follow(
          ask("POST", "/keys", { name: name.value.trim(), scopes: scopes.filter((s) => s.checked).map((s) => s.value) }),
        );
        say("Added: key " + (added.name || added.id));
      },
      field("Name", name),
      make(
        "fieldset",
        { class: "scopes" },
        make("legend", {}, "Scopes"),
        ...scopes.map((s) => make("label", { class: "check" }, s, s.value === "*" ? "* (all)" : s.value)),
      ),
      make("button", { class: "primary" }, "Add"),
    ),
  );
  const draw = keyed(
    list,
    (/** @type {import("./types.js").Key} */ k) => k.id + k.key,
    (k) => {
      const called = k.name || "without a name";
      const state = make("small", {});
      const copier = make("button", { type: "button", "aria-label": "Copy key " + called }, icon("copy"), "Copy");
      copier.addEventListener("click", () =>
        follow(copy(k.key)).then(
          () => {
            copier.lastChild?.replaceWith("Copied");
            say(`Key ${called} is copied`);
            setTimeout(() => copier.lastChild?.replaceWith("Copy"), 1500);
          },
          () => {}, // follow has shown the error
        ),
      );
      const revoke = make("button", { type: "button", class: "danger-text", "aria-label": "Revoke key " + called }, "Revoke");
      revoke.addEventListener("click", async () => {
        if (
          !(await confirmFirst(
            `Revoke the key “${called}”? Requests with it are refused with 401 from then on. Only a reset of the fake brings it back.`,
            "Revoke",
          ))
        )
          return;
        await follow(ask("DELETE", "/keys/" + k.id)).catch(() => {}); // follow has shown the error
      });
      return {
        row: make(
          "li",
          { class: "drawer-card" },
          make("p", {}, make("bdi", { class: "drawer-name" }, called), make("small", {}, k.scopes.join(", ") || "no scopes"), state),
          make("div", { class: "drawer-tools" }, make("code", { title: k.key }, k.key), copier, revoke),
        ),
        update(one) {
          const active = one.status === "active";
          state.textContent = active ? (one.expires_at ? "until " + exactly(one.expires_at) : "") : plain(one.status);
          state.classList.toggle("drawer-warning", !active);
          revoke.hidden = !active;
          copier.hidden = !active;
        },
      };
    },
  );
  return { section, refresh: async () => draw(await ask("GET", "/keys")) };
}

/** The coverage of the contract. It is hidden if the fake does not count it. */
function coverage() {
  const meter = make("meter", { min: 0, max: 100, "aria-label": "Contract coverage in percent" });
  const words = make("p", { class: "drawer-note" });
  const { section } = part("Contract coverage", meter, words);
  section.id = "coverage-section";
  section.hidden = true;
  return {
    section,
    async refresh() {
      const answer = await fetch("/_fake/coverage");
      section.hidden = !answer.ok;
      if (!answer.ok) return;
      const report = await answer.json();
      meter.value = report.percent;
      words.textContent = report.summary;
    },
  };
}

/**
 * The workspace. It sends no requests while it is hidden.
 * @param {HTMLElement} root
 * @param {Options} options
 * @returns {{refresh(changed: boolean): void}} changed: contacts, senders or keys may have changed. The coverage is always refreshed.
 */
export function workspace(root, options) {
  const parts = [contacts(options), senders(options), keys(options)];
  const counted = coverage();
  const stale = make("p", { class: "refusal", role: "status" });
  root.append(stale, ...parts.map((p) => p.section), counted.section);
  const visible = () => root.checkVisibility({ visibilityProperty: true });
  /** @param {() => Promise<unknown>} look */
  const looking = (look) => async () => {
    if (!visible()) return;
    try {
      await look();
      stale.textContent = "";
    } catch (e) {
      stale.textContent = "Not up to date: " + (e instanceof Error ? e.message : e);
    }
  };
  const people = throttled(looking(() => Promise.all(parts.map((p) => p.refresh()))));
  const count = throttled(looking(counted.refresh), 2000);
  const refresh = (/** @type {boolean} */ changed) => {
    if (changed) people.soon();
    count.soon();
  };
  return { refresh };
}
