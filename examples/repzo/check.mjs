// Creates, finds, reads, changes and removes a record through every service of the vendor's client that the hub
// serves. `node check.mjs CREDENTIALS`, where CREDENTIALS is what `groupgraph demo --credentials` wrote.
import { readFileSync } from "node:fs";
import Repzo from "repzo";

const access = JSON.parse(readFileSync(process.argv[2] ?? "credentials.json", "utf8"));
const resources = JSON.parse(readFileSync(new URL("resources.json", import.meta.url), "utf8"));
const client = new Repzo(access.api_key, { env: "local", timeout: 10_000 });
client.svAPIEndpoint = `${access.url}/api/repzo`;
const run = Date.now().toString(36);

// Calls that the client sends elsewhere than to the resource, or not at all.
const AMISS = {
  "inventoryAdjustmentReason.update": "is sent to /custom-list-item",
  "mailUnsubscribe.create": "is sent to /activity-ai-sales-order",
  "mailUnsubscribe.get": "is sent to /ocr-invoice-job-page",
  "joinActionsWebHook.update": "is sent without the id",
  "patchAction.update": "is sent without the id",
};

const services = Object.entries(client).filter(([, service]) => service?._path);
const known = new Map();
const problems = [];
let calls = 0;
let passed = 0;
let serial = 0;

// References are made first; a circle of them ends at what is there already.
async function complete(value) {
  if (Array.isArray(value)) return Promise.all(value.map(complete));
  if (value && typeof value === "object") {
    const members = {};
    for (const [name, member] of Object.entries(value)) members[name] = await complete(member);
    return members;
  }
  if (value === "$namespace") return access.namespace;
  if (typeof value === "string" && value.startsWith("$")) return reference(value.slice(1));
  return typeof value === "string" ? value.replace("*", `${run}-${++serial}`) : value;
}

async function reference(name) {
  if (!known.has(name)) {
    const { path, body } = resources[name];
    const response = await fetch(`${client.svAPIEndpoint}/${path}`, {
      method: "POST",
      headers: { "api-key": access.api_key, "content-type": "application/json" },
      body: JSON.stringify(await complete(body)),
    });
    const answer = await response.json();
    if (!response.ok) throw new Error(`${name}: ${answer.error}`);
    known.set(name, record(answer)._id);
  }
  return known.get(name);
}

// The families wrap one record differently; the client hands the body on as it comes.
const record = (answer) => answer?.data ?? answer?.result ?? answer;

async function step(name, action, check) {
  calls += 1;
  try {
    const answer = await action();
    const wrong = check(answer);
    if (wrong) throw new Error(wrong);
    passed += 1;
    return answer;
  } catch (error) {
    const said = error.response?.data?.error ?? error.message ?? JSON.stringify(error);
    problems.push(`${name}: ${said}`);
    return undefined;
  }
}

async function service(name, own) {
  const [resource, { body, change, without = [] }] = Object.entries(resources).find(([, { path }]) => path === own._path);
  const can = (verb) => typeof own[verb] === "function" && !without.includes(verb) && !AMISS[`${name}.${verb}`];
  let id = AMISS[`${name}.create`] && (await reference(resource));
  if (can("create")) {
    let sent = {};
    const made = await step(`${name}.create`, async () => own.create((sent = await complete(body))), (answer) => {
      const found = record(answer);
      if (!/^[0-9a-f]{24}$/.test(found?._id)) return `_id is ${found?._id}`;
      const lost = Object.keys(sent).find((member) => !["company_namespace", "password"].includes(member) && !(member in found));
      return lost && `${lost} does not come back`;
    });
    id = made && record(made)._id;
  }
  if (can("find")) {
    const list = await step(`${name}.find`, () => own.find(id ? { _id: [id] } : {}), (answer) => {
      const rows = answer.data ?? answer.result;
      if (!Array.isArray(rows)) return "there is no list";
      return id && (rows.length !== 1 || rows[0]._id !== id) && `${rows.length} rows instead of the one asked for`;
    });
    id ??= (list?.data ?? list?.result)?.[0]?._id;
  }
  if (!id) return;
  if (can("get")) await step(`${name}.get`, () => own.get(id), (answer) => record(answer)._id !== id && "another record");
  if (can("update") && change) {
    // Some families repeat on a change what creation requires.
    const sent = { ...(await complete(body)), [change]: `changed ${run}` };
    delete sent.company_namespace;
    await step(`${name}.update`, () => own.update(id, sent), (answer) => record(answer)[change] !== sent[change] && `${change} is not changed`);
  }
  if (can("remove")) {
    await step(`${name}.remove`, () => own.remove(id), () => undefined);
    const left = await own.find({ _id: [id] }).catch(() => undefined);
    if ((left?.data ?? left?.result)?.length) problems.push(`${name}.remove: the record is still in the list`);
  }
}

const paths = new Set(Object.values(resources).map(({ path }) => path));
const served = services.filter(([, own]) => paths.has(own._path));
for (const [name, own] of served) await service(name, own);
for (const problem of problems) console.error(problem);
for (const [call, why] of Object.entries(AMISS)) console.log(`left out: ${call} ${why}`);
console.log(`${served.length} services, ${passed} of ${calls} calls as expected`);
process.exit(problems.length ? 1 : 0);
