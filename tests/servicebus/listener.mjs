// A stand-in for Azure Service Bus: queues and their dead-letter nodes over plain AMQP, as its own client and am's meet them.
// In memory. Runs until its stdin ends or a SIGTERM comes; prints one line of JSON once it listens: port, connection_string.
//
//   AM_SERVICEBUS_MODULES=DIR node listener.mjs [--port N] [--lock-ms N] [--most-deliveries N]
//
// A queue exists once somebody names it. Who sends the key by SASL PLAIN is let in; else each link needs a token (CBS).

import { randomBytes, randomUUID } from 'node:crypto';
import { createRequire } from 'node:module';
import { parseArgs } from 'node:util';

const require = createRequire(`${process.env.AM_SERVICEBUS_MODULES ?? process.cwd()}/package.json`);
const rhea = require('rhea');
const { message, types } = rhea;
const kDeadLetters = '/$deadletterqueue';
const kBatch = 0x80013700;
const kKeyName = 'RootManageSharedAccessKey';
const key = randomBytes(24).toString('base64');
const kText = { type: 'string' };
const { values: options } = parseArgs({ options: { port: kText, 'lock-ms': kText, 'most-deliveries': kText } });
const kLockMs = Number(options['lock-ms'] ?? 60_000);
const kMostDeliveries = Number(options['most-deliveries'] ?? 10);

// rhea forgets the bytes that it decodes, and encoding again would lose the types.
const decode = message.decode;
message.decode = (bytes) => Object.assign(decode(bytes), { bytes });

/** The sections of a message by their code. */
function sectionsOf(bytes) {
  const reader = new types.Reader(bytes);
  const sections = new Map();
  while (reader.remaining()) {
    const from = reader.position;
    const code = Number(reader.read().descriptor.value);
    sections.set(code, Buffer.concat([sections.get(code) ?? Buffer.alloc(0), bytes.subarray(from, reader.position)]));
  }
  return sections;
}
const kHeader = 0x70;
const kDeliveryAnnotations = 0x71;
const kAnnotations = 0x72;
const kApplication = 0x74;

/** .NET writes the first three groups of a GUID with their least byte first. */
function swapped(uuid) {
  const bytes = Buffer.from(uuid.replaceAll('-', ''), 'hex');
  bytes.subarray(0, 4).reverse();
  bytes.subarray(4, 6).reverse();
  bytes.subarray(6, 8).reverse();
  return bytes;
}

class Queue {
  constructor(name) {
    Object.assign(this, { name, waiting: [], receivers: new Set(), numbers: 0 });
  }

  add(bytes) {
    this.waiting.push({ number: ++this.numbers, bytes, deliveries: 0, at: Date.now() });
    this.flow();
  }

  /** Comes back in its old place. */
  giveBack(item) {
    if (item.deliveries >= kMostDeliveries && !this.name.endsWith(kDeadLetters)) {
      return this.bury(item, { condition: 'MaxDeliveryCountExceeded', description: `delivered ${item.deliveries} times` });
    }
    const at = this.waiting.findIndex(({ number }) => number > item.number);
    this.waiting.splice(at < 0 ? this.waiting.length : at, 0, item);
    this.flow();
  }

  bury(item, error) {
    const info = error?.info ?? {};
    const why = {
      ...decode(item.bytes).application_properties,
      DeadLetterReason: info.DeadLetterReason ?? error?.condition ?? 'Rejected',
      DeadLetterErrorDescription: info.DeadLetterErrorDescription ?? error?.description ?? '',
    };
    const sections = sectionsOf(item.bytes);
    sections.set(kApplication, sectionsOf(message.encode({ application_properties: why })).get(kApplication));
    queueOf(this.name + kDeadLetters).add(inOrder(sections));
  }

  flow() {
    for (const receiver of this.receivers) {
      while (receiver.free() && this.waiting.length > 0) receiver.deliver(this.waiting.shift());
    }
  }
}

const inOrder = (sections) => Buffer.concat([...sections].sort(([a], [b]) => a - b).map(([, bytes]) => bytes));

/** What a receiver gets: the sender's bytes, with the broker's header and annotations before them. */
function stamped(item) {
  const sections = sectionsOf(item.bytes);
  const ours = sectionsOf(message.encode({
    durable: true,
    delivery_count: item.deliveries,
    message_annotations: {
      'x-opt-sequence-number': types.wrap_long(item.number),
      'x-opt-enqueued-time': types.wrap_timestamp(item.at),
      'x-opt-locked-until': types.wrap_timestamp(Date.now() + kLockMs),
    },
  }));
  sections.delete(kDeliveryAnnotations);
  for (const code of [kHeader, kAnnotations]) sections.set(code, ours.get(code));
  return inOrder(sections);
}

const queues = new Map();
function queueOf(address) {
  const name = address.toLowerCase().replace(/^\/+/, '');
  if (!queues.has(name)) queues.set(name, new Queue(name));
  return queues.get(name);
}

const accepted = message.accepted().described();

/** A link that takes from a queue. Its credit is counted here: rhea's own leaves out what is about to be written. */
function serveReceiver(sender, queue) {
  const held = new Map(); // by delivery
  let used = 0;
  let limit = 0; // both as the link counts deliveries
  const receiver = { free: () => used < limit && sender.session.outgoing.available() > 0 };
  receiver.deliver = (item) => {
    const bytes = stamped(item);
    ++item.deliveries;
    ++used;
    const delivery = sender.send(bytes, swapped(randomUUID()), 0);
    if (sender.local.attach.snd_settle_mode === 1) return; // receive and delete
    const lock = setTimeout(() => held.delete(delivery) && queue.giveBack(item), kLockMs);
    held.set(delivery, { item, lock });
  };
  const settle = (name) => ({ delivery }) => {
    const { item, lock } = held.get(delivery) ?? {};
    held.delete(delivery);
    clearTimeout(lock);
    const outcome = delivery.remote_state;
    // An answer that repeats the reason would be an error of the answer itself to Service Bus's client.
    delivery.update(true, name === 'rejected' ? message.rejected().described() : outcome.described());
    delivery.remote_settled = true; // whom this answers waits for it, and says no more
    if (!item) return; // its lock was lost
    if (name === 'rejected') queue.bury(item, outcome.error);
    else if (name !== 'accepted') queue.giveBack(item);
    queue.flow(); // there may be room again
  };
  for (const name of ['accepted', 'rejected', 'released', 'modified']) sender.on(name, settle(name));
  sender.on('sender_flow', () => {
    limit = sender.delivery_count + sender.credit;
    queue.flow();
  });
  sender.on('sender_draining', () => {
    used = limit; // all that was there is on its way; the rest of the credit is given up
    sender.set_drained(true);
  });
  const over = () => {
    if (!queue.receivers.delete(receiver)) return;
    for (const { item, lock } of held.values()) {
      clearTimeout(lock);
      queue.giveBack(item);
    }
    held.clear();
  };
  sender.on('sender_close', over);
  sender.connection.on('disconnected', over);
  sender.connection.on('connection_close', over);
  queue.receivers.add(receiver);
}

/** A link that puts into a queue; a batch holds whole messages in its data sections. */
function serveSender(receiver, queue) {
  receiver.on('message', ({ message: got, delivery, format }) => {
    if (format === kBatch) {
      const { content, multiple } = decode(got).body;
      (multiple ? content : [content]).forEach((bytes) => queue.add(bytes));
    } else {
      queue.add(got.bytes);
    }
    delivery.update(true, accepted);
  });
}

/** Answers what arrives at $cbs: each token is good. */
function serveTokens(receiver) {
  receiver.on('message', ({ message: asked, delivery, connection }) => {
    delivery.update(true, accepted);
    (connection.audiences ??= []).push(String(asked.application_properties.name).toLowerCase());
    const reply = connection.replies?.get(asked.reply_to) ?? connection.cbs;
    reply.send({
      correlation_id: asked.message_id,
      application_properties: { 'status-code': 202, 'status-description': 'Accepted' },
      body: null,
    });
  });
}

function admit(connection, link, address) {
  const may = connection.sasl_transport?.username === kKeyName ||
    connection.audiences?.some((name) => name.includes(address.toLowerCase()));
  if (!may) link.close({ condition: 'amqp:unauthorized-access', description: `no token for ${address}` });
  return may;
}

const container = rhea.create_container({ id: 'servicebus-standin' });
container.sasl_server_mechanisms.enable_anonymous();
container.sasl_server_mechanisms.enable_plain((user, password) => user === kKeyName && password === key);

container.on('sender_open', ({ sender, connection }) => {
  const { source, target } = sender.remote.attach;
  sender.set_source({ address: source.address });
  sender.set_target({ address: target?.address });
  if (source.address === '$cbs') {
    connection.cbs = sender;
    (connection.replies ??= new Map()).set(target?.address, sender);
  } else if (admit(connection, sender, source.address)) {
    serveReceiver(sender, queueOf(source.address));
  }
});
container.on('receiver_open', ({ receiver, connection }) => {
  const { target } = receiver.remote.attach;
  receiver.set_target({ address: target.address });
  if (target.address === '$cbs') serveTokens(receiver);
  else if (admit(connection, receiver, target.address)) serveSender(receiver, queueOf(target.address));
});
// What a peer does wrong ends its connection, not this program.
const kTroubles = 'connection_error session_error sender_error receiver_error disconnected protocol_error error';
for (const name of kTroubles.split(' ')) container.on(name, () => {});

const server = container.listen({
  port: Number(options.port ?? 0), host: '127.0.0.1',
  sender_options: { autosettle: false, treat_modified_as_released: false },
  receiver_options: { autoaccept: false, credit_window: 100 },
});
server.on('listening', () => {
  const { port } = server.address();
  const connection_string = `Endpoint=sb://127.0.0.1:${port};SharedAccessKeyName=${kKeyName};SharedAccessKey=${key};` +
    'UseDevelopmentEmulator=true;';
  process.stdout.write(`${JSON.stringify({ port, connection_string })}\n`);
});

for (const signal of ['SIGTERM', 'SIGINT']) process.on(signal, () => process.exit(0));
process.stdin.on('end', () => process.exit(0)).on('error', () => process.exit(0)).resume();
