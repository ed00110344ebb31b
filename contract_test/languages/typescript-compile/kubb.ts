// kubb, with a client of our own. Its own client follows redirects, which would send the key to another host, and returns a
// refusal like a success, without its status.
import {type Client} from './generated/kubb/.kubb/fetch.ts';
import {type MessageForm, type TextMessage, sendMessage} from './generated/kubb/index.ts';
import {form} from '../typescript/form.ts';
import {headers, typed, url as base} from './common.ts';

const client: Client = async ({url, method, params, data}) => {
  const isForm = data instanceof FormData;
  const response = await fetch(`${base}${url}?${new URLSearchParams(params as Record<string, string>)}`, {
    method: method!,
    headers: isForm ? headers : {...headers, 'Content-Type': 'application/json'},
    body: isForm ? data : JSON.stringify(data),
    redirect: 'error',
  });
  if (!response.ok) throw new Error(`TGO returned ${response.status}: ${await response.text()}`);
  const {status, statusText} = response;
  return {data: status === 204 ? undefined : await response.json(), status, statusText, headers: response.headers};
};

export async function sendText(message: TextMessage): Promise<number> {
  return typed((await sendMessage(message, {client})).data.id);
}

/** sendMessage has the type of a text message only. */
export async function sendForm(message: MessageForm): Promise<number> {
  return typed((await sendMessage({} as TextMessage, {client, data: form(message)})).data.id);
}
