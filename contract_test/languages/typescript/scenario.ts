// Runs the scenario of all languages with any generated client.
import {openAsBlob, readFileSync} from 'node:fs';
import {basename, dirname, join} from 'node:path';
import {TgoError} from './errors.ts';
import type {components} from './generated/tgo.d.ts';

type Schemas = components['schemas'];
type Sender = {sender_phone?: string; sender_number_id?: number};

/** The type of a response. Some generators turn a time into a Date. */
type Read<T> = T extends (infer E)[]
  ? Read<E>[]
  : T extends object
    ? {[K in keyof T]: K extends `${string}_at` ? T[K] | Date : Read<T[K]>}
    : T;

/** The calls that a generated client must provide. */
export interface Api {
  sendText(message: Schemas['TextMessage']): Promise<Read<Schemas['SentMessage']>>;
  sendForm(message: Schemas['MessageForm']): Promise<Read<Schemas['SentMessage']>>;
  lookup(query: Sender & {phone: string}): Promise<Read<Schemas['Contact']>>;
  log(page: number): Promise<Read<Schemas['MessageLogPage']>>;
  usage(): Promise<Read<Schemas['SenderNumberUsage']>[]>;
  senderNumbers(): Promise<Read<Schemas['SenderNumber']>[]>;
  register(body: Schemas['RegisterSenderNumberRequest']): Promise<Read<Schemas['SenderNumber']>>;
  createKey(body: Schemas['CreateApiKeyRequest']): Promise<Read<Schemas['CreatedApiKey']>>;
  revokeKey(id: number): Promise<unknown>;
  me(): Promise<Read<Schemas['Me']>>;
  subscription(): Promise<Read<Schemas['Subscription']>>;
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

/** Reads any JSON, for requests that are not part of the API. */
async function get(url: URL | string, key = ''): Promise<any> {
  return (await fetch(url, {headers: {'X-Api-Key': key}})).json();
}

/** The messages that the fake has accepted. */
const arrivals = (): Promise<{id: number}[]> => get(new URL('/_fake/messages', url));

const receipt = ({id, sender_number_id, recipient_user_id, message_type, content, status}: Read<Schemas['SentMessage']>) =>
  ({id, sender_number_id, recipient_user_id, message_type, content, status});

/** A file to send. */
const media = async (path: string, type: string) => new File([await openAsBlob(path)], basename(path), {type});

/** Most generators leave a time as a string: check that it is a time. */
const moment = (t: string | Date | null) => t && new Date(t).toISOString().replace(/\.\d+Z$/, 'Z');

async function call(api: Api, name: string, args: any, key: string): Promise<unknown> {
  switch (name) {
    case 'send_text':
      return receipt(await api.sendText({...args, type: 'text'}));
    case 'send_media': {
      const {file: name, ...message} = args;
      if (name !== undefined) message.media = await media(join(dirname(file), name), args.file_type ?? '');
      return receipt(await api.sendForm(message));
    }
    case 'lookup': {
      const {exists, can_receive, reason_code, recipient_id, is_verified, phone_verified_at} = await api.lookup(args);
      return {exists, can_receive, reason_code, recipient_id, is_verified, phone_verified_at: moment(phone_verified_at)};
    }
    case 'log': {
      const entries: Read<Schemas['MessageLogEntry']>[] = [];
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
    case 'me': {
      const {user, api_key, organization, subscription} = await api.me();
      const {name, email_verified} = organization;
      return {user: user.name, api_key: api_key?.name, organization: name, email_verified, subscription};
    }
    case 'subscription': {
      const {plan, status, limits, usage_snapshot} = await api.subscription();
      return {plan, status, limits, usage_snapshot};
    }
    case 'create_key': {
      const {plain_text_key, data} = await api.createKey(args);
      return {begins: plain_text_key.slice(0, 4), name: data?.name, scopes: data?.scopes, status: data?.status};
    }
    case 'revoke_key':
      await api.revokeKey(args.id);
      return {};
    case 'register': {
      const {phone, display_name, status, verified_at} = await api.register(args);
      return {phone, display_name, status, verified_at: moment(verified_at ?? null)};
    }
    case 'raw':
      return get(url + args.path, key);
    case 'arrivals':
      return {count: (await arrivals()).length};
  }
  throw new Error('no such call');
}

/**
 * Compares a value with the expected one. An object may have more fields than expected, but an object that is expected to
 * be empty must be empty. An absent field counts as null.
 */
function compare(path: string, want: any, got: any): void {
  const isObject = (v: any) => typeof v === 'object' && v !== null && !Array.isArray(v);
  if (isObject(want) && isObject(got) && (Object.keys(want).length > 0 || Object.keys(got).length === 0)) {
    for (const name of Object.keys(want)) compare(`${path}.${name}`, want[name], got[name]);
  } else if (Array.isArray(want) && Array.isArray(got) && want.length === got.length) {
    want.forEach((w, i) => compare(`${path}[${i}]`, w, got[i]));
  } else if (want !== (got ?? null)) {
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

/** Makes the calls of each step, and prints the first failure of each. */
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
