// Runs the scenario through openapi-zod-client and @zodios/core.
import {isAxiosError} from 'axios';
import type {infer as Infer} from 'zod';
import {TgoError} from './errors.ts';
import {form} from './form.ts';
import {createApiClient, type schemas} from './generated/zodios.ts';
import {run} from './scenario.ts';

/** Returns the response of an operation, or throws a TgoError if the API refused the request. */
async function answer<T>(operation: string, call: Promise<T>): Promise<T> {
  try {
    return await call;
  } catch (e) {
    // A response that is not an object is the HTML page of a proxy.
    if (isAxiosError(e) && typeof e.response?.data === 'object') throw new TgoError(operation, e.response.status, e.response.data);
    throw e;
  }
}

await run((url, key) => {
  const client = createApiClient(url, {
    axiosConfig: {headers: {'X-Api-Key': key}, maxRedirects: 0}, // a redirect would send the key to another host
    validate: 'request', // otherwise it throws at a response with an unexpected field, after the message was sent
  });
  return {
    sendText: async (body) => (await answer('sendMessage', client.sendMessage(body))).data,
    sendForm: async (body) => {
      // sendMessage only sends JSON, so the form goes through the client below it.
      const {data} = await answer('sendMessage', client.axios.post<Infer<typeof schemas.AcceptedMessage>>('/messages', form(body)));
      return data.data;
    },
    lookup: (queries) => answer('lookupContact', client.lookupContact({queries})),
    log: (page) => answer('listMessages', client.listMessages({queries: {page}})),
    usage: async () => (await answer('getUsage', client.getUsage())).data,
    senderNumbers: async () => (await answer('listSenderNumbers', client.listSenderNumbers())).data,
    register: async (body) => (await answer('registerSenderNumber', client.registerSenderNumber(body))).data,
    createKey: (body) => answer('createApiKey', client.createApiKey(body)),
    revokeKey: (apiKey) => answer('revokeApiKey', client.revokeApiKey(undefined, {params: {apiKey}})),
    me: () => answer('getMe', client.getMe()),
    subscription: () => answer('getSubscription', client.getSubscription()),
  };
});
