// The empty page: it shows how to send something.

import { ask } from "./api.js";
import { copier } from "./detail.js";
import { icon, make } from "./dom.js";
import { act, toast, trouble } from "./notices.js";

/**
 * @typedef {import("./types.js").Contact} Contact
 * @typedef {import("./types.js").Key} Key
 * @typedef {import("./types.js").Sender} Sender
 */

const sample = "Your order 4821 is ready. طلبك جاهز للاستلام";
const hello = "Hello, world"; // it must have no quote, since the curl snippet does not escape it

/** Quotes a text for a POSIX shell. @param {string} s */
function quoted(s) {
  return "'" + s.replaceAll("'", `'\\''`) + "'";
}

/** What sending a text needs: a key that works, a sender that can send, and a contact that can be reached. */
async function means(/** @type {string} */ text) {
  /** @type {[Key[], Sender[], {contacts: Contact[], strangers: string}]} */
  const [keys, senders, people] = await Promise.all([ask("GET", "/keys"), ask("GET", "/senders"), ask("GET", "/contacts")]);
  const key = keys.find((k) => k.status === "active" && k.scopes.some((s) => s === "*" || s === "messages.send"));
  const sender = senders.find((s) => s.status === "active" && s.verification_status === "active");
  const contact = people.contacts.find((c) => c.state === "reachable");
  if (!key) throw new Error("no key can send: add one under “Faults and workspace”");
  if (!sender) throw new Error("no sender number can send: change one under “Faults and workspace”");
  return { key: key.key, body: { sender_phone: sender.phone, to_phone: contact ? contact.phone : "+201010000000", type: "text", content: text } };
}

/** Sends a message to this fake, as a program would. */
async function sendSample() {
  const { key, body } = await means(sample);
  const answer = await fetch("/api/v1/messages", {
    method: "POST",
    headers: { "X-Api-Key": key, "Content-Type": "application/json", Accept: "application/json" },
    body: JSON.stringify(body),
  });
  toast(answer.ok ? "A sample was sent" : `The sample was refused: ${answer.status}`);
}

/**
 * A piece of code with a button that copies it.
 * @param {string} title
 * @param {string} code
 */
function snippet(title, code) {
  return make("section", { class: "snippet" }, make("div", { class: "snippet-head" }, make("h3", {}, title), copier("copy", "Copy", code)), make("pre", { dir: "ltr", tabindex: "0", "aria-label": title }, code));
}

/** Makes the empty page. */
export function welcome() {
  const base = location.origin + "/api/v1"; // from the page's own address, since the port may be mapped
  const ways = make("div", { class: "ways" });
  means(hello)
    .then(({ key, body }) =>
      ways.replaceChildren(
        snippet(
          "curl",
          `curl ${base}/messages \\\n  -H ${quoted("X-Api-Key: " + key)} \\\n  -H 'Content-Type: application/json' \\\n` +
            `  -d '{"sender_phone": "${body.sender_phone}", "to_phone": "${body.to_phone}",\n       "type": "text", "content": "${body.content}"}'`,
        ),
        snippet(
          "Go",
          `client, err := tgo.New("", tgo.NewKey(${JSON.stringify(key)}),\n\ttgo.WithBaseURL(${JSON.stringify(base)}))\n` +
            `receipt, err := client.FromPhone(${JSON.stringify(body.sender_phone)}).\n\tSendText(ctx, ${JSON.stringify(body.to_phone)}, ${JSON.stringify(body.content)})`,
        ),
      ),
    )
    .catch(trouble);
  return make(
    "div",
    { class: "welcome" },
    make("h2", {}, "Nothing has arrived yet"),
    make("p", { class: "soft" }, "Send to ", make("code", {}, base), ". What arrives is shown here at once; nothing leaves this machine."),
    make(
      "div",
      { class: "tools" },
      make("button", { type: "button", class: "primary", id: "sample", onclick: () => act(sendSample()) }, icon("send"), make("span", {}, "Send a sample")),
      make("a", { class: "button", href: "/docs" }, icon("read"), make("span", {}, "API reference")),
    ),
    ways,
  );
}
