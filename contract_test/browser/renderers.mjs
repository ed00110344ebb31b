// Downloads the packages of renderers.json into node_modules/.renderers, each without its dependencies, which are bundled in the files
// that a page loads. (With dependencies, the packages are 560 MB and take a minute.)
import {execFileSync} from 'node:child_process';
import {mkdirSync, mkdtempSync, readFileSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';

const pins = JSON.parse(readFileSync('renderers.json', 'utf8'));
const root = join('node_modules', '.renderers');
const downloads = mkdtempSync(join(tmpdir(), 'renderers-'));
try {
  const packed = execFileSync('npm', ['pack', '--json', '--silent', '--pack-destination', downloads, ...Object.keys(pins)]);
  rmSync(root, {recursive: true, force: true});
  for (const {id, name, filename, integrity} of JSON.parse(packed)) {
    if (integrity !== pins[id]) throw new Error(`${id} has the checksum ${integrity}, renderers.json has ${pins[id]}`);
    mkdirSync(join(root, name), {recursive: true});
    execFileSync('tar', ['-xzf', join(downloads, filename), '-C', join(root, name), '--strip-components=1']);
  }
} finally {
  rmSync(downloads, {recursive: true});
}
