import {defineConfig} from 'orval';

const input = '../../../openapi.yaml';

export default defineConfig({
  'orval-fetch': {
    input,
    output: {
      client: 'fetch',
      target: 'generated/orval-fetch.ts',
      // Otherwise it requests /messages, without a host.
      baseUrl: {runtime: 'url', imports: [{name: 'url', importPath: '../common.ts'}]},
    },
  },
  'orval-axios': {input, output: {client: 'axios', target: 'generated/orval-axios.ts'}},
});
