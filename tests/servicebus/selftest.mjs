// The listener as Service Bus's own client meets it: both ways, settled in each way. Run by ctest -R node_servicebus.

import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const path = (name) => fileURLToPath(new URL(name, import.meta.url));
const execute = promisify(execFile);

const running = (options, body) => async (t) => {
  const child = spawn(process.execPath, [path('listener.mjs'), ...options], { stdio: ['pipe', 'pipe', 'inherit'] });
  t.after(() => child.kill('SIGKILL'));
  const { connection_string: text } = JSON.parse((await once(child.stdout, 'data'))[0]);
  const client = async (...words) => {
    const env = { ...process.env, SERVICEBUS: text };
    const { stdout } = await execute(process.execPath, [path('client.mjs'), ...words], { env, maxBuffer: 1 << 26 });
    return stdout.trim().split('\n').filter(Boolean).map((line) => JSON.parse(line));
  };
  await body(client);
  const over = once(child, 'exit');
  child.stdin.end();
  assert.deepEqual(await over, [0, null]);
};
const bodies = (messages) => messages.map(({ body }) => body.n);

test('what is sent is received, once and in order', running([], async (client) => {
  assert.deepEqual(await client('send', 'items', '600'), [{ sent: 600 }]);
  const messages = await client('receive', 'items', '600');
  assert.deepEqual(bodies(messages), Array.from({ length: 600 }, (_, n) => n));
  assert.equal(messages[0].contentType, 'application/json');
  // Read with its first three groups the right way round, a token is a UUID of version 4.
  for (const { lockToken } of messages) assert.match(lockToken, /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab]/);
  assert.deepEqual(await client('receive', 'items', '1'), [], 'a wait ends, though nothing comes');
}));

test('given back it comes again, rejected it is dead', running(['--most-deliveries', '3'], async (client) => {
  await client('send', 'items', '2');
  assert.deepEqual(bodies(await client('receive', 'items', '1', 'abandon')), [0]);
  const [again] = await client('receive', 'items', '1', 'dead-letter');
  assert.deepEqual([again.body.n, again.deliveryCount], [0, 1]);
  await client('receive', 'items', '3', 'abandon'); // the third time was the last
  const dead = await client('dead', 'items', '5');
  assert.deepEqual(dead.map(({ body, deadLetterReason }) => [body.n, deadLetterReason]),
    [[0, 'unwanted'], [1, 'MaxDeliveryCountExceeded']]);
  assert.deepEqual(await client('receive', 'items', '1'), []);
}));

test('what is held comes back when its lock ends or its holder is gone', running(['--lock-ms', '200'], async (client) => {
  await client('send', 'items', '1');
  const held = await client('receive', 'items', '2', 'hold');
  assert.deepEqual(held.map(({ deliveryCount }) => deliveryCount), [0, 1]);
  const [last] = await client('receive', 'items', '1');
  assert.equal(last.deliveryCount, 2);
}));
