// The stand-in as a client sees it. Run by tests/support/feed/selftest.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const kItems = '{ total_count items { id price diamond { id certificate { carats color f_color labgrown comments } } } }';
const kPage = `query($token: String!, $query: DiamondQuery, $offset: Int, $limit: Int, $order: DiamondOrder) {
  as(token: $token) { diamonds_by_query(query: $query, offset: $offset, limit: $limit, order: $order) ${kItems} } }`;
const kCount = 'query($token: String!, $query: DiamondQuery) { as(token: $token) { diamonds_by_query_count(query: $query) } }';
const kLogin = `query($u: String!, $p: String!) {
  authenticate { username_and_password(username: $u, password: $p) { token expires } } }`;
const kOldestFirst = { type: 'createdAt', direction: 'ASC' };

class Client {
  static async start(...options) {
    const client = new Client();
    client.child = spawn(process.execPath, [fileURLToPath(new URL('standin.mjs', import.meta.url)), ...options], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    client.ready = JSON.parse((await once(client.child.stdout, 'data'))[0]);
    return client;
  }

  async end() {
    const over = once(this.child, 'exit');
    this.child.stdin.end();
    assert.deepEqual(await over, [0, null]);
  }

  post(query, variables = {}, headers = {}) {
    return fetch(this.ready.endpoint, { method: 'POST', headers, body: JSON.stringify({ query, variables }) });
  }

  async ask(query, variables, headers) {
    return (await this.post(query, variables, headers)).json();
  }

  async login() {
    const { data } = await this.ask(kLogin, { u: 'crawler@example.com', p: 'carats' });
    this.session = data.authenticate.username_and_password;
    this.token = this.session.token;
  }

  async count(query = {}) {
    return (await this.ask(kCount, { token: this.token, query })).data.as.diamonds_by_query_count;
  }

  async page(offset, { query = {}, limit = 50, order = kOldestFirst } = {}) {
    return (await this.ask(kPage, { token: this.token, query, offset, limit, order })).data.as.diamonds_by_query;
  }

  async control(orders) {
    const response = await fetch(this.ready.control, orders && { method: 'POST', body: JSON.stringify(orders) });
    return { status: response.status, ...(await response.json()) };
  }

  async ids(which) {
    return (await (await fetch(`${this.ready.control}/${which}`)).text()).trim().split('\n');
  }
}

const running = (options, body) => async (t) => {
  const client = await Client.start(...options);
  t.after(() => client.child.kill('SIGKILL'));
  await client.login();
  await body(client);
  await client.end();
};

/** A crawl as a careful client does it: each page begins with a stone that is known, or the rows have shifted. */
async function crawl(client) {
  const seen = new Set();
  let next = 0;
  let stale = 0;
  let empty = 0;
  for (let requests = 0, back = 0; requests < 3000 && stale < 4 && empty < 2; ++requests) {
    const at = empty ? next : Math.max(0, next - 1 - back);
    const result = await client.post(kPage, { token: client.token, query: {}, offset: at, limit: 30, order: kOldestFirst })
      .then(async (response) => response.ok && JSON.parse(await response.text())).catch(() => null);
    const items = result && !result.errors && result.data.as.diamonds_by_query.items;
    if (!items) continue;
    if (at > 0 && items.length > 0 && !seen.has(items[0].diamond.id) && back < 150) {
      back += 30;
      continue;
    }
    back = 0;
    const before = seen.size;
    for (const { diamond } of items) seen.add(diamond.id);
    empty = items.length <= (empty ? 0 : at > 0 ? 1 : 0) ? empty + 1 : 0;
    stale = seen.size > before ? 0 : stale + 1;
    next = Math.max(at + items.length, 0);
  }
  return seen;
}

test('answers as the supplier does', running([], async (client) => {
  assert.equal(client.ready.stones, 53_940);
  assert.equal(client.session.expires, 21_600);
  assert.equal(await client.count(), 53_940);
  const halves = [{ to: 800 }, { from: 801 }];
  const [low, high] = await Promise.all(halves.map((dollar_value) => client.count({ dollar_value })));
  assert.ok(low + high < 53_940, 'stones of 800.50 dollars are in neither');
  const page = await client.page(100, { query: { dollar_value: { from: 1000, to: 2000 }, labgrown: true }, limit: 20 });
  assert.equal(page.items.length, 20);
  assert.equal(page.total_count, await client.count({ dollar_value: { from: 1000, to: 2000 }, labgrown: true }));
  for (const { price, diamond } of page.items) {
    assert.ok(price >= 100_000 && price <= 200_000 && diamond.certificate.labgrown);
  }
  const inverted = await client.page(0, { query: { dollar_value: { from: 9000, to: 1 } } });
  assert.equal(inverted.items.length, 50);
  const fancy = await client.page(0, { query: { color: ['FANCY'] } });
  assert.ok(fancy.items.every(({ diamond }) => diamond.certificate.f_color && !diamond.certificate.labgrown));
  const recent = { updated: { from: new Date(Date.now() - 60_000).toISOString() } };
  assert.equal(await client.count(recent), 0);
  await client.control({ change: 3 });
  assert.equal(await client.count(recent), 3);

  const unknown = await client.ask('{ diamonds_by_query { items { updated_at } } }');
  assert.match(unknown.errors[0].message, /Cannot query field "updated_at" on type "Item"/);
  const header = { Authorization: `Bearer ${client.token}` };
  assert.equal((await client.ask('{ diamonds_by_query_count }', {}, header)).data.diamonds_by_query_count, 53_940);
  assert.match((await client.ask('{ diamonds_by_query_count }')).errors[0].message, /Authentication required/);
  const long = await client.ask(kPage, { token: client.token, limit: 51 });
  assert.match(long.errors[0].message, /limit/);
}));

test('has the recorded counts', running(['--recorded'], async (client) => {
  assert.equal(await client.count(), 428_771);
  const between = (from, to) => client.count({ dollar_value: { from, to } });
  const near = (got, wanted) => assert.ok(Math.abs(got - wanted) <= wanted / 100 + 3, `${got} is not about ${wanted}`);
  near(await between(0, 500), 100_451);
  near(await between(500, 1000), 90_198);
  near(await between(100_000, 250_000), 1123);
  near(await between(0, 250), 50_225);
}));

test('repeats the stones under new ids', running(['--stones', '120000'], async (client) => {
  const ids = await client.ids('on-sale');
  assert.equal(new Set(ids).size, 120_000);
  await client.control({ add: 500 });
  assert.equal(await client.count(), 120_500);
}));

test('sells, takes back and changes', running(['--stones', '1000'], async (client) => {
  const { items } = await client.page(0);
  const ids = items.map(({ diamond }) => diamond.id);
  await client.control({ sell: [ids[0], ids[1]] });
  assert.deepEqual((await client.page(0)).items[0], items[2]);
  await client.control({ give_back: [ids[1]], change: [ids[2]], reprice: [ids[3]] });
  const after = (await client.page(0)).items;
  assert.deepEqual(after[0], items[1]);
  assert.equal(after[1].price, items[2].price);
  assert.notEqual(after[2].price, items[3].price);
  const staying = new Set(await client.ids('staying'));
  assert.equal(staying.size, 997);
  assert.ok(staying.has(ids[2]) && !staying.has(ids[1]) && !staying.has(ids[3]));
  assert.equal((await client.control()).on_sale, 999);
  assert.equal((await client.control({ nonsense: 1 })).status, 400);
}));

test('refuses and forgets logins', running(['--stones', '100', '--token-seconds', '0.05'], async (client) => {
  await new Promise((resolve) => setTimeout(resolve, 60));
  const refused = await client.ask(kCount, { token: client.token });
  assert.match(refused.errors[0].message, /Token expired/);
  await client.control({ token_seconds: 600, expires_as: 'moment', auth_failure: '401', refuse_logins: 1 });
  assert.equal((await client.post(kLogin, { u: 'crawler@example.com', p: 'carats' })).status, 401);
  await client.login();
  assert.ok(client.session.expires > 1e9);
  await client.control({ revoke_tokens: true });
  assert.equal((await client.post(kCount, { token: client.token })).status, 401);
  const { counters } = await client.control();
  assert.deepEqual([counters.logins, counters.logins_refused, counters.unauthorized], [2, 1, 2]);
}));

test('counts the busiest second and limits it', running(['--stones', '100'], async (client) => {
  await new Promise((resolve) => setTimeout(resolve, 1100));
  await client.control({ rate_limit: 10, retry_after: 2, reset_counters: true });
  const answers = await Promise.all(Array.from({ length: 15 }, () => client.post(kCount, { token: client.token })));
  const late = answers.filter(({ status }) => status === 429);
  assert.ok(late.length >= 5);
  assert.equal(late[0].headers.get('retry-after'), '2');
  const { counters } = await client.control();
  assert.deepEqual([counters.requests, counters.refused_by_rate, counters.kinds.count], [15, late.length, 15]);
  assert.ok(counters.most_in_a_second <= 15 && counters.most_in_a_second >= 11);
}));

test('each answer can be wrong', running(['--stones', '500'], async (client) => {
  const asked = () => client.post(kPage, { token: client.token, offset: 10, limit: 10, order: kOldestFirst });
  const trap = async (switches, check) => {
    await client.control(switches);
    await check(await asked().catch((error) => error));
    await client.control(Object.fromEntries(Object.keys(switches).map((name) => [name, name === 'stall_ms' ? 1 : 0])));
  };
  const json = async (response) => JSON.parse(await response.text());
  await trap({ graphql_errors: 1 }, async (r) => assert.equal((await json(r)).data, null));
  await trap({ partial_errors: 1 }, async (r) => {
    const { data, errors } = await json(r);
    assert.equal(data.as.diamonds_by_query.items.length, 10);
    assert.equal(errors.length, 1);
  });
  await trap({ http_429: 1 }, (r) => assert.deepEqual([r.status, r.headers.get('retry-after')], [429, null]));
  await trap({ http_5xx: 1 }, (r) => assert.ok(r.status >= 500));
  await trap({ stalls: 1, stall_ms: 20 }, (r) => assert.ok(r instanceof Error));
  await trap({ down_ms: 60_000 }, (r) => assert.ok(r instanceof Error));
  await trap({ truncated: 1 }, (r) => assert.rejects(json(r)));
  await trap({ short_pages: 1 }, async (r) => assert.ok((await json(r)).data.as.diamonds_by_query.items.length < 10));
  await trap({ nul: 1 }, async (r) => assert.match(await r.text(), /"a\\u0000b"/));
  await trap({ invalid_utf8: 1 }, async (r) => assert.equal((await json(r)).data.as.diamonds_by_query.items.length, 10));
  await client.control({ total_is_page_size: true, no_end: true, count_factor: 2, surrogates: 1, unmappable: 1 });
  assert.equal((await client.page(505, { limit: 7 })).total_count, 7);
  assert.equal(await client.count(), 1000);
}));

test('a careful crawl through all traps misses none that stayed', running(['--stones', '3000'], async (client) => {
  await client.control({ all_traps: true });
  const seen = await crawl(client);
  const missed = (await client.ids('staying')).filter((id) => !seen.has(id));
  const { counters } = await client.control();
  assert.deepEqual(missed, [], JSON.stringify(counters));
  for (const name of ['sell_every', 'short_pages', 'no_end', 'truncated', 'http_429']) assert.ok(counters.traps[name], name);
}));
