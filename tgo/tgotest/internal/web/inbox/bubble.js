// A message as it looks on a phone.

import { bytes, icon, make } from "./dom.js";

/**
 * Where the bytes of a message's file are. Ids begin again with a reset, and browsers keep pictures: hence the hash.
 * @param {import("./types.js").Message} m which has a file that is kept
 */
export function mediaAddress(m) {
  return `/_fake/messages/${m.id}/media?${m.media?.sha256}`;
}

/**
 * A file as a card with its name, to download if its bytes are kept.
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
 * The message as on a phone.
 * @param {import("./types.js").Message} m
 * @returns {HTMLElement}
 */
export function bubble(m) {
  const f = m.media;
  const parts = [];
  if (f && f.kept && m.type === "image") {
    const picture = make("img", { src: mediaAddress(m), alt: m.content || f.name, loading: "lazy", decoding: "async" });
    // What is no picture is shown as what it is: a file.
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
