// A job's payload and key.

#include <nlohmann/json.hpp>

#include "am/base/text.hpp"
#include "am/forecast/jobs.hpp"

namespace am::forecast {

namespace {

using Json = nlohmann::ordered_json;

Reject refused(const std::string& what) { return Reject{"payload: " + what}; }

std::optional<Date> date_member(const Json& json, const char* name) {
  const auto found = json.find(name);
  if (found == json.end() || !found->is_string()) return std::nullopt;
  return Date::parse(found->get_ref<const std::string&>());
}

}  // namespace

const kernel::QueueSpec& jobs_queue() {
  static const kernel::QueueSpec kQueue{.name = "forecasts", .table = "jobs.forecast_jobs"};
  return kQueue;
}

std::string_view job_type_name(JobType type) { return type == JobType::forecast ? "forecast" : "backtest"; }

std::string JobPayload::to_json() const {
  return Json{{"version", kVersion},  {"job_type", job_type_name(type)},
              {"series", series},     {"from", from.to_string()},
              {"to", to.to_string()}, {"as_of", as_of.to_string()},
              {"revision", revision}}
      .dump();
}

Result<JobPayload> JobPayload::parse(std::string_view text) {
  const Json json = Json::parse(text, nullptr, false);
  if (!json.is_object()) return refused("not a JSON object");
  const auto version = json.find("version");
  if (version == json.end() || !version->is_number_integer()) return refused("no version");
  if (*version != kVersion)
    return refused("version " + one_line(version->dump(), 20) + " (expected " + std::to_string(kVersion) +
                   ")");
  const auto type = json.find("job_type");
  JobPayload job;
  if (type != json.end() && *type == "forecast") {
    job.type = JobType::forecast;
  } else if (type != json.end() && *type == "backtest") {
    job.type = JobType::backtest;
  } else {
    return refused("job_type is neither forecast nor backtest");
  }
  const auto series = json.find("series");
  if (series == json.end() || !series->is_string() || !is_name(series->get_ref<const std::string&>()))
    return refused("series is no name");
  job.series = series->get<std::string>();
  const auto from = date_member(json, "from");
  const auto to = date_member(json, "to");
  const auto as_of = date_member(json, "as_of");
  if (!from || !to || !as_of) return refused("from, to and as_of are not all days");
  if (*to < *from) return refused("to is before from");
  if (*to - *from >= kMostDays) return refused("more than " + std::to_string(kMostDays) + " days");
  if (*from <= *as_of) return refused("as_of is not before from");
  const auto revision = json.find("revision");
  if (revision == json.end() || !revision->is_number_integer()) return refused("no revision");
  job.from = *from;
  job.to = *to;
  job.as_of = *as_of;
  job.revision = revision->get<long long>();
  return job;
}

std::string JobPayload::key() const {
  return std::string(job_type_name(type)) + "/" + series + "/" + from.to_string() + "/" + to.to_string() +
         "/" + as_of.to_string() + "/" + std::to_string(revision);
}

}  // namespace am::forecast
