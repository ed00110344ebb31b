// orval, client fetch. It returns refusals instead of throwing them.
import {type MessageForm, type TextMessage, type sendMessageResponse, sendMessage} from './generated/orval-fetch.ts';
import {form} from '../typescript/form.ts';
import {headers, typed, url} from './common.ts';

export async function sendText(message: TextMessage): Promise<number> {
  // The generated code sends JSON without a Content-Type.
  const json = {...headers, 'Content-Type': 'application/json'};
  return id(await sendMessage(message, {headers: json, redirect: 'error'}));
}

/** sendMessage would send the form as JSON. */
export async function sendForm(message: MessageForm): Promise<number> {
  const response = await fetch(`${url}/messages`, {method: 'POST', headers, redirect: 'error', body: form(message)});
  return id({data: await response.json(), status: response.status, headers: response.headers} as sendMessageResponse);
}

function id(answer: sendMessageResponse): number {
  if (typeof answer.data === 'object' && 'data' in answer.data) return typed(answer.data.data.id);
  throw new Error(`TGO returned ${answer.status}: ${JSON.stringify(answer.data)}`);
}
