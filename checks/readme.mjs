// The snippets of the README, as they are written there, as modules and files.

import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
/** Inside this folder, so that packages are found. */
const base = new URL(`./.snippets/${process.pid}/`, import.meta.url);
export const folder = fileURLToPath(base);

/** The block of the README whose first line begins with `// NAME`. */
export function block(name) {
  const found = readme.split(/```(?:js|ts)\n/).find((text) => text.startsWith(`// ${name}`));
  assert.ok(found, `the README has no snippet for ${name}`);
  return found.split('```')[0];
}

/** The module that a block makes, for a hub at this address. */
export async function load(name, url) {
  const code = block(name).replaceAll('https://hub.example', url).replaceAll('wss://hub.example', url.replace('http', 'ws'));
  mkdirSync(folder, { recursive: true });
  const file = new URL(`${name.toLowerCase().replaceAll(/\W/g, '-')}.mjs`, base);
  writeFileSync(file, code);
  return import(file);
}

/** Removes what was written. */
export function clean() {
  rmSync(folder, { recursive: true, force: true });
}
