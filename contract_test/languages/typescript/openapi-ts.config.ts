import {defineConfig} from '@hey-api/openapi-ts';

export default defineConfig({
  input: '../../../openapi.yaml',
  output: {path: 'generated/hey-api', module: {extension: '.ts'}},
});
