// The bubble of a message, as it looks on a phone.

import { icon, make } from "./dom.js";
import { bytes } from "./format.js";

/**
 * The address of a message's file. The hash is in it because ids start over after a reset, and browsers cache pictures.
 * @param {import("./types.js").Message} m which has a file whose bytes are kept
 */
export function mediaAddress(m) {
  return `/_fake/messages/${m.id}/media?${m.media?.sha256}`;
}

/**
 * A card with the name of a file, and a link to download it if its bytes are kept.
 * @param {import("./types.js").Message} m
 * @param {NonNullable<import("./types.js").Message["media"]>} f
 */
function card(m, f) {
  const name = f.name || "file without a name";
  return make(
    "div",
    { class: "file" },
    make("span", { class: "sheet" }, icon(m.type === "document" ? "document" : m.type)),
    make(
      "span",
      { class: "about" },
      f.kept ? make("a", { href: mediaAddress(m) + "&download", download: f.name || true, dir: "auto" }, name) : make("span", { dir: "auto" }, name),
      make("small", {}, `${f.content_type || "no content type"} · ${bytes(f.size)}${f.kept ? "" : " · its bytes are not kept"}`),
    ),
    f.kept && icon("download"),
  );
}

/** @param {number} seconds */
function minutes(seconds) {
  return Math.floor(seconds / 60) + ":" + String(seconds % 60).padStart(2, "0");
}

/**
 * The bubble of a message.
 * @param {import("./types.js").Message} m
 * @returns {HTMLElement}
 */
export function bubble(m) {
  const f = m.media;
  const parts = [];
  if (f && f.kept && m.type === "image") {
    const picture = make("img", { src: mediaAddress(m), alt: m.content || f.name, loading: "lazy", decoding: "async" });
    // A file that the browser cannot show as a picture is shown as a file.
    picture.addEventListener("error", () => picture.replaceWith(card(m, f)));
    parts.push(picture);
  } else if (f && f.kept && m.type === "voice") {
    const player = make("audio", { controls: true, preload: "metadata", src: mediaAddress(m), "aria-label": "Voice note " + f.name });
    parts.push(make("div", { class: "voice" }, player, make("small", {}, `${minutes(m.duration)} as sent · ${f.name} · ${bytes(f.size)}`)));
  } else if (f) {
    parts.push(card(m, f));
  }
  if (m.content) parts.push(make("p", { class: "content", dir: "auto" }, m.content));
  return make("div", { class: "bubble bubble-" + m.type }, ...parts);
}
