#include <nlohmann/json.hpp>

#include "am/cli/context.hpp"
#include "sample_desk.hpp"

namespace am::cli {

namespace {

struct CountOptions {
  std::optional<Date> day;
};

void count_flags(Flags& f, CountOptions& o) { f.date("--day", o.day, "which day"); }

/// False: it was done before.
bool count(Context& context, std::string_view job, Date day) {
  const std::string slot = day.to_string();
  const kernel::Claim claim = context.ledger().claim(job, slot, "{}");
  if (!claim.run) return false;
  claim.run->finish_with([&](kernel::Transaction& tx) {
    tx.query("INSERT INTO sample.counts SELECT $1::date, count(*) FROM sample.notes",
             kernel::sql_values(slot));
    kernel::Ledger::event(tx, "notes_counted", {}, claim.run_id, "{}", "day " + slot);
  });
  return true;
}

Outcome outcome_of_count(bool counted) {
  Outcome outcome;
  outcome.kind = counted ? OutcomeKind::changed : OutcomeKind::unchanged;
  outcome.table = counted ? "counted\n" : "unchanged\n";
  return outcome;
}

Outcome run_count(const CountOptions& o, Context& context) {
  return outcome_of_count(count(context, sample::kCountJob, o.day.value()));
}

std::vector<Command> sample_commands() {
  return {make_command<CountOptions>({.path = "sample count",
                                      .summary = "count the notes of a day",
                                      .details = "",
                                      .examples = {"am sample count --day 2026-01-05"},
                                      .exits = {ExitCode::busy},
                                      .config = {"database.url"}},
                                     count_flags, run_count)};
}

Outcome sample_tick(Context& context, long long& left) {
  Outcome outcome;
  nlohmann::ordered_json days = nlohmann::ordered_json::array();
  for (const kernel::Duty& duty : kernel::read_duties(context.db(), {&sample::desk()}, context.clock.now())) {
    if (duty.job != sample::kCountJob || !duty.is_due(context.clock.now()) || left == 0) continue;
    count(context, duty.job, Date::of(duty.slot));
    --left;
    days.push_back(duty.slot);
    outcome.kind = OutcomeKind::changed;
    outcome.table += "counted " + duty.text + "\n";
  }
  outcome.counts = {{"counted", static_cast<long long>(days.size())}};
  outcome.data = days.dump();
  return outcome;
}

Outcome sample_resume(Context& context, const kernel::RunInfo& run) {
  return outcome_of_count(count(context, run.job, Date::of(run.slot)));
}

std::vector<Error> sample_unusable(Context& context) {
  if (context.config.text("sample.base_url").ends_with("nowhere"))
    return {Error(ErrorKind::config, "sample.base_url: nobody is there")};
  return {};
}

void narrow_to_day(Context& /*context*/, const std::string& day, kernel::EventFilter& filter) {
  filter.subject = "day " + day;
}

constexpr SubjectFlag kSubjects[] = {{"--note-day", "DATE", "only of this day's notes", narrow_to_day}};

}  // namespace

DeskFace sample_face() {
  return {.desk = &sample::desk(),
          .commands = sample_commands,
          .summary = "notes, counted by day",
          .tick = sample_tick,
          .resume = sample_resume,
          .unusable = sample_unusable,
          .subjects = kSubjects,
          .section = web::sample_section};
}

}  // namespace am::cli
