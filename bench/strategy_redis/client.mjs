// A subscriber by npm's redis, as a service in Node.js would be: JSON bars of market_data:* until one says "last". Prints, as
// JSON, how many came and the processor time for each.
//
//   AM_MODULES=DIR client.mjs SOCKET

import { createRequire } from 'node:module';

const { createClient } = createRequire(`${process.env.AM_MODULES}/package.json`)('redis');
const client = createClient({ socket: { path: process.argv[2] } });
await client.connect();

let events = 0;
let sum = 0;
let before;
await client.pSubscribe('market_data:*', (text) => {
  before ??= process.cpuUsage();
  const bar = JSON.parse(text);
  sum += bar.close;
  events += 1;
  if (!bar.last) return;
  const used = process.cpuUsage(before);
  console.log(JSON.stringify({ events, cpu_us: (used.user + used.system) / events, sum }));
  client.destroy();
});
console.log('ready');
