"use strict";
// Shows the contract, or the description of the admin API, in Swagger UI. The server and the examples are this fake's, so that all
// examples work unchanged: the first sender and contact that work, the first page, a key that works, and a picture to send.

/** @typedef {import("./inbox/types.js").Key} Key */
/** @typedef {import("./inbox/types.js").Sender} Sender */
/** @typedef {import("./inbox/types.js").Contact} Contact */

const admin = new URLSearchParams(location.search).has("admin");

/**
 * Sends a request to the admin API.
 * @param {string} path
 * @param {object} [body] to post; without it the request is a GET
 * @returns {Promise<any>}
 */
async function ask(path, body) {
  const options = body && { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) };
  const answer = await fetch(`/_fake${path}`, options);
  if (!answer.ok) throw new Error(`${path}: ${answer.status}`);
  return answer.json();
}

/**
 * The values for the examples.
 * @typedef {object} Workspace
 * @property {string} key the active key with the most scopes; empty if there is none
 * @property {Sender} sender
 * @property {string} recipient
 * @property {string} newPhone a phone that no sender has
 */

/** @returns {Promise<Workspace>} */
async function workspace() {
  /** @type {[Key[], Sender[], {contacts: Contact[]}]} */
  const [keys, senders, { contacts }] = await Promise.all([ask("/keys"), ask("/senders"), ask("/contacts")]);
  /** @param {Key} key */
  const may = (key) => (key.scopes.includes("*") ? Infinity : key.scopes.length);
  const [key] = keys.filter((k) => k.status === "active").sort((a, b) => (may(a) === may(b) ? 0 : may(b) - may(a)));
  const sender = senders.find((s) => s.status === "active" && s.verification_status === "active") ?? senders[0];
  const recipient = contacts.find((c) => c.state === "reachable") ?? contacts[0];
  let next = BigInt(sender.phone.slice(1));
  do next++; while (senders.some((s) => s.phone === `+${next}`));
  return { key: key?.key ?? "", sender, recipient: recipient.phone, newPhone: `+${next}` };
}

/**
 * Replaces the examples with values of this fake.
 * @param {any} spec the contract
 * @param {Workspace} of
 */
function localExamples(spec, of) {
  /** @type {Record<string, any>} */
  const parameters = { page: 1, phone: of.recipient, sender_phone: of.sender.phone };
  /** @type {Record<string, any>} */
  const bodies = { sender_phone: of.sender.phone, sender_number_id: of.sender.id, to_phone: of.recipient, phone: of.newPhone };
  /** @type {Record<string, any>} A form starts as an image message. */
  const form = { sender_phone: of.sender.phone, to_phone: of.recipient, type: "image", content: "Sent from the reference" };
  /** @param {any} node @returns {any} */
  const resolve = (node) => (node.$ref ? node.$ref.slice(2).split("/").reduce((/** @type {any} */ at, /** @type {string} */ key) => at[key], spec) : node);
  /** @type {any[]} */
  const operations = Object.values(spec.paths).flatMap((path) => Object.values(path));
  for (const { parameters: list = [], requestBody } of operations) {
    for (const parameter of list) parameter.example = parameters[parameter.name];
    for (const [type, body] of Object.entries(requestBody?.content ?? {})) {
      for (const { value } of Object.values(body.examples ?? {})) {
        for (const name of Object.keys(value)) value[name] = bodies[name] ?? value[name];
      }
      if (type === "multipart/form-data") { // Swagger UI reads no example of a form, only those of its fields
        body.schema = structuredClone(resolve(body.schema));
        for (const [name, property] of Object.entries(body.schema.properties)) {
          body.schema.properties[name] = { ...resolve(property), example: form[name] ?? "" };
        }
      }
    }
  }
  return spec;
}

/** A picture to send. @returns {Promise<File>} */
async function samplePicture() {
  const canvas = Object.assign(document.createElement("canvas"), { width: 240, height: 160 });
  const pen = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  pen.fillStyle = "#0b6e4f";
  pen.fillRect(0, 0, canvas.width, canvas.height);
  pen.fillStyle = "#ffbf47";
  pen.arc(canvas.width / 2, canvas.height / 2, 50, 0, 2 * Math.PI);
  pen.fill();
  /** @type {Blob | null} */
  const picture = await new Promise((done) => canvas.toBlob(done, "image/png"));
  return new File(picture ? [picture] : [], "sample.png", { type: "image/png" });
}

/** The name of the key to revoke. Keys with other names may be in use. */
const spareKey = "to try revoking";

/**
 * Fills in the id of the key to revoke, and creates the key if necessary.
 * @param {any} system Swagger UI's
 */
async function offerKey(system) {
  /** @type {Key[]} */
  const keys = await ask("/keys");
  const spare = keys.find((k) => k.status === "active" && k.name === spareKey) ?? (await ask("/keys", { name: spareKey }));
  system.specActions.changeParam(["/api-keys/{apiKey}", "delete"], "apiKey", "path", String(spare.id));
}

/**
 * What differs from plain Swagger UI. The types of its plugins are not documented.
 * @param {Workspace} of
 * @param {File} picture
 * @returns {(system: any) => object}
 */
const plugin = (of, picture) => ({ React }) => ({
  statePlugins: {
    spec: {
      wrapActions: {
        updateJsonSpec: (/** @type {any} */ update) => (/** @type {any} */ spec) => update(localExamples(structuredClone(spec), of)),
      },
    },
    layout: {
      wrapActions: {
        show: (/** @type {any} */ show, /** @type {any} */ system) => (/** @type {string[]} */ what, /** @type {boolean} */ shown) => {
          if (shown && what.length === 3 && what[2] === "revokeApiKey") void offerKey(system);
          return show(what, shown);
        },
      },
    },
  },
  components: {
    /** Empty form fields are never sent, so this choice is left out. */
    ParameterIncludeEmpty: () => null,
    /**
     * The field for a file. It starts with the sample picture.
     * @param {{onChange: (file: File | undefined) => void, disabled: boolean}} props
     */
    JsonSchema_string_binary({ onChange, disabled }) {
      /** @type {{current: HTMLInputElement}} */
      const input = React.useRef(null);
      React.useEffect(() => {
        const sample = new DataTransfer();
        sample.items.add(picture);
        input.current.files = sample.files;
        onChange(picture);
      }, []);
      return React.createElement("input", { ref: input, type: "file", disabled, onChange: () => onChange(input.current.files?.[0]) });
    },
  },
});

async function showReference() {
  const of = admin ? undefined : await workspace();
  /** @type {any} */
  const ui = SwaggerUIBundle({
    url: admin ? "/docs/admin.yaml" : "/docs/openapi.yaml",
    dom_id: "#reference",
    deepLinking: true,
    validatorUrl: null,
    tryItOutEnabled: true,
    displayRequestDuration: true,
    defaultModelsExpandDepth: 0,
    showExtensions: true,
    plugins: of ? [plugin(of, await samplePicture())] : [],
    onComplete() {
      const [scheme] = Object.keys(ui.specSelectors.securityDefinitions()?.toJS() ?? {});
      if (of?.key && scheme) ui.preauthorizeApiKey(scheme, of.key);
      document.documentElement.dataset.ready = "true";
    },
  });
}

void showReference();
