// The hand-written part around the generated code: one error for all refusals. Copy it.

/** The schema Error in openapi.yaml. */
interface Said {
  message: string;
  errors?: Record<string, string[]>;
}

/** The scopes that each operation requires: x-required-scopes in openapi.yaml, which the generators drop. */
const requiredScopes: Record<string, string[]> = {
  sendMessage: ['messages.send'],
  listMessages: ['messages.read'],
  lookupContact: ['contacts.lookup'],
  getUsage: ['usage.read'],
  registerSenderNumber: ['messages.send'],
};

/** A refusal by the API. */
export class TgoError extends Error {
  override name = 'TgoError';
  readonly fields: Record<string, string[]>;
  /** The scopes that the key needs; set for a 403 only. */
  readonly requiredScopes: string[];

  constructor(operation: string, readonly status: number, said: Said) {
    super(said.message);
    this.fields = said.errors ?? {};
    this.requiredScopes = status === 403 ? (requiredScopes[operation] ?? []) : [];
  }
}

/** What the calls of openapi-fetch and @hey-api/openapi-ts return. */
interface Answer<T> {
  data?: T | undefined;
  error?: Said | string | undefined; // a string is the HTML page of a proxy
  response?: Response | undefined;
}

/** Returns the response of an operation, or throws. */
export function unwrap<T>(operation: string, {data, error, response}: Answer<T>): T {
  if (error !== undefined) {
    if (typeof error !== 'object' || response === undefined) throw error; // no response, or an HTML page
    throw new TgoError(operation, response.status, error);
  }
  return data as T;
}
