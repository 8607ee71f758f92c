// What Prometheus is told of the strategy desk. No label is a session, a signal or an order: there is no end to those.

#include <string>

#include "duties.hpp"

namespace am::strategy {

using kernel::MetricFamily;
using kernel::Row;
using kernel::Rows;

namespace {

MetricFamily gauge_family(std::string name, std::string help) {
  return {.name = "am_strategy_" + std::move(name),
          .help = std::move(help),
          .type = kernel::MetricType::gauge,
          .samples = {}};
}

/// A sample for each row: its column `value`, labelled by the others that are named.
void fill(MetricFamily& family, const Rows& rows, std::initializer_list<const char*> labels,
          const char* value = "value") {
  for (const Row row : rows) {
    if (row.is_null(value)) continue;
    kernel::MetricLabels all;
    for (const char* label : labels) all.emplace_back(label, row.text(label));
    family.samples.push_back({.labels = std::move(all), .value = row.decimal(value).to_double()});
  }
}

}  // namespace

std::vector<kernel::Statement> ask_strategy_metrics(Instant /*now*/) {
  return {
      {"SELECT mode, asset_type AS type, status, count(*) AS value FROM trading.sessions GROUP BY 1, 2, 3 ORDER BY 1, 2, 3",
       {}},
      {"SELECT mode, asset_type AS type, count(*) FILTER (WHERE stale_since IS NOT NULL) AS stale, count(*) FILTER (WHERE "
       "lease_until IS NULL OR lease_until <= statement_timestamp()) AS without_engine, count(*) FILTER (WHERE trading = "
       "'REDUCING') AS reducing, count(*) FILTER (WHERE trading = 'HALTED') AS halted, extract(epoch FROM min(stale_since))::text "
       "AS stale_since, extract(epoch FROM min(last_event_at))::text AS last_event FROM trading.sessions WHERE status = 'RUNNING' "
       "GROUP BY 1, 2 ORDER BY 1, 2",
       {}},
      {"SELECT s.mode, g.status, count(*) AS value FROM trading.signals g JOIN trading.sessions s ON s.id = g.session_id WHERE "
       "g.created_at > statement_timestamp() - interval '1 day' GROUP BY 1, 2 ORDER BY 1, 2",
       {}},
      {"SELECT mode, status, count(*) AS value FROM trading.orders WHERE closed_at IS NULL OR closed_at > statement_timestamp() - "
       "interval '1 day' GROUP BY 1, 2 ORDER BY 1, 2",
       {}},
      // How long a signal took to be placed, in the last hour; in a rehearsal its moment is of the bars.
      {"SELECT q.which, q.value::text AS value FROM (SELECT percentile_cont(ARRAY[0.5, 0.99]) WITHIN GROUP (ORDER BY took) AS p, "
       "max(took) AS longest FROM (SELECT extract(epoch FROM o.placed_at - g.generated_at)::float8 AS took FROM trading.orders o "
       "JOIN trading.signals g ON g.id = o.signal_id WHERE o.created_at > statement_timestamp() - interval '1 hour' AND o.placed_at "
       "IS NOT NULL AND o.mode <> 'rehearsal') t) l, LATERAL (VALUES ('p50', l.p[1]), ('p99', l.p[2]), ('longest', l.longest)) q(which, value)",
       {}},
      {"SELECT coalesce(sum(virtual_balance), 0)::text AS cash, coalesce(sum(reserved), 0)::text AS reserved, (SELECT "
       "coalesce(sum(cost), 0) FROM trading.positions)::text AS cost, coalesce((SELECT CASE trading WHEN 'ACTIVE' THEN 0 WHEN "
       "'REDUCING' THEN 1 ELSE 2 END FROM trading.switch), 0) AS switch FROM trading.users",
       {}},
      // As the gateway reckons it: deposits, what trades came to, and what is held at the last known price.
      {"SELECT e.mode, max(100 * (e.peak - e.now) / nullif(e.peak, 0))::text AS value FROM (SELECT s.mode, s.peak_equity AS peak, "
       "d.deposits + coalesce(p.realised - p.fees - p.cost + coalesce(round(p.quantity * b.c::numeric, 2), p.cost), 0) AS now FROM "
       "trading.sessions s CROSS JOIN LATERAL (SELECT coalesce(sum(amount), 0) AS deposits FROM trading.cash_entries WHERE user_id = s.user_id "
       "AND kind IN ('deposit', 'correction')) d LEFT JOIN trading.positions p ON p.session_id = s.id AND p.symbol = s.symbol LEFT "
       "JOIN LATERAL (SELECT c FROM market.bars WHERE symbol = s.symbol AND timeframe = s.timeframe ORDER BY ts DESC LIMIT 1) b ON "
       "true WHERE s.status = 'RUNNING' AND s.peak_equity IS NOT NULL) e GROUP BY 1 ORDER BY 1",
       {}},
      // Of the newest events: their moments have no index.
      {"SELECT kind AS what, count(*) AS value FROM (SELECT kind, at FROM ops.events ORDER BY id DESC LIMIT 10000) e WHERE kind IN "
       "('gap', 'bars_missing') AND at > statement_timestamp() - interval '1 day' GROUP BY 1 ORDER BY 1",
       {}}};
}

std::vector<MetricFamily> make_strategy_metrics(std::span<const Rows> results, Instant /*now*/) {
  MetricFamily sessions = gauge_family("sessions", "Sessions by mode, type and state.");
  fill(sessions, results[0], {"mode", "type", "status"});
  MetricFamily stale =
      gauge_family("stale_sessions", "Running sessions for which something of the market is missing.");
  fill(stale, results[1], {"mode", "type"}, "stale");
  MetricFamily stale_since =
      gauge_family("stale_since_timestamp_seconds", "Since when the longest of them waits for it.");
  fill(stale_since, results[1], {"mode", "type"}, "stale_since");
  MetricFamily unheld = gauge_family("sessions_without_engine", "Running sessions that no engine has now.");
  fill(unheld, results[1], {"mode", "type"}, "without_engine");
  MetricFamily seen =
      gauge_family("last_event_timestamp_seconds",
                   "The market's last event that the furthest behind of running sessions has seen.");
  fill(seen, results[1], {"mode", "type"}, "last_event");
  MetricFamily held_back = gauge_family(
      "sessions_held_back", "Running sessions that may only sell (REDUCING) or do nothing (HALTED).");
  for (const Row row : results[1]) {
    for (const char* state : {"reducing", "halted"})
      held_back.samples.push_back(
          {.labels = {{"mode", row.text("mode")}, {"type", row.text("type")}, {"trading", state}},
           .value = static_cast<double>(row.integer(state))});
  }
  MetricFamily signals = gauge_family("signals", "Signals of the last day by what became of them.");
  fill(signals, results[2], {"mode", "status"});
  MetricFamily orders =
      gauge_family("orders", "Orders that are open, or were closed within the last day, by state.");
  fill(orders, results[3], {"mode", "status"});
  MetricFamily took =
      gauge_family("signal_to_order_seconds", "From a signal to the placing of its order, in the last hour.");
  fill(took, results[4], {"which"});
  MetricFamily halt = gauge_family("halt", "What everything may do: 0 trade, 1 only sell, 2 nothing.");
  MetricFamily money =
      gauge_family("dollars", "Virtual cash of all users, what of it is reserved, cost of what is held.");
  const Row sums = results[5].only();
  halt.samples.push_back({.labels = {}, .value = static_cast<double>(sums.integer("switch"))});
  for (const char* which : {"cash", "reserved", "cost"})
    money.samples.push_back({.labels = {{"which", which}}, .value = sums.decimal(which).to_double()});
  MetricFamily drawdown =
      gauge_family("drawdown_percent", "How far the worst of running sessions is below its highest value.");
  fill(drawdown, results[6], {"mode"});
  MetricFamily gaps =
      gauge_family("gaps", "Gaps in the market's data in the last day, and those that could not be filled.");
  fill(gaps, results[7], {"what"});
  return {sessions, stale, stale_since, unheld, seen,     held_back, signals,
          orders,   took,  halt,        money,  drawdown, gaps};
}

}  // namespace am::strategy
