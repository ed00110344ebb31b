// `node import.mjs` imports openapi.yaml with Yaak's command into the data directory generated/, and makes the changes that
// ../postman/README.md describes. `node import.mjs send` sends all requests to the API at TGO_BASE_URL.
import {execFileSync} from 'node:child_process';
import {rmSync} from 'node:fs';
import {resolve} from 'node:path';

const data = resolve('generated'); // Yaak only finds its plugins by an absolute path
const yaak = (...args) => execFileSync('node_modules/@yaakapp/cli-linux-x64/bin/yaak', ['--data-dir', data, ...args], {encoding: 'utf8'});
const list = (of) => yaak(of, 'list').split('\n').filter(Boolean).map((line) => line.split(' - ')[0]);

if (process.argv[2] !== 'send') {
  rmSync(data, {recursive: true, force: true});
  console.log(yaak('import', '../../../openapi.yaml'));
  for (const id of list('request')) {
    // Yaak selects what is required. No schema says that one of the two must name the sender.
    const {urlParameters} = JSON.parse(yaak('request', 'show', id));
    for (const parameter of urlParameters) parameter.enabled = parameter.name !== 'sender_number_id';
    yaak('request', 'update', '--json', JSON.stringify({id, urlParameters}));
  }
} else {
  const [workspaceId] = list('workspace');
  // The variables of the imported environments.
  const variables = [
    {name: 'baseUrl', value: process.env.TGO_BASE_URL, enabled: true},
    {name: 'auth_api_key_auth_key', value: process.env.TGO_API_KEY, enabled: true},
  ];
  const created = yaak('environment', 'create', '--json', JSON.stringify({workspaceId, name: 'the fake', variables}));
  console.log(yaak('--environment', /ev_\w+/.exec(created)[0], 'send', workspaceId));
}
