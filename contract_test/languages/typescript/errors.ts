import {readFileSync} from 'node:fs';

/** What the document calls Error. */
interface Said {
  message: string;
  errors?: Record<string, string[]>;
}

/** The scopes that each operation needs, by operationId. */
const scopes: Record<string, string[]> = JSON.parse(readFileSync(process.env.TGO_SCOPES!, 'utf8'));

/** A refusal by the API. */
export class TgoError extends Error {
  override name = 'TgoError';
  readonly fields: Record<string, string[]>;
  /** Of a 403: the scopes that the key must have. */
  readonly requiredScopes: string[];

  constructor(operation: string, readonly status: number, said: Said) {
    super(said.message);
    this.fields = said.errors ?? {};
    this.requiredScopes = status === 403 ? (scopes[operation] ?? []) : [];
  }
}

/** Both generators answer with this. */
interface Answer<T> {
  data?: T | undefined;
  error?: Said | string | undefined; // a text is the page of a proxy
  response?: Response | undefined;
}

/** Returns what an operation answered with, or throws. */
export function unwrap<T>(operation: string, {data, error, response}: Answer<T>): T {
  if (error !== undefined) {
    if (typeof error !== 'object' || response === undefined) throw error; // no answer, or a page
    throw new TgoError(operation, response.status, error);
  }
  return data as T;
}
