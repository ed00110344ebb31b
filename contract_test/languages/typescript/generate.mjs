// Writes generated/tgo.d.ts. The command openapi-typescript does the same, but for the type of files: the document says
// `format: binary`, which in a browser and in Node is a Blob.
import {mkdir, writeFile} from 'node:fs/promises';
import openapiTS, {astToString} from 'openapi-typescript';
import ts from 'typescript';

const BLOB = ts.factory.createTypeReferenceNode('Blob');

const types = await openapiTS(new URL('../../../openapi.yaml', import.meta.url), {
  transform: (schema) => (schema.format === 'binary' ? BLOB : undefined),
});
await mkdir('generated', {recursive: true});
await writeFile('generated/tgo.d.ts', astToString(types));
