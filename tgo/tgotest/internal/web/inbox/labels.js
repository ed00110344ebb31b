// The words for statuses, operations and requests.

import { count, lasting } from "./format.js";

/** @typedef {import("./types.js").Summary} Summary */

/** @type {Record<number, string>} */
const statuses = {
  200: "OK", 201: "Created", 202: "Accepted", 204: "No Content", 301: "Moved Permanently", 302: "Found", 303: "See Other",
  307: "Temporary Redirect", 308: "Permanent Redirect", 400: "Bad Request", 401: "Unauthorized", 402: "Payment Required",
  403: "Forbidden", 404: "Not Found", 405: "Method Not Allowed", 408: "Request Timeout", 409: "Conflict", 411: "Length Required",
  413: "Content Too Large", 415: "Unsupported Media Type", 419: "Page Expired", 422: "Unprocessable Content",
  429: "Too Many Requests", 500: "Internal Server Error", 501: "Not Implemented", 502: "Bad Gateway", 503: "Service Unavailable",
  504: "Gateway Timeout",
};

/**
 * A status with its name: "503 Service Unavailable".
 * @param {number} status
 */
export function statusWords(status) {
  return status ? (status + " " + (statuses[status] || "")).trim() : "no response";
}

/** @type {Record<string, string>} */
const operations = {
  sendMessage: "Send a message", listMessages: "List messages", getUsage: "Read the usage", listSenderNumbers: "List sender numbers",
  registerSenderNumber: "Register a sender number", lookupContact: "Look up a contact", getMe: "Read the account",
  getSubscription: "Read the subscription", createApiKey: "Create a key", revokeApiKey: "Revoke a key",
};

/**
 * An operation in words: "Send a message".
 * @param {string} operation
 */
export function operationWords(operation) {
  if (!operation) return "not in the contract";
  return operations[operation] || operation.replace(/([A-Z])/g, " $1").toLowerCase().replace(/^./, (c) => c.toUpperCase());
}

/**
 * How often a message arrived: "sent twice, 0.8 s apart", "sent 3 times within 1.2 s".
 * @param {import("./types.js").Doubled} d
 */
export function doubledWords(d) {
  const time = lasting(d.apart_ms);
  return d.count === 2 ? `sent twice, ${time} apart` : `sent ${count(d.count)} times within ${time}`;
}

/**
 * A path without that of the base URL.
 * @param {string} path
 */
export function shortPath(path) {
  return path.startsWith("/api/v1/") ? path.slice("/api/v1".length) : path;
}

/** @param {Summary} r */
export function isSend(r) {
  return r.operation === "sendMessage";
}

/** @param {Summary} r */
export function succeeded(r) {
  return r.status >= 200 && r.status < 300 && r.outcome !== "broken off";
}

/**
 * The recipient of a send; of another request the method and the path.
 * @param {Summary} r
 */
export function who(r) {
  if (isSend(r)) return r.to_phone || "no recipient";
  return r.method + " " + shortPath(r.path);
}

/**
 * The content of a request in one line: its text, its problem or its operation.
 * @param {Summary} r
 */
export function what(r) {
  if (isSend(r) && (r.text || r.file_name)) return r.text || r.file_name;
  return r.problem || operationWords(r.operation);
}

/**
 * The name of a request's icon.
 * @param {Summary} r
 */
export function pictureOf(r) {
  if (isSend(r)) return ["text", "image", "voice", "document"].includes(r.type) ? r.type : "send";
  return succeeded(r) ? "read" : r.fault ? "fault" : "refused";
}

/**
 * A fault without "set on purpose", for where there is little room.
 * @param {string} fault
 */
export function shortFault(fault) {
  return fault.replace(/, set on purpose$/, "");
}

/**
 * A summary in one line, for screen readers and notifications.
 * @param {Summary} r
 */
export function news(r) {
  if (r.message_id) return `New ${r.type} to ${r.to_phone}`;
  return `${isSend(r) ? "Send to " + who(r) : who(r)}: ${r.fault || (r.outcome === "broken off" ? "broken off" : statusWords(r.status))}`;
}
