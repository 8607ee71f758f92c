-- One line of figures for bench/web: requests, microseconds, p50 and p99 in microseconds, answers that were no 2xx or 3xx, socket errors.
done = function(summary, latency)
  local e = summary.errors
  if e.connect + e.read + e.write + e.timeout > 0 then
    io.stderr:write(string.format("wrk: connect %d, read %d, write %d, timeout %d\n", e.connect, e.read, e.write, e.timeout))
  end
  io.write(string.format("figures %d %d %d %d %d %d\n", summary.requests, summary.duration, latency:percentile(50),
    latency:percentile(99), e.status, e.connect + e.read + e.write + e.timeout))
end
