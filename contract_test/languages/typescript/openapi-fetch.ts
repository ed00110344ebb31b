// Runs the scenario through openapi-typescript's types and openapi-fetch.
import createClient from 'openapi-fetch';
import {unwrap} from './errors.ts';
import {form} from './form.ts';
import type {paths} from './generated/tgo.d.ts';
import {run} from './scenario.ts';

await run((url, key) => {
  // A redirect would send the key to another host.
  const client = createClient<paths>({baseUrl: url, headers: {'X-Api-Key': key}, redirect: 'error'});
  return {
    sendText: async (message) => unwrap('sendMessage', await client.POST('/messages', {body: message})).data,
    sendForm: async (body) => unwrap('sendMessage', await client.POST('/messages', {body, bodySerializer: form})).data,
    lookup: async (query) => unwrap('lookupContact', await client.GET('/contacts/lookup', {params: {query}})),
    log: async (page) => unwrap('listMessages', await client.GET('/messages', {params: {query: {page}}})),
    usage: async () => unwrap('getUsage', await client.GET('/usage')).data,
    senderNumbers: async () => unwrap('listSenderNumbers', await client.GET('/sender-numbers')).data,
    register: async (body) => unwrap('registerSenderNumber', await client.POST('/sender-numbers', {body})).data,
    createKey: async (body) => unwrap('createApiKey', await client.POST('/api-keys', {body})),
    revokeKey: async (apiKey) => unwrap('revokeApiKey', await client.DELETE('/api-keys/{apiKey}', {params: {path: {apiKey}}})),
    me: async () => unwrap('getMe', await client.GET('/me')),
    subscription: async () => unwrap('getSubscription', await client.GET('/subscription')),
  };
});
