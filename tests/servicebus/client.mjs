// Service Bus's own client, for tests of what am says to it. Prints one JSON object a line.
//
//   AM_SERVICEBUS_MODULES=DIR SERVICEBUS=CONNECTION_STRING node client.mjs send QUEUE COUNT     messages {"n": 0} …
//   … node client.mjs send QUEUE -             one message for each line of stdin, which are JSON
//   … node client.mjs receive QUEUE COUNT [complete|abandon|dead-letter|hold]
//   … node client.mjs dead QUEUE COUNT         from the dead-letter node
//
// A receiver ends when it has so many, or when half a second brought none.

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const require = createRequire(`${process.env.AM_SERVICEBUS_MODULES ?? process.cwd()}/package.json`);
const { ServiceBusClient } = require('@azure/service-bus');

const [what, queue, count, how = 'complete'] = process.argv.slice(2);
const kWait = { maxWaitTimeInMs: 500 };
const kSettle = {
  complete: (receiver, message) => receiver.completeMessage(message),
  hold: () => {}, // until its lock ends, or its connection
  abandon: (receiver, message) => receiver.abandonMessage(message),
  'dead-letter': (receiver, message) =>
    receiver.deadLetterMessage(message, { deadLetterReason: 'unwanted', deadLetterErrorDescription: 'the test says so' }),
};
const client = new ServiceBusClient(process.env.SERVICEBUS);

async function send() {
  const bodies = count === '-'
    ? readFileSync(0, 'utf8').trim().split('\n').map((line) => JSON.parse(line))
    : Array.from({ length: Number(count) }, (_, n) => ({ n }));
  const sender = client.createSender(queue);
  await sender.sendMessages(bodies.map((body, n) => ({ messageId: `m${n}`, body, contentType: 'application/json' })));
  console.log(JSON.stringify({ sent: bodies.length }));
}

async function receive(options) {
  const receiver = client.createReceiver(queue, { ...options, maxAutoLockRenewalDurationInMs: 0 });
  for (let got = 0; got < Number(count);) {
    const messages = await receiver.receiveMessages(Number(count) - got, kWait);
    if (messages.length === 0) break;
    await Promise.all(messages.map((message) => kSettle[how](receiver, message)));
    for (const message of messages) {
      const { messageId, contentType, body, applicationProperties, deliveryCount, lockToken } = message;
      console.log(JSON.stringify({
        messageId, contentType, body, applicationProperties, deliveryCount, lockToken,
        deadLetterReason: message.deadLetterReason,
      }));
    }
    got += messages.length;
  }
}

try {
  if (what === 'send') await send();
  else if (what === 'receive') await receive({});
  else if (what === 'dead') await receive({ subQueueType: 'deadLetter' });
  else throw new Error(`unknown: ${what}`);
} finally {
  await client.close();
}
