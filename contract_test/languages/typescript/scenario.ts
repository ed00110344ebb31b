// Runs the scenario that all languages run, through either generated client.
import {readFileSync} from 'node:fs';
import {dirname, join} from 'node:path';
import {TgoError} from './errors.ts';
import type {components} from './generated/tgo.d.ts';

type Schemas = components['schemas'];
type Sender = {sender_phone?: string; sender_number_id?: number};

/** What a generated client has to bring. */
export interface Api {
  sendText(message: Schemas['TextMessage']): Promise<Schemas['SentMessage']>;
  sendMedia(path: string, type: string, message: Omit<Schemas['MediaMessage'], 'media'>): Promise<Schemas['SentMessage']>;
  lookup(query: Sender & {phone: string}): Promise<Schemas['Contact']>;
  log(page: number): Promise<Schemas['MessageLogPage']>;
  usage(): Promise<Schemas['SenderNumberUsage'][]>;
  senderNumbers(): Promise<Schemas['SenderNumber'][]>;
}

interface Call {
  call: string;
  key?: string;
  times?: number;
  with?: any;
  expect: unknown;
  arrived?: unknown;
}

const {url} = JSON.parse(process.env.TGO_FAKE!) as {url: string};
const file = process.env.TGO_SCENARIO!;
const scenario: {keys: Record<string, string>; steps: {name: string; calls: Call[]}[]} = JSON.parse(readFileSync(file, 'utf8'));

/** Any JSON, for what is no part of the API. */
async function get(url: URL | string, key = ''): Promise<any> {
  return (await fetch(url, {headers: {'X-Api-Key': key}})).json();
}

/** The messages that the fake has accepted. */
const arrivals = (): Promise<{id: number}[]> => get(new URL('/_fake/messages', url));

const receipt = ({id, sender_number_id, recipient_user_id, message_type, content, status}: Schemas['SentMessage']) =>
  ({id, sender_number_id, recipient_user_id, message_type, content, status});

/** TypeScript leaves times as texts: see that it is one. */
const moment = (t: string | null) => t && new Date(t).toISOString().replace(/\.\d+Z$/, 'Z');

async function call(api: Api, name: string, args: any, key: string): Promise<unknown> {
  switch (name) {
    case 'send_text':
      return receipt(await api.sendText({...args, type: 'text'}));
    case 'send_media': {
      const {file: path, ...message} = args;
      return receipt(await api.sendMedia(join(dirname(file), path), args.file_type ?? '', message));
    }
    case 'lookup': {
      const {exists, can_receive, reason_code, recipient_id, is_verified, phone_verified_at} = await api.lookup(args);
      return {exists, can_receive, reason_code, recipient_id, is_verified, phone_verified_at: moment(phone_verified_at)};
    }
    case 'log': {
      const entries: Schemas['MessageLogEntry'][] = [];
      for (let page = 1; ; page++) {
        const {data, links, meta} = await api.log(page);
        entries.push(...data);
        if (links?.next != null) continue;
        return {
          pages: page,
          total: meta?.total,
          count: entries.length,
          distinct: new Set(entries.map((e) => e.id)).size,
          oldest: entries.slice(-5).map(({sender_number_id, message_type, content, status}) =>
            ({sender_number_id, message_type, content, status})),
        };
      }
    }
    case 'usage': {
      const data = await api.usage();
      return {data: data.map(({sender_number_id, sender_phone, messages_sent}) => ({sender_number_id, sender_phone, messages_sent}))};
    }
    case 'sender_numbers': {
      const data = await api.senderNumbers();
      return {data: data.map(({id, phone, display_name, status, verification_status}) => ({id, phone, display_name, status, verification_status}))};
    }
    case 'raw':
      return get(url + args.path, key);
    case 'arrivals':
      return {count: (await arrivals()).length};
  }
  throw new Error('no such call');
}

/**
 * Holds a value against what is expected of it. An object may have more fields than are expected, except that an empty
 * one must be empty.
 */
function compare(path: string, want: any, got: any): void {
  const isObject = (v: any) => typeof v === 'object' && v !== null && !Array.isArray(v);
  if (isObject(want) && isObject(got) && (Object.keys(want).length > 0 || Object.keys(got).length === 0)) {
    for (const name of Object.keys(want)) compare(`${path}.${name}`, want[name], got[name]);
  } else if (Array.isArray(want) && Array.isArray(got) && want.length === got.length) {
    want.forEach((w, i) => compare(`${path}[${i}]`, w, got[i]));
  } else if (want !== got) {
    throw new Error(`${path} is ${JSON.stringify(got)}, want ${JSON.stringify(want)}`);
  }
}

async function check(c: Call, connect: (url: string, key: string) => Api): Promise<void> {
  const key = scenario.keys[c.key ?? 'all']!;
  let outcome: any;
  try {
    outcome = {result: await call(connect(url, key), c.call, c.with, key)};
  } catch (e) {
    if (!(e instanceof TgoError)) throw e;
    outcome = {error: {status: e.status, message: e.message, fields: e.fields, required_scopes: e.requiredScopes}};
  }
  compare(c.call, c.expect, outcome);
  if (c.arrived === undefined) return;
  const arrived = (await arrivals()).find((m) => m.id === outcome.result.id);
  compare(`${c.call} arrived`, c.arrived, arrived);
}

/** Makes the calls of each step and prints the first thing that is wrong. */
export async function run(connect: (url: string, key: string) => Api): Promise<void> {
  for (const step of scenario.steps) {
    let first: unknown;
    for (const c of step.calls) {
      for (let i = 0; i < (c.times ?? 1); i++) await check(c, connect).catch((e) => (first ??= e));
    }
    console.log('step', step.name, first === undefined ? 'ok' : `FAIL ${first}`.replaceAll('\n', ' '));
    if (first !== undefined) process.exitCode = 1;
  }
}
