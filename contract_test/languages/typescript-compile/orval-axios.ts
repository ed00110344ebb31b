// orval, client axios.
import axios from 'axios';
import {type AcceptedMessage, type MessageForm, type TextMessage, getTGOBusinessAPI} from './generated/orval-axios.ts';
import {form} from '../typescript/form.ts';
import {headers, typed, url} from './common.ts';

// A redirect would send the key to another host.
const instance = axios.create({baseURL: url, headers, maxRedirects: 0});
const client = getTGOBusinessAPI(instance);

export async function sendText(message: TextMessage): Promise<number> {
  return typed((await client.sendMessage(message)).data.data.id);
}

/** sendMessage would send the form as JSON. */
export async function sendForm(message: MessageForm): Promise<number> {
  return typed((await instance.post<AcceptedMessage>('/messages', form(message))).data.data.id);
}
