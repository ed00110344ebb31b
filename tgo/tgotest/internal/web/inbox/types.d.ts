// The answers of the admin API that the inbox reads. admin.yaml describes them for everyone else.

/** A request in the list. */
export interface Summary {
  id: number;
  /** When it began, in ISO 8601 with milliseconds. */
  at: string;
  /** How long it took. */
  took_ms: number;
  method: string;
  /** With the query. */
  path: string;
  /** The operationId; empty for a path or a method that the contract does not have. */
  operation: string;
  key_name: string;
  outcome: "accepted" | "refused" | "answered" | "broken off";
  /** What the fake did on purpose, such as "503 Service Unavailable, set on purpose"; empty without a fault. */
  fault: string;
  /** 0 without an answer. */
  status: number;
  /** Of a send, accepted or not, as far as it says so. */
  type: "" | "text" | "image" | "voice" | "document" | string;
  to_phone: string;
  from: string;
  /** The beginning of its text or caption. */
  text: string;
  file_name: string;
  /** What was wrong with it, in one line; empty where nothing was. */
  problem: string;
  /** It worked, but need not elsewhere. */
  warning: boolean;
  /** 1, or more where the same request came before within the minute. */
  attempt: number;
  /** The header X-Tgo-Test. */
  test: string;
  user_agent: string;
  /** 0 where no message was accepted. */
  message_id: number;
  doubled: Doubled | null;
  /** The id of the request that this one repeats at a click in the inbox; 0 for others. */
  resent_of: number;
  /** Somebody has opened it in the inbox. */
  read: boolean;
}

/** The copies of a message that arrived more than once. */
export interface Doubled {
  /** How many copies there are. */
  count: number;
  /** Which of them this one is, from 1. */
  copy: number;
  /** The oldest message of them, which is the same for all copies. */
  first_id: number;
  /** Of all copies, or of the 20 around this one; the oldest first. */
  message_ids: number[];
  /** Of their requests; 0 for one that is forgotten. */
  request_ids: number[];
  /** Between the first and the last. */
  apart_ms: number;
}

/** A request with all that is known of it. */
export interface Exchange extends Summary {
  headers: [string, string][];
  body: string;
  /** The body was longer than what is kept of it, or than what the fake read. */
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
  /** Empty where no field is to blame. */
  field: string;
  message: string;
  contract: { pointer: string; line: number; excerpt: string } | null;
  warning: boolean;
}

export interface Message {
  id: number;
  /** 0 where its request is forgotten. */
  request_id: number;
  type: "text" | "image" | "voice" | "document";
  sender_number_id: number;
  sender_phone: string;
  sender_name: string;
  to_phone: string;
  content: string;
  /** In whole seconds, of a voice note. */
  duration: number;
  media: { name: string; content_type: string; size: number; sha256: string; kept: boolean } | null;
  key_name: string;
  sent_at: string;
  doubled: Doubled | null;
}

/** GET /_fake/inbox?q=&is=&before=&limit= */
export interface Page {
  /** Names this run of the fake; another one may take its place. */
  run: string;
  /** The highest id of a request. */
  last: number;
  /** Over all that is kept. */
  total: Counts;
  /** Over what q finds, whatever `is` says. */
  found: Counts;
  /** How many messages arrived more than once, over all that is kept. */
  doubled: number;
  /** What both find, the newest first. */
  requests: Summary[];
  /** There are older ones: ask with before= the last id. */
  more: boolean;
  /** Requests that have had no answer for a while, the oldest first. */
  under_way: { at: string; method: string; path: string }[];
  /** Those that can strike, the oldest first. */
  faults: Fault[];
  /** Go code of the test chooses faults too (Config.Faults). */
  faults_by_code: boolean;
  /** How many requests the fake has forgotten to make room. */
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

/** GET /_fake/phones?q=: whom messages went to, the latest first. */
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
  /** There are older ones: ask with before= the first id. */
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
