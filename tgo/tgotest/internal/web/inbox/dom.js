// Building elements. Texts from requests are only ever set as text, never as markup; the page's Content-Security-Policy would
// block markup too.

/** The paths of the icons. They are drawn, since not every machine has a font with symbols. @type {Record<string, string>} */
const icons = {
  text: "M4 4h16v12H9l-5 4z",
  image: "M3 5h18v14H3z M3 16l5-5 4 4 3-3 6 6 M15.5 9.5h.01",
  voice: "M12 3a3 3 0 0 1 3 3v6a3 3 0 0 1-6 0V6a3 3 0 0 1 3-3z M5 11a7 7 0 0 0 14 0 M12 18v3",
  document: "M6 2h8l5 5v15H6z M14 2v5h5 M9 13h7 M9 17h7",
  read: "M4 8h13l-4-4 M20 16H7l4 4",
  refused: "M12 3a9 9 0 1 0 0 18a9 9 0 0 0 0-18z M6 6l12 12",
  fault: "M13 2L5 14h6l-1 8 8-12h-6z",
  doubled: "M8 8h13v13H8z M16 8V3H3v13h5",
  list: "M8 6h13 M8 12h13 M8 18h13 M3.5 6h.01 M3.5 12h.01 M3.5 18h.01",
  phone: "M7 2h10v20H7z M11 18.5h2",
  search: "M11 4a7 7 0 1 0 0 14a7 7 0 0 0 0-14z M16 16l5 5",
  back: "M15 5l-7 7 7 7",
  down: "M5 9l7 7 7-7",
  close: "M5 5l14 14 M19 5L5 19",
  check: "M4 13l5 5L20 7",
  stop: "M6 6h12v12H6z",
  menu: "M12 5h.01 M12 12h.01 M12 19h.01",
  warning: "M12 3L2 20h20z M12 10v4 M12 17h.01",
  copy: "M9 9h12v12H9z M5 15H3V3h12v2",
  link: "M10 14a4 4 0 0 0 6 0l4-4a4 4 0 0 0-6-6l-1 1 M14 10a4 4 0 0 0-6 0l-4 4a4 4 0 0 0 6 6l1-1",
  terminal: "M3 4h18v16H3z M7 9l3 3-3 3 M12 15h5",
  code: "M8 6l-6 6 6 6 M16 6l6 6-6 6",
  download: "M12 3v12 M7 10l5 5 5-5 M4 20h16",
  resend: "M20 11a8 8 0 1 0-2 6 M20 5v6h-6",
  trash: "M4 7h16 M9 7V4h6v3 M6 7l1 14h10l1-14 M10 11v6 M14 11v6",
  help: "M12 3a9 9 0 1 0 0 18a9 9 0 0 0 0-18z M9.5 9.5a2.5 2.5 0 1 1 3.5 2.3c-.7.4-1 .8-1 1.7 M12 17h.01",
  clock: "M12 3a9 9 0 1 0 0 18a9 9 0 0 0 0-18z M12 7v5l3 2",
  send: "M3 11l18-8-7 18-3-8z M21 3L11 13",
};

/**
 * Builds an element: make("p", {dir: "auto"}, "text", child, …). Attributes that begin with "on" are listeners; one that is
 * false, null or undefined is left out, and so is an empty child.
 * @template {keyof HTMLElementTagNameMap} K
 * @param {K} name
 * @param {Record<string, string | number | boolean | null | undefined | ((event: any) => void)>} [attributes]
 * @param {...(Node | string | null | undefined | false)} children
 * @returns {HTMLElementTagNameMap[K]}
 */
export function make(name, attributes, ...children) {
  const e = document.createElement(name);
  for (const [key, value] of Object.entries(attributes || {})) {
    if (typeof value === "function") e.addEventListener(key.slice(2), value);
    else if (value === true) e.setAttribute(key, "");
    else if (value !== false && value !== null && value !== undefined) e.setAttribute(key, String(value));
  }
  for (const c of children) if (c) e.append(c);
  return e;
}

/**
 * The element with an id. It throws an error if there is none.
 * @param {string} id
 */
export function byId(id) {
  const e = document.getElementById(id);
  if (!e) throw new Error("the page has no #" + id);
  return e;
}

/**
 * @param {string} name
 * @returns {SVGSVGElement}
 */
export function icon(name) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  for (const [key, value] of Object.entries({ class: "icon icon-" + name, viewBox: "0 0 24 24", "aria-hidden": "true", focusable: "false" })) svg.setAttribute(key, value);
  const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
  path.setAttribute("d", icons[name] || icons.text);
  svg.append(path);
  return svg;
}

/**
 * Copies a text to the clipboard. It also works on a page that came over plain HTTP from another machine, which has no
 * navigator.clipboard.
 * @param {string} text
 */
export async function copy(text) {
  if (navigator.clipboard) {
    try {
      return await navigator.clipboard.writeText(text);
    } catch {
      // not allowed; use execCommand
    }
  }
  const before = document.activeElement;
  const area = make("textarea", { class: "hidden", "aria-hidden": "true" });
  area.value = text;
  document.body.append(area);
  area.select();
  const done = document.execCommand("copy");
  area.remove();
  if (before instanceof HTMLElement) before.focus();
  if (!done) throw new Error("the browser does not allow it");
}
