// Checks that the fake at TGO_BASE_URL got one request for each operation, and that each was a success. TGO_OPERATIONS is a
// file with the operationIds as a JSON list. It is run after all requests of an imported collection were sent unchanged.
import {readFileSync} from 'node:fs';

const fail = (why) => {
  console.error(why);
  process.exit(1);
};
const operations = JSON.parse(readFileSync(process.env.TGO_OPERATIONS, 'utf8')).sort();
const requests = await (await fetch(new URL('/_fake/requests?limit=100', process.env.TGO_BASE_URL))).json();
for (const {method, path, status, problem} of requests) console.log(`${method} ${path}: ${status} ${problem}`);

const answered = requests.filter(({status}) => status >= 200 && status < 300).map(({operation}) => operation).sort();
if (requests.length !== operations.length || String(answered) !== String(operations)) {
  fail(`of ${requests.length} requests these succeeded: ${answered.join(', ') || 'none'}`);
}
for (const query of [{phone: '+201010000000', sender_phone: '+201001187188'}, {page: '2'}]) {
  const wanted = new URLSearchParams(query).toString();
  if (!requests.some(({path}) => new URLSearchParams(path.split('?')[1]).toString() === wanted)) {
    fail(`no request has the query ${wanted}`);
  }
}
