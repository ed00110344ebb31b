// Runs the scenario through openapi-generator's typescript-fetch.
import {TgoError} from './errors.ts';
import {run} from './scenario.ts';
import {
  AccountApi, APIKeysApi, Configuration, ContactsApi, MessagesApi, ResponseError, SenderNumbersApi, UsageApi,
} from './typescript-fetch/generated/index.ts';

/** Returns the response of an operation, or throws a TgoError if the API refused the request. */
async function answer<T>(operation: string, call: Promise<T>): Promise<T> {
  try {
    return await call;
  } catch (e) {
    // An HTML page is not JSON, so json() throws.
    if (e instanceof ResponseError) throw new TgoError(operation, e.response.status, await e.response.json());
    throw e;
  }
}

await run((url, key) => {
  const config = new Configuration({
    basePath: url,
    apiKey: key,
    // A redirect would send the key to another host.
    fetchApi: (input, init) => fetch(input, {...init, redirect: 'error'}),
  });
  const messages = new MessagesApi(config);
  const numbers = new SenderNumbersApi(config);
  const keys = new APIKeysApi(config);
  const account = new AccountApi(config);
  return {
    sendText: async (TextMessage) => (await answer('sendMessage', messages.sendMessage({TextMessage}))).data,
    sendForm: async (form) =>
      (await answer('sendMessage', messages.sendMessage({contentType: 'multipart/form-data', ...form}))).data,
    lookup: async (query) => {
      const {_exists: exists, ...contact} = await answer('lookupContact', new ContactsApi(config).lookupContact(query));
      return {exists, ...contact};
    },
    log: (page) => answer('listMessages', messages.listMessages({page})),
    usage: async () => (await answer('getUsage', new UsageApi(config).getUsage())).data,
    senderNumbers: async () => (await answer('listSenderNumbers', numbers.listSenderNumbers())).data,
    register: async (RegisterSenderNumberRequest) =>
      (await answer('registerSenderNumber', numbers.registerSenderNumber({RegisterSenderNumberRequest}))).data,
    createKey: ({scopes, ...key}) =>
      answer('createApiKey', keys.createApiKey({CreateApiKeyRequest: {...key, scopes: new Set(scopes)}})),
    revokeKey: (apiKey) => answer('revokeApiKey', keys.revokeApiKey({apiKey})),
    me: () => answer('getMe', account.getMe()),
    subscription: () => answer('getSubscription', account.getSubscription()),
  };
});
