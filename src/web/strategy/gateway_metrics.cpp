#include "gateway_metrics.hpp"

namespace am::web {

namespace {

using kernel::MetricFamily;
using kernel::MetricType;
using kernel::Row;

MetricFamily order_family(kernel::Sql& sql, const std::string& broker) {
  MetricFamily family{"am_gateway_orders",
                      "Orders by state and mode: those that are not over, and those of the last day.",
                      MetricType::gauge,
                      {}};
  for (
      const Row row : sql.query(
          "SELECT status, mode, count(*) AS n FROM trading.orders WHERE broker = $1 AND (closed_at IS NULL OR created_at > "
          "statement_timestamp() - interval '1 day') GROUP BY status, mode ORDER BY status, mode",
          kernel::sql_values(broker)))
    family.samples.push_back({{{"status", row.text("status")}, {"mode", row.text("mode")}},
                              static_cast<double>(row.integer("n"))});
  return family;
}

MetricFamily oldest_family(kernel::Sql& sql, const std::string& broker) {
  MetricFamily family{
      "am_gateway_unsettled_oldest_timestamp_seconds",
      "When the oldest order was made that is being placed or whose outcome is unknown; none: there is none.",
      MetricType::gauge,
      {}};
  const kernel::Rows rows = sql.query(
      "SELECT extract(epoch FROM min(created_at))::bigint AS at FROM trading.orders WHERE broker = $1 AND closed_at IS NULL AND "
      "status IN ('placing', 'unknown')",
      kernel::sql_values(broker));
  if (!rows.only().is_null("at"))
    family.samples.push_back({{}, static_cast<double>(rows.only().integer("at"))});
  return family;
}

MetricFamily trading_family(kernel::Sql& sql) {
  MetricFamily family{"am_gateway_trading",
                      "Running sessions by what they may do, and 1 for what everything may do.",
                      MetricType::gauge,
                      {}};
  for (
      const Row row : sql.query(
          "SELECT 'session' AS reach, trading, count(*) AS n FROM trading.sessions WHERE status = 'RUNNING' GROUP BY trading UNION "
          "ALL SELECT 'everything', trading, 1 FROM trading.switch ORDER BY 1, 2"))
    family.samples.push_back({{{"reach", row.text("reach")}, {"trading", row.text("trading")}},
                              static_cast<double>(row.integer("n"))});
  return family;
}

}  // namespace

std::string gateway_metrics(kernel::Sql& sql, const std::string& broker, const kernel::ServerStats& stats) {
  std::vector<MetricFamily> families{kernel::build_metric()};
  MetricFamily up{"am_database_up", "Whether the database answers.", MetricType::gauge, {{{}, 1}}};
  try {
    for (MetricFamily& family :
         std::vector{order_family(sql, broker), oldest_family(sql, broker), trading_family(sql)})
      families.push_back(std::move(family));
  } catch (const Error&) {
    up.samples.front().value = 0;
  }
  families.push_back(std::move(up));
  for (MetricFamily& family : kernel::server_metrics(stats)) families.push_back(std::move(family));
  return kernel::metrics_text(families);
}

}  // namespace am::web
