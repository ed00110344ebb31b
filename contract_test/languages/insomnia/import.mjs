// Imports openapi.yaml with the last importer of Insomnia that is a separate package, and checks the result. Nothing is sent:
// Insomnia's command only runs collections that Insomnia exported. Writes generated/tgo.json.
import assert from 'node:assert/strict';
import {mkdir, readFile, writeFile} from 'node:fs/promises';
import importers from 'insomnia-importers';

const result = await importers.convert(await readFile('../../../openapi.yaml', 'utf8'));
await mkdir('generated', {recursive: true});
await writeFile('generated/tgo.json', JSON.stringify(result.data));

const requests = result.data.resources.filter(({_type}) => _type === 'request');
for (const {name, headers} of requests) {
  assert.deepEqual(headers, [{name: 'X-Api-Key', disabled: false, value: '{{ xApiKey }}'}], name);
}
const fields = ({text}) => (text ? Object.keys(JSON.parse(text)).join() : '');
const lines = requests.map(({method, url, parameters, body}) =>
  [method, url.replace('{{ base_url }}', ''), parameters.map(({name}) => name).join(), fields(body)].join(' ').trim());
assert.deepEqual(lines.sort(), [
  'DELETE /api-keys/{{ apiKey }}',
  'GET /contacts/lookup phone,sender_phone,sender_number_id',
  'GET /me',
  'GET /messages page',
  'GET /sender-numbers',
  'GET /subscription',
  'GET /usage',
  'POST /api-keys  name,scopes,expires_in_days',
  'POST /messages  sender_phone,to_phone,type,content',
  'POST /sender-numbers  phone,display_name',
]);
