// Runs the scenario through @hey-api/openapi-ts.
import {unwrap} from './errors.ts';
import {createClient, formDataBodySerializer} from './generated/hey-api/client/index.ts';
import * as sdk from './generated/hey-api/sdk.gen.ts';
import type {SendMessageErrors, SendMessageResponses} from './generated/hey-api/types.gen.ts';
import {run} from './scenario.ts';

await run((url, key) => {
  const client = createClient({baseUrl: url, auth: key, redirect: 'error'});
  return {
    sendText: async (body) => unwrap('sendMessage', await sdk.sendMessage({client, body})).data,
    sendForm: async (body) => {
      // sendMessage only sends JSON, so the form goes through the client below it.
      const answer = await client.post<SendMessageResponses, SendMessageErrors>({
        ...formDataBodySerializer,
        url: '/messages',
        security: [{name: 'X-Api-Key', type: 'apiKey'}],
        headers: {'Content-Type': null}, // fetch sets it, with the boundary
        body,
      });
      return unwrap('sendMessage', answer).data;
    },
    lookup: async (query) => unwrap('lookupContact', await sdk.lookupContact({client, query})),
    log: async (page) => unwrap('listMessages', await sdk.listMessages({client, query: {page}})),
    usage: async () => unwrap('getUsage', await sdk.getUsage({client})).data,
    senderNumbers: async () => unwrap('listSenderNumbers', await sdk.listSenderNumbers({client})).data,
    register: async (body) => unwrap('registerSenderNumber', await sdk.registerSenderNumber({client, body})).data,
    createKey: async (body) => unwrap('createApiKey', await sdk.createApiKey({client, body})),
    revokeKey: async (apiKey) => unwrap('revokeApiKey', await sdk.revokeApiKey({client, path: {apiKey}})),
    me: async () => unwrap('getMe', await sdk.getMe({client})),
    subscription: async () => unwrap('getSubscription', await sdk.getSubscription({client})),
  };
});
