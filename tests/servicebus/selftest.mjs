// The listener as Service Bus's own client meets it: both ways, settled in each way. Run by ctest -R node_servicebus.

import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const require = createRequire(`${process.env.AM_SERVICEBUS_MODULES}/package.json`);
const rhea = require('rhea');
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
  await body(client, text);
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

/** A peer that logs in by SASL PLAIN, as Proton does; without a key it is anonymous. */
function connect(text, password) {
  const [, port] = /127\.0\.0\.1:(\d+)/.exec(text);
  const container = rhea.create_container();
  for (const name of ['error', 'disconnected']) container.on(name, () => {});
  return container.connect({ host: '127.0.0.1', port, reconnect: false, username: 'RootManageSharedAccessKey', password });
}

test('the key lets in, another or none does not', running([], async (client, text) => {
  const [error] = await once(connect(text, 'another'), 'connection_error');
  assert.ok(error);
  const stranger = connect(text);
  const [{ receiver }] = await once(stranger.open_receiver('items'), 'receiver_error');
  assert.equal(receiver.error.condition, 'amqp:unauthorized-access');
  stranger.close();

  const peer = connect(text, /SharedAccessKey=([^;]+)/.exec(text)[1]);
  const sender = peer.open_sender('items');
  await once(sender, 'sendable');
  sender.send({
    message_id: 'run/1#1',
    content_type: 'application/json',
    application_properties: { 'am-item': rhea.types.wrap_long(7) },
    body: rhea.message.data_section(Buffer.from('{"n": 7}')),
  });
  await once(sender, 'accepted');
  // Credit comes with the attach; what is sent may not come before the answer to it.
  const taker = peer.open_receiver({ source: 'items', autoaccept: false, credit_window: 0 });
  taker.add_credit(2);
  const [{ message, delivery }] = await once(taker, 'message');
  assert.deepEqual([message.message_id, message.application_properties['am-item']], ['run/1#1', 7]);
  delivery.reject({ condition: 'am:not-ours', description: 'no such row' });
  const [dead] = await client('dead', 'items', '1');
  assert.deepEqual([dead.body, dead.deadLetterReason, dead.messageId], [{ n: 7 }, 'am:not-ours', 'run/1#1']);
  peer.close();
}));
