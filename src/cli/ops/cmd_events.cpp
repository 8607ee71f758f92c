#include <map>

#include <nlohmann/json.hpp>

#include "am/base/csv.hpp"
#include "am/base/text.hpp"
#include "am/base/uuid.hpp"
#include "am/cli/context.hpp"
#include "cli/commands.hpp"
#include "cli/desks.hpp"
#include "cli/table.hpp"

namespace am::cli {

namespace {

using Json = nlohmann::ordered_json;

/// Of an event's data in the table; JSON and CSV have all of it.
constexpr std::size_t kBriefBytes = 120;

struct EventsOptions {
  std::map<std::string, std::optional<std::string>> of_desks;  ///< by flag
  std::optional<std::string> subject;
  std::optional<std::string> run;
  std::optional<std::string> kind;
  std::optional<std::string> since;
  std::optional<int> limit;
};

void events_flags(Flags& f, EventsOptions& o) {
  for (const DeskFace& face : all_desks()) {
    for (const SubjectFlag& each : face.subjects)
      f.text(std::string(each.flag), o.of_desks[std::string(each.flag)], std::string(each.value),
             std::string(each.help));
  }
  f.text("--subject", o.subject, "SUBJECT", "only about this, in its desk's words");
  f.text("--run", o.run, "ID", "only of this run (am runs list)");
  f.text("--kind", o.kind, "KIND", "only of this kind, such as checkpoint_skipped");
  f.text("--since", o.since, "TIME",
         "only from then on: YYYY-MM-DD (from 0:00 UTC) or like 2026-01-26T14:00:00Z");
  f.integer("--limit", o.limit, 1, 100000, "how many, the newest first (50)");
}

Instant since_of(const std::string& text) {
  if (const auto day = Date::parse(text)) return Instant{day->days()};
  if (const auto at = parse_rfc3339(text)) return *at;
  throw Error(ErrorKind::usage, "--since " + ellipsize(text, 40) +
                                    ": expected a date YYYY-MM-DD or a moment like 2026-01-26T14:00:00Z");
}

/// "key=alpha_vantage reason=\"429\"": a line of it.
std::string brief(const std::string& data) {
  const Json json = Json::parse(data);
  std::string out;
  for (const auto& [name, value] : json.items()) {
    if (value.is_null()) continue;
    if (!out.empty()) out += ' ';
    const bool word = value.is_string() && !value.get_ref<const std::string&>().empty() &&
                      value.get_ref<const std::string&>().find_first_of(" =\"") == std::string::npos;
    out += name;
    out += '=';
    out += word ? value.get<std::string>() : value.dump();
  }
  return ellipsize(out, kBriefBytes);
}

std::string about(const kernel::EventInfo& event) {
  if (event.subject) return *event.subject;
  if (event.batch_id) return "batch " + *event.batch_id;
  return event.run_id ? "run " + *event.run_id : "";
}

Outcome list_events(const EventsOptions& o, Context& context) {
  kernel::EventFilter filter;
  if (o.run && !is_uuid(*o.run)) {
    throw Error(ErrorKind::usage, "--run " + ellipsize(*o.run, 40) + ": not a uuid",
                "list them with: am runs list");
  }
  if (o.since) filter.since = since_of(*o.since);
  filter.run_id = o.run;
  filter.kind = o.kind;
  filter.limit = o.limit.value_or(filter.limit);
  filter.subject = o.subject;
  for (const DeskFace& face : all_desks()) {
    for (const SubjectFlag& each : face.subjects) {
      if (const auto& value = o.of_desks.at(std::string(each.flag))) each.narrow(context, *value, filter);
    }
  }

  Table table({"at", "kind", "about", "data"});
  Json list = Json::array();
  Outcome outcome;
  outcome.csv = csv_record(std::vector<std::string>{"at", "kind", "batch_id", "run_id", "data", "subject"});
  for (const kernel::EventInfo& event : context.ledger().events(filter)) {
    const std::string at = format_rfc3339(event.at);
    table.add({at, event.kind, about(event), brief(event.data)});
    outcome.csv += csv_record(std::vector<std::string>{at, csv_text(event.kind), event.batch_id.value_or(""),
                                                       event.run_id.value_or(""), printable_json(event.data),
                                                       csv_text(event.subject.value_or(""))});
    list.push_back({{"at", at},
                    {"kind", event.kind},
                    {"batch_id", event.batch_id ? Json(*event.batch_id) : Json()},
                    {"run_id", event.run_id ? Json(*event.run_id) : Json()},
                    {"data", Json::parse(event.data)},
                    {"subject", event.subject ? Json(*event.subject) : Json()}});
  }
  outcome.table = table.empty() ? "no events\n" : table.text(context.options.color);
  outcome.data = list.dump();
  return outcome;
}

}  // namespace

Command events() {
  return make_command<EventsOptions>({.path = "events",
                                      .summary = "what happened, the newest first",
                                      .details = "",
                                      .examples = {"am events", "am events --batch latest",
                                                   "am events --kind checkpoint_skipped --since 2026-01-26"},
                                      .exits = {ExitCode::no_input, ExitCode::denied},
                                      .config = {"database.url"},
                                      .formats = {"table", "json", "csv"}},
                                     events_flags, list_events);
}

}  // namespace am::cli
