// What bench/strategy_stream compares with: npm `redis` as its documentation shows it, each message parsed.
// Prints "ready", then one JSON line as strategy_stream_driver does. AM_BENCH_MODULES: where its node_modules is.
import { createRequire } from "node:module";

const require = createRequire(process.env.AM_BENCH_MODULES + "/");
const { createClient } = require("redis");
const client = createClient({ url: process.argv[2] });
const latencies = [];
let events = 0, gaps = 0, begun = 0, cpu;
const expected = new Map();
const micros = () => (performance.timeOrigin + performance.now()) * 1000;

await client.connect();
await client.pSubscribe("market_data:*", (text, channel) => {
  if (events++ === 0) [begun, cpu] = [performance.now(), process.cpuUsage()];
  const bar = JSON.parse(text);
  if (bar.seq !== (expected.get(channel) ?? 0)) gaps++;
  expected.set(channel, bar.seq + 1);
  latencies.push(micros() - bar.sent);
  if (bar.last) finish();
});
console.log("ready");

function finish() {
  const used = process.cpuUsage(cpu), seconds = (performance.now() - begun) / 1000;
  latencies.sort((a, b) => a - b);
  const quantile = (share) => latencies[Math.floor(share * (latencies.length - 1))];
  console.log(JSON.stringify({ events, seconds, cpu_us: (used.user + used.system) / events, gaps, p50_us: quantile(0.5),
                               p99_us: quantile(0.99) }));
  process.exit(0);
}
