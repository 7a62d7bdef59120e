// Starts the built server on a free port, with a folder of its own, and stops it again.

import { execFile, execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

export const binary = process.env.GROUPGRAPH ?? new URL('../target/debug/groupgraph', import.meta.url).pathname;

export function freePort() {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address();
      probe.close(() => resolve(port));
    });
  });
}

export async function ready(url, child) {
  for (let tries = 0; tries < 3000; tries += 1) {
    if (child.exitCode !== null) throw new Error(`the server ended with ${child.exitCode}`);
    try {
      if ((await fetch(`${url}/readyz`)).ok) return;
    } catch {
      // Not listening yet.
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error('the server does not become ready');
}

/** A running server with an administrator's token; `settings` are names and values of the configuration, `rows` the command that fills it. */
export async function start(settings = {}, rows = ['seed', '--base']) {
  const folder = mkdtempSync(join(tmpdir(), 'groupgraph-checks-'));
  const common = ['--data-dir', folder];
  const run = (...words) => execFileSync(binary, [...words, ...common], { encoding: 'utf8' });
  run(...rows);
  run('user', 'create', 'admin@example.com', '--given-name', 'Ada', '--family-name', 'Admin', '--administrator');
  const created = run('token', 'create', 'checks', '--user', 'admin@example.com');
  const token = /token\s+(\S+)/.exec(created)[1];
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  let child;
  // Also when a check fails.
  process.once('exit', () => child?.kill('SIGKILL'));

  async function serve(settings) {
    const flags = Object.entries(settings).flatMap(([name, value]) => ['--set', `${name}=${value}`]);
    const words = ['serve', '--listen', `127.0.0.1:${port}`, '--set', 'telemetry.level=warn', ...flags, ...common];
    child = spawn(binary, words, { stdio: ['ignore', 'ignore', 'inherit'] });
    await ready(url, child);
  }

  async function end() {
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGTERM');
    await ended;
  }

  await serve(settings);
  return {
    url,
    graphql: `${url}/graphql`,
    socket: `ws://127.0.0.1:${port}/graphql`,
    token,
    /** Number of the process. */
    get pid() {
      return child.pid;
    },
    /** Runs another command on the same data. */
    run,
    /** The same beside what this process does. */
    async begin(...words) {
      return (await promisify(execFile)(binary, [...words, ...common], { encoding: 'utf8' })).stdout;
    },
    /** Sends one operation. */
    async ask(query, variables) {
      const answer = await fetch(`${url}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
        body: JSON.stringify({ query, variables }),
      });
      return answer.json();
    },
    /** Ends the process at once, as a crash would. */
    async kill() {
      const ended = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGKILL');
      await ended;
    },
    /** Starts it again on the same data and port. */
    revive: () => serve(settings),
    /** The same data with other settings. */
    async restart(settings) {
      await end();
      await serve(settings);
    },
    async stop() {
      await end();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
