// swagger-typescript-api.
import {type AcceptedMessage, type MessageForm, type TextMessage, Api, ContentType} from './generated/swagger-typescript-api.ts';
import {headers, typed, url} from './common.ts';

// A redirect would send the key to another host.
const client = new Api({baseUrl: url, baseApiParams: {headers, redirect: 'error'}});

export async function sendText(message: TextMessage): Promise<number> {
  return typed((await client.messages.sendMessage(message)).data.data.id);
}

/** sendMessage only sends JSON. */
export async function sendForm(body: MessageForm): Promise<number> {
  const answer = await client.request<AcceptedMessage>({
    path: '/messages', method: 'POST', body, type: ContentType.FormData, format: 'json',
  });
  return typed(answer.data.data.id);
}
