#!/usr/bin/env python3
"""A subscriber by Debian's python3-redis, as a service in Python would be: JSON bars of market_data:* until one says "last".

Prints, as JSON, how many came and the processor time for each.      client.py SOCKET
"""

import json
import sys
import time

import redis

pubsub = redis.Redis(unix_socket_path=sys.argv[1]).pubsub(ignore_subscribe_messages=True)
pubsub.psubscribe("market_data:*")
events, total, before = 0, 0.0, None
while pubsub.get_message(timeout=None) is not None:  # the confirmation is ignored, and is None
    pass
print("ready", flush=True)
for message in pubsub.listen():
    if before is None:
        before = time.process_time()
    bar = json.loads(message["data"])
    total += bar["close"]
    events += 1
    if bar.get("last"):
        print(json.dumps({"events": events, "cpu_us": (time.process_time() - before) * 1e6 / events, "sum": total}))
        break
