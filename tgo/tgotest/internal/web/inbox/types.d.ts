// The types of the admin API's responses that the inbox reads. admin.yaml is the public description.

/** A request in the list. */
export interface Summary {
  id: number;
  /** When it started, in ISO 8601 with milliseconds. */
  at: string;
  /** How long it took. */
  took_ms: number;
  method: string;
  /** With the query. */
  path: string;
  /** The operationId; empty if the contract has no such path or method. */
  operation: string;
  key_name: string;
  outcome: "accepted" | "refused" | "answered" | "broken off";
  /** The fault, such as "503 Service Unavailable, set on purpose"; empty without one. */
  fault: string;
  /** 0 if there was no response. */
  status: number;
  /** This and the next four are what a send says, accepted or not; empty if it does not say. */
  type: "" | "text" | "image" | "voice" | "document" | string;
  to_phone: string;
  from: string;
  /** The beginning of its text or caption. */
  text: string;
  file_name: string;
  /** What was wrong with it, in one line; empty if nothing was. */
  problem: string;
  /** The problem is only a warning: the fake accepted the request, and another server may not. */
  warning: boolean;
  /** 1, or more if the same request came before, within the setting doubled_within_ms. */
  attempt: number;
  /** The header X-Tgo-Test. */
  test: string;
  user_agent: string;
  /** 0 if no message was accepted. */
  message_id: number;
  doubled: Doubled | null;
  /** The id of the request that this one repeats after a click on Resend; 0 for others. */
  resent_of: number;
  /** It was opened in the inbox. */
  read: boolean;
}

/** The copies of a message that arrived more than once. */
export interface Doubled {
  /** How many copies there are. */
  count: number;
  /** Which of them this one is, counted from 1. */
  copy: number;
  /** The id of the oldest copy; it is the same for all copies. */
  first_id: number;
  /** The ids of all copies, or of the 20 around this one, the oldest first. */
  message_ids: number[];
  /** The ids of their requests; 0 for one that is no longer kept. */
  request_ids: number[];
  /** The time between the first and the last. */
  apart_ms: number;
}

/** A request with everything that is known about it. */
export interface Exchange extends Summary {
  headers: [string, string][];
  body: string;
  /** The body was longer than what the fake keeps or reads. */
  body_cut: boolean;
  form: Part[] | null;
  response_headers: [string, string][];
  response: string;
  problems: Problem[] | null;
  message: Message | null;
  curl: string;
  go: string;
  /** It can be sent again. */
  can_resend: boolean;
}

export interface Part {
  name: string;
  value: string;
  file_name: string;
  content_type: string;
  size: number;
}

export interface Problem {
  /** Empty if the problem is not that of a field. */
  field: string;
  message: string;
  contract: { pointer: string; line: number; excerpt: string } | null;
  warning: boolean;
}

export interface Message {
  id: number;
  /** 0 if its request is no longer kept. */
  request_id: number;
  type: "text" | "image" | "voice" | "document";
  sender_number_id: number;
  sender_phone: string;
  sender_name: string;
  to_phone: string;
  content: string;
  /** Of a voice note, in whole seconds. */
  duration: number;
  media: { name: string; content_type: string; size: number; sha256: string; kept: boolean } | null;
  key_name: string;
  sent_at: string;
  doubled: Doubled | null;
}

/** GET /_fake/inbox?q=&is=&before=&limit= */
export interface Page {
  /** The name of this run of the fake. It changes when the fake restarts. */
  run: string;
  /** The highest id of a request. */
  last: number;
  /** The counts of all requests that are kept. */
  total: Counts;
  /** The counts of the requests that match q, without the filter `is`. */
  found: Counts;
  /** How many messages arrived more than once, of all that are kept. */
  doubled: number;
  /** The requests that match q and `is`, the newest first. */
  requests: Summary[];
  /** There are older ones: ask with before= the id of the last one. */
  more: boolean;
  /** Requests that have waited for their response for a while, the oldest first. */
  under_way: { at: string; method: string; path: string }[];
  /** The faults that can still strike, the oldest first. */
  faults: Fault[];
  /** Go code of a test chooses faults too (Config.Faults). */
  faults_by_code: boolean;
  /** How many requests the fake has dropped to make room. */
  forgotten: number;
}

export interface Counts {
  all: number;
  accepted: number;
  failed: number;
  doubled: number;
  unread: number;
}

export interface NewFault {
  operation: string;
  kind: string;
  skip: number;
  times: number;
  stored: boolean;
  delay_ms: number;
  status: number;
  retry_after: string;
  location: string;
}

export interface Fault extends NewFault {
  id: number;
  struck: number;
  active: boolean;
  /** Such as "503 Service Unavailable on every request until stopped, struck 3 times". */
  summary: string;
}

/** GET /_fake/options */
export interface Options {
  operations: string[];
  fault_kinds: { kind: string; label: string; status: number; fields: string[] }[];
  presets: { label: string; fault: NewFault }[];
  contact_states: string[];
  sender_statuses: string[];
  verification_statuses: string[];
  scopes: string[];
  doubled_within_ms: number;
}

/** GET /_fake/phones?q=: the phones that messages went to, the latest first. */
export interface Phones {
  total: number;
  phones: { phone: string; messages: number; doubled: number; last: Message }[];
}

/** GET /_fake/phones/{phone}?before=&limit= */
export interface Thread {
  phone: string;
  total: number;
  /** The oldest first. */
  messages: Message[];
  /** There are older ones: ask with before= the id of the first one. */
  more: boolean;
}

export interface Contact {
  phone: string;
  state: string;
}

export interface Sender {
  id: number;
  phone: string;
  display_name: string;
  status: string;
  verification_status: string;
}

export interface Key {
  id: number;
  name: string;
  key: string;
  scopes: string[];
  status: string;
  expires_at: string | null;
}
