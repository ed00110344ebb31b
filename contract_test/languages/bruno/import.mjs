// Imports openapi.yaml with Bruno's command, and makes the manual changes that ../postman/README.md describes.
// Writes the collection generated/tgo.
import {execFileSync} from 'node:child_process';
import {mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import yaml from 'js-yaml';

const collection = join('generated', 'tgo');
rmSync(collection, {recursive: true, force: true});
mkdirSync('generated', {recursive: true});
execFileSync('npx', ['--no-install', 'bru', 'import', 'openapi', '--source', '../../../openapi.yaml', '--output', collection], {stdio: 'inherit'});

for (const name of readdirSync(collection, {recursive: true})) {
  if (!name.endsWith('.yml')) continue;
  const file = join(collection, name);
  const content = yaml.load(readFileSync(file, 'utf8'));
  const query = content.http?.params?.filter(({type, disabled}) => type === 'query' && !disabled);
  if (!query?.length) continue;
  // Bruno sends the URL, encoded. The import leaves the parameters out of the URL until each is deselected and selected:
  // github.com/usebruno/bruno/issues/1681
  content.http.url += '?' + query.map(({name, value}) => `${name}=${value}`).join('&');
  writeFileSync(file, yaml.dump(content));
}
