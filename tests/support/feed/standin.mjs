// A stand-in for the diamond supplier's GraphQL API, with its traps. Runs until its stdin ends or a SIGTERM comes, so that
// it never outlives who started it, and prints one line of JSON once it listens: endpoint, control, stones, pid.
//
//   AM_FEED_MODULES=DIR node standin.mjs [OPTION]...     DIR has node_modules; tests/support/feed/install DIR fills it
//
//   --port N            default: a free one of 127.0.0.1
//   --stones N          default: the 53,940 of diamonds.csv; more: the same again, under new ids
//   --recorded          as many of each price as examples/feed/recorded_counts.csv says (428,771; --stones N: in proportion)
//   --user U, --password P, --seed N
//   --all-traps         see switches.mjs, where every switch is; each can be given as --NAME VALUE (--short-pages 0.1)
//
//   POST /api/diamonds          GraphQL. Tokens begin with standin-token-, for tests that look for one where none may be
//   GET  /control               {"switches", "counters", "stones", "on_sale"}
//   POST /control               any switches, and: "sell", "give_back", "change", "reprice": how many, or a list of ids;
//                               "add": how many new stones; "mark", "revoke_tokens", "reset_counters", "all_traps": true
//   GET  /control/on-sale       the ids on sale, one a line
//   GET  /control/staying       those that were since the start (or "mark") without a break and at one price
//   GET  /control/stone/ID      {"on_sale", "changed", "item"}

import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

import { Api } from './api.mjs';
import { Counters } from './counters.mjs';
import { Inventory, kInvalid, spoil } from './inventory.mjs';
import { kSchema } from './schema.mjs';
import { numberOf, pricesOfCounts, pricesOfDiamonds, readCounts, readDiamonds } from './stones.mjs';
import { kAllTraps, kSwitches, turn } from './switches.mjs';

const kPath = '/api/diamonds';
const kInvalidMark = Buffer.from(kInvalid);
const kNoUtf8 = Buffer.from([0xff, 0xc0, 0x80]);
const kMostBytes = 1 << 20;

function fail(problem) {
  process.stderr.write(`standin: ${problem}\n`);
  process.exit(64);
}

function readOptions(words) {
  const options = { port: 0, stones: null, recorded: false, user: 'crawler@example.com', password: 'carats', seed: 1 };
  const switches = { ...kSwitches };
  for (let at = 0; at < words.length; ++at) {
    if (!words[at].startsWith('--')) fail(`unexpected ${words[at]}`);
    const name = words[at].slice(2).replaceAll('-', '_');
    if (name === 'all_traps') {
      Object.assign(switches, kAllTraps);
      continue;
    }
    const known = name in options ? options[name] : kSwitches[name];
    if (typeof known === 'boolean') {
      (name in options ? options : switches)[name] = true;
      continue;
    }
    const text = words[++at];
    if (text === undefined) fail(`--${name} without a value`);
    const value = typeof known === 'string' ? text : Number(text);
    if (Number.isNaN(value)) fail(`--${name}: expected a number, got ${text}`);
    if (name in options) options[name] = value;
    else if (!turn(switches, name, value)) fail(`there is no ${words[at - 1]}`);
  }
  return { options, switches };
}

/** A random number from 0 to 1 at each call, the same ones for a seed. */
function dice(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 0x1_0000_0000;
  };
}

const { options, switches } = readOptions(process.argv.slice(2));
const require = createRequire(`${process.env.AM_FEED_MODULES ?? fileURLToPath(new URL('.', import.meta.url))}/package.json`);
const diamonds = readDiamonds(require.resolve('@observablehq/sample-datasets/diamonds.csv'));
const more = (from, to) => pricesOfDiamonds(diamonds, from, to);
const counts = new URL('../../../examples/feed/recorded_counts.csv', import.meta.url);
const prices = options.recorded
  ? pricesOfCounts(readCounts(counts), options.stones)
  : more(0, options.stones ?? diamonds.count);
const inventory = new Inventory(prices, diamonds, more);
const counters = new Counters();
const roll = dice(options.seed);
const api = new Api({
  graphql: require('graphql'), schema: kSchema, inventory, switches, counters, account: options, roll,
});
let downUntil = 0;
if (switches.down_ms > 0) downUntil = Date.now() + switches.down_ms;

function send(response, status, body, headers = {}) {
  const bytes = Buffer.isBuffer(body) ? body : Buffer.from(typeof body === 'string' ? body : JSON.stringify(body));
  response.writeHead(status, { 'Content-Type': 'application/json', 'Content-Length': bytes.length, ...headers });
  response.end(bytes);
}

function tooMany(response) {
  const after = switches.retry_after === null ? {} : { 'Retry-After': String(switches.retry_after) };
  send(response, 429, { errors: [{ message: 'Too many requests' }] }, after);
}

async function bodyOf(request) {
  const parts = [];
  let size = 0;
  for await (const part of request) {
    size += part.length;
    if (size > kMostBytes) throw new RangeError('too long');
    parts.push(part);
  }
  return JSON.parse(Buffer.concat(parts).toString('utf8'));
}

/** The bytes of an answer, some of them not what they should be. */
function bytesOf(result) {
  let bytes = Buffer.from(JSON.stringify(result));
  for (let at = bytes.indexOf(kInvalidMark); at >= 0; at = bytes.indexOf(kInvalidMark, at)) {
    kNoUtf8.copy(bytes, at);
  }
  return bytes;
}

async function serveApi(request, response) {
  const within = counters.arrived();
  if (Date.now() < downUntil) return request.socket.destroy();
  const asked = await bodyOf(request).catch(() => null);
  if (typeof asked?.query !== 'string') return send(response, 400, { errors: [{ message: 'Must provide query string.' }] });
  const kind = Api.kindOf(asked.query);
  ++counters.kinds[kind];
  if (switches.rate_limit > 0 && within > switches.rate_limit) {
    ++counters.refused_by_rate;
    return tooMany(response);
  }
  if (api.fires('http_429')) return tooMany(response);
  if (api.fires('http_5xx')) {
    const status = [500, 502, 503, 504][Math.floor(roll() * 4)];
    return send(response, status, `<html><body>${status}</body></html>`, { 'Content-Type': 'text/html' });
  }
  if (api.fires('stalls')) {
    await sleep(switches.stall_ms);
    return request.socket.destroy();
  }
  const latency = switches.latency_ms + roll() * switches.jitter_ms;
  if (latency > 0) await sleep(latency);
  const bearer = /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1];
  const { status, result } = api.answer(asked, bearer, kind);
  const bytes = bytesOf(result);
  if (!api.fires('truncated')) return send(response, status, bytes);
  const part = bytes.subarray(0, Math.floor(bytes.length * roll()));
  if (roll() < 0.5) return send(response, status, part);
  response.writeHead(status, { 'Content-Type': 'application/json', 'Content-Length': bytes.length });
  response.write(part, () => response.destroy());
}

const overview = () => ({ switches, counters, stones: inventory.size, on_sale: inventory.onSale });

/** Does to so many stones, or to these. */
function each(wanted, what) {
  if (Array.isArray(wanted)) wanted.forEach((id) => what(numberOf(id)));
  else for (let n = 0; n < wanted; ++n) what();
}

const kActions = {
  sell: (wanted) => each(wanted, (number) => inventory.sell(number)),
  give_back: (wanted) => each(wanted, (number) => inventory.giveBack(number)),
  change: (wanted) => each(wanted, (number) => inventory.change(number)),
  reprice: (wanted) => each(wanted, (number) => inventory.reprice(number)),
  all_traps: () => Object.assign(switches, kAllTraps),
  add: (count) => inventory.add(count),
  mark: () => inventory.mark(),
  revoke_tokens: () => api.revokeTokens(),
  reset_counters: () => counters.reset(),
};

function obey(orders) {
  for (const [name, value] of Object.entries(orders)) {
    if (name in kActions) kActions[name](value);
    else if (!turn(switches, name, value)) throw new TypeError(`there is no ${name}`);
    if (name === 'down_ms') downUntil = Date.now() + value;
  }
}

async function serveControl(request, response) {
  const what = request.url.slice('/control'.length);
  const lines = (ids) => send(response, 200, ids.map((id) => `${id}\n`).join(''), { 'Content-Type': 'text/plain' });
  if (what === '/on-sale') return lines(inventory.idsOnSale());
  if (what === '/staying') return lines(inventory.idsStaying());
  if (what.startsWith('/stone/')) {
    const number = numberOf(what);
    if (!(number < inventory.size)) return send(response, 404, { error: 'no such stone' });
    const item = spoil(inventory.item(number), number, switches);
    return send(response, 200, { on_sale: inventory.isOnSale(number), changed: inventory.versions[number], item });
  }
  if (what !== '') return send(response, 404, { error: 'no such address' });
  if (request.method === 'POST') {
    try {
      obey(await bodyOf(request));
    } catch (error) {
      return send(response, 400, { error: error.message });
    }
  }
  send(response, 200, overview());
}

const server = createServer((request, response) => {
  const serve = request.url.startsWith('/control') ? serveControl : serveApi;
  if (serve === serveApi && (request.url !== kPath || request.method !== 'POST')) return send(response, 404, 'not found');
  serve(request, response).catch((error) => {
    process.stderr.write(`standin: ${error.stack}\n`);
    response.destroy();
  });
});
server.keepAliveTimeout = 120_000;
server.on('error', (error) => fail(error.message));
server.listen(options.port, '127.0.0.1', () => {
  const at = `http://127.0.0.1:${server.address().port}`;
  const ready = { endpoint: at + kPath, control: `${at}/control`, stones: inventory.size, pid: process.pid };
  process.stdout.write(`${JSON.stringify(ready)}\n`);
});

for (const signal of ['SIGTERM', 'SIGINT']) process.on(signal, () => process.exit(0));
process.stdin.on('end', () => process.exit(0)).on('error', () => process.exit(0)).resume();
