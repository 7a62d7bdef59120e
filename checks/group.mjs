// A hub and a subsidiary as processes of their own, on SQLite files that outlive them.

import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { binary, freePort, ready } from './server.mjs';

/** An instance that can be killed and started again. */
class Instance {
  constructor(port, settings) {
    this.folder = mkdtempSync(join(tmpdir(), 'groupgraph-checks-'));
    this.url = `http://127.0.0.1:${port}`;
    const all = {
      'server.listen': `127.0.0.1:${port}`,
      'server.public_url': this.url,
      'sources.allow_private_addresses': 'true',
      'webhooks.allow_private_addresses': 'true',
      'telemetry.level': 'off',
      ...settings,
    };
    this.flags = ['--data-dir', this.folder, ...Object.entries(all).flatMap(([name, value]) => ['--set', `${name}=${value}`])];
    this.run('seed', '--base');
    this.run('user', 'create', 'admin@example.com', '--given-name', 'Ada', '--family-name', 'Admin', '--administrator');
    this.token = /token\s+(\S+)/.exec(this.run('token', 'create', 'checks', '--user', 'admin@example.com'))[1];
    process.once('exit', () => {
      this.child?.kill('SIGKILL');
      rmSync(this.folder, { recursive: true, force: true });
    });
  }

  run(...words) {
    return execFileSync(binary, [...words, ...this.flags], { encoding: 'utf8' });
  }

  async start() {
    this.child = spawn(binary, ['serve', ...this.flags], { stdio: ['ignore', 'ignore', 'inherit'] });
    await ready(this.url, this.child);
  }

  #end(signal) {
    const ended = new Promise((resolve) => this.child.once('exit', resolve));
    this.child.kill(signal);
    return ended;
  }

  kill() {
    return this.#end('SIGKILL');
  }

  stop() {
    return this.#end('SIGTERM');
  }

  /** Sends one operation as the administrator. */
  async ask(query, variables) {
    const answer = await fetch(`${this.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${this.token}` },
      body: JSON.stringify({ query, variables }),
      signal: AbortSignal.timeout(5000),
    });
    return answer.json();
  }
}

/** A hub and a joined subsidiary; `person` is the number of somebody there whom the hub knows. */
export async function group(settings) {
  const [hub, subsidiary] = [new Instance(await freePort(), settings), new Instance(await freePort(), {})];
  await Promise.all([hub.start(), subsidiary.start()]);
  const made = await hub.ask(`mutation {
    createTenant(input: { name: "Daughter", namespace: "daughter", baseCurrency: "EUR", timeZone: "UTC" }) { tenant { number } errors { field message } }
  }`);
  const company = made.data.createTenant.tenant.number;
  const person = (await subsidiary.ask('{ viewer { staff { number } } }')).data.viewer.staff.number;
  const mapped = await hub.ask(
    `mutation ($company: Int!, $person: Int!) {
      mapStaff(input: { staff: { number: 1 }, tenant: { number: $company }, remoteStaffNumber: $person }) { errors { field message } }
    }`,
    { company, person },
  );
  if (mapped.errors ?? mapped.data.mapStaff.errors.length) throw new Error(JSON.stringify(mapped));
  subsidiary.run('source', 'join', hub.url, hub.run('source', 'invite', 'daughter').trim());
  return { hub, subsidiary, company, person };
}
