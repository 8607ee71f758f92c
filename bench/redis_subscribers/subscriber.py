"""What bench/strategy_stream compares with: redis-py as its documentation (and the seed) has it, each message parsed.

Prints "ready", then one JSON line as strategy_stream_driver does.
"""

import json
import sys
import time

import redis


def main():
    pubsub = redis.Redis.from_url(sys.argv[1], decode_responses=True).pubsub(ignore_subscribe_messages=False)
    pubsub.psubscribe("market_data:*")
    expected, latencies = {}, []
    events = gaps = 0
    begun = used = 0.0
    for message in pubsub.listen():
        if message["type"] != "pmessage":
            print("ready", flush=True)
            continue
        if events == 0:
            begun, used = time.monotonic(), time.process_time()
        events += 1
        bar = json.loads(message["data"])
        channel = message["channel"]
        gaps += bar["seq"] != expected.get(channel, 0)
        expected[channel] = bar["seq"] + 1
        latencies.append(time.time_ns() / 1000 - bar["sent"])
        if bar.get("last"):
            break
    used, seconds = time.process_time() - used, time.monotonic() - begun
    latencies.sort()
    print(json.dumps({"events": events, "seconds": seconds, "cpu_us": used * 1e6 / events, "gaps": gaps,
                      "p50_us": latencies[len(latencies) // 2], "p99_us": latencies[int(len(latencies) * 0.99)]}))


main()
