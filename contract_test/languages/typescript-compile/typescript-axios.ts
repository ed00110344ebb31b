// openapi-generator's typescript-axios.
import {type TextMessage, Configuration, MessagesApi} from './typescript-axios/generated/index.ts';
import {typed} from './common.ts';

const client = new MessagesApi(new Configuration({
  basePath: process.env['TGO_BASE_URL']!,
  apiKey: process.env['TGO_API_KEY']!,
  baseOptions: {maxRedirects: 0}, // a redirect would send the key to another host
}));

export async function sendText(message: TextMessage): Promise<number> {
  return typed((await client.sendMessageWithJson(message)).data.data.id);
}

export async function sendVoice(sender: string, to: string, seconds: number, media: File): Promise<number> {
  const {data} = await client.sendMessageWithFormData(
    to, 'voice', sender, undefined, undefined, seconds, undefined, undefined, undefined, media,
  );
  return typed(data.data.id);
}
