// Writes generated/tgo.d.ts. It differs from the command openapi-typescript in the type of files: `format: binary` in the
// document becomes a Blob, the type of a file in a browser and in Node.
import {mkdir, writeFile} from 'node:fs/promises';
import openapiTS, {astToString} from 'openapi-typescript';
import ts from 'typescript';

const BLOB = ts.factory.createTypeReferenceNode('Blob');

const types = await openapiTS(new URL('../../../openapi.yaml', import.meta.url), {
  transform: (schema) => (schema.format === 'binary' ? BLOB : undefined),
});
await mkdir('generated', {recursive: true});
await writeFile('generated/tgo.d.ts', astToString(types));
