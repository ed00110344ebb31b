// The same through @hey-api/openapi-ts.
import {openAsBlob} from 'node:fs';
import {basename} from 'node:path';
import {unwrap} from './errors.ts';
import {createClient, formDataBodySerializer} from './generated/hey-api/client/index.ts';
import {getUsage, listMessages, listSenderNumbers, lookupContact, sendMessage} from './generated/hey-api/sdk.gen.ts';
import type {MediaMessage, SendMessageErrors, SendMessageResponses} from './generated/hey-api/types.gen.ts';
import {run} from './scenario.ts';

await run((url, key) => {
  const client = createClient({baseUrl: url, auth: key, redirect: 'error'});
  return {
    sendText: async (body) => unwrap('sendMessage', await sendMessage({client, body})).data,
    sendMedia: async (path, type, message) => {
      const media = new File([await openAsBlob(path)], basename(path), {type});
      const body: MediaMessage = {...message, media};
      // sendMessage knows JSON alone, so that the form goes through the client below it.
      const answer = await client.post<SendMessageResponses, SendMessageErrors>({
        ...formDataBodySerializer,
        url: '/messages',
        security: [{name: 'X-Api-Key', type: 'apiKey'}],
        headers: {'Content-Type': null}, // fetch knows the boundary
        body,
      });
      return unwrap('sendMessage', answer).data;
    },
    lookup: async (query) => unwrap('lookupContact', await lookupContact({client, query})),
    log: async (page) => unwrap('listMessages', await listMessages({client, query: {page}})),
    usage: async () => unwrap('getUsage', await getUsage({client})).data,
    senderNumbers: async () => unwrap('listSenderNumbers', await listSenderNumbers({client})).data,
  };
});
