// Sees that the fake at TGO_BASE_URL has answered each operation once, and with success: what the requests of an imported
// collection must get when they are sent as they are.
import {readFileSync} from 'node:fs';

const fail = (why) => {
  console.error(why);
  process.exit(1);
};
const operations = Object.keys(JSON.parse(readFileSync(process.env.TGO_SCOPES, 'utf8'))).sort();
const requests = await (await fetch(new URL('/_fake/requests?limit=100', process.env.TGO_BASE_URL))).json();
for (const {method, path, status, problem} of requests) console.log(`${method} ${path}: ${status} ${problem}`);

const answered = requests.filter(({status}) => status >= 200 && status < 300).map(({operation}) => operation).sort();
if (requests.length !== operations.length || String(answered) !== String(operations)) {
  fail(`of ${requests.length} requests these had success: ${answered.join(', ') || 'none'}`);
}
for (const query of [{phone: '+201010000000', sender_phone: '+201001187188'}, {page: '2'}]) {
  const wanted = new URLSearchParams(query).toString();
  if (!requests.some(({path}) => new URLSearchParams(path.split('?')[1]).toString() === wanted)) {
    fail(`no request has the query ${wanted}`);
  }
}
