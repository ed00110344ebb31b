// Imports openapi.yaml with the converter of Postman, and makes the manual changes that README.md describes.
// Writes generated/tgo.postman_collection.json.
import {mkdir, readFile, writeFile} from 'node:fs/promises';
import {promisify} from 'node:util';
import converter from 'openapi-to-postmanv2';

const document = await readFile('../../../openapi.yaml', 'utf8');
// "Parameter generation: example" and "Folder organization: tags" in Postman's import settings.
const options = {parametersResolution: 'Example', folderStrategy: 'Tags'};
const result = await promisify(converter.convertV2)({type: 'string', data: document}, options);
if (!result.result) throw new Error(result.reason);
const collection = result.output[0].data;

const lookup = collection.item.find((folder) => folder.name.trim() === 'Contacts').item[0].request;
for (const parameter of lookup.url.query) {
  // Only one of the two may name the sender. Postman selects both.
  if (parameter.key === 'sender_number_id') parameter.disabled = true;
  // Postman does not encode a plus sign. In a query it means a space.
  parameter.value = encodeURIComponent(parameter.value);
}

collection.event = [{
  listen: 'test',
  script: {type: 'text/javascript', exec: ["pm.test('is a success', () => pm.response.to.be.success);"]},
}];

await mkdir('generated', {recursive: true});
await writeFile('generated/tgo.postman_collection.json', JSON.stringify(collection));
