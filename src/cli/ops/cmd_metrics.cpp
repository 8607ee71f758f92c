#include <nlohmann/json.hpp>

#include "am/cli/context.hpp"
#include "am/kernel/file_write.hpp"
#include "cli/commands.hpp"
#include "cli/desks.hpp"

namespace am::cli {

namespace {

using Json = nlohmann::ordered_json;

struct MetricsOptions {
  std::optional<std::string> textfile;
};

void metrics_flags(Flags& f, MetricsOptions& o) {
  f.text("--textfile", o.textfile, "PATH", "write them into this file instead, replacing it as a whole");
}

std::string_view metric_type_name(kernel::MetricType type) {
  return type == kernel::MetricType::counter ? "counter"
         : type == kernel::MetricType::gauge ? "gauge"
                                             : "histogram";
}

Json families_json(const std::vector<kernel::MetricFamily>& families) {
  Json list = Json::array();
  for (const kernel::MetricFamily& family : families) {
    Json samples = Json::array();
    for (const kernel::MetricSample& sample : family.samples) {
      Json labels = Json::object();
      for (const auto& [name, value] : sample.labels) labels[name] = value;
      samples.push_back({{"labels", labels}, {"value", sample.value}});
    }
    list.push_back({{"name", family.name},
                    {"type", metric_type_name(family.type)},
                    {"help", family.help},
                    {"samples", samples}});
  }
  return list;
}

Outcome write_metrics(const MetricsOptions& o, Context& context) {
  const auto read = [&](const std::vector<kernel::Statement>& statements) {
    return kernel::read_snapshot(context.db(), statements);
  };
  const kernel::ProgramMetrics metrics =
      kernel::program_metrics(read, desks_of(enabled_desks(context.config)), context.rate_limits(),
                              context.clock.now(), disabled_desks(context.config));
  const std::string text = kernel::metrics_text(metrics.families);
  // Without the database there is still something to say: am_database_up 0. The exit code tells, too.
  Outcome outcome = metrics.error ? outcome_of(*metrics.error) : Outcome{};
  if (!o.textfile) {
    outcome.table = text;
    outcome.data = Json{{"families", families_json(metrics.families)}}.dump();
    return outcome;
  }
  if (metrics.error)
    context.log.warn("the metrics lack what is stored", {{"error", metrics.error->message()}});
  kernel::write_file_atomically(*o.textfile, text);
  if (!metrics.error) outcome.kind = OutcomeKind::changed;
  outcome.table = "wrote " + *o.textfile + "\n";
  outcome.data = Json{{"path", *o.textfile}}.dump(-1, ' ', false, Json::error_handler_t::replace);
  return outcome;
}

}  // namespace

Command metrics() {
  return make_command<MetricsOptions>(
      {.path = "metrics",
       .summary = "how the jobs stand, in Prometheus' text format",
       .details =
           "The same as /metrics of serve-readonly, without what only a server knows. When the database does not "
           "answer, am_database_up is 0 and the exit code tells why.",
       .examples = {"am metrics", "am metrics --textfile /var/lib/prometheus/node-exporter/am.prom --quiet"},
       .exits = {ExitCode::no_input, ExitCode::denied},
       .config = {"database.url", "desks.enabled", "alpha_vantage.limits", "stooq.limits"}},
      metrics_flags, write_metrics);
}

}  // namespace am::cli
