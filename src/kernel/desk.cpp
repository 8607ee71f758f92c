#include "am/kernel/desk.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace am::kernel {

namespace {

template <class T>
void append(std::vector<T>& to, std::vector<T> more) {
  to.insert(to.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
}

MetricFamily gauge(std::string name, std::string help) {
  return {.name = std::move(name), .help = std::move(help), .type = MetricType::gauge, .samples = {}};
}

/// Places in a list of statements, of each desk.
std::vector<std::size_t> ask_duties(Questions& questions, const Desks& desks, Instant now) {
  std::vector<std::size_t> places;
  for (const ConfiguredDesk& desk : desks) {
    const auto ask = desk->duties.ask;
    places.push_back(questions.add(ask == nullptr ? std::vector<Statement>{} : ask(now, desk.zone())));
  }
  return places;
}

std::vector<Duty> make_duties(std::span<const Rows> results, const std::vector<std::size_t>& places,
                              const Desks& desks, Instant now) {
  std::vector<Duty> all;
  for (std::size_t i = 0; i < desks.size(); ++i) {
    const auto make = desks[i]->duties.make;
    if (make != nullptr) append(all, make(results.subspan(places[i]), now, desks[i].zone()));
  }
  std::ranges::stable_sort(all, {}, &Duty::due_at);
  return all;
}

std::vector<MetricFamily> stored_metrics(
    const std::function<std::vector<Rows>(const std::vector<Statement>&)>& read, const Desks& desks,
    const std::vector<RateLimit>& limits, Instant now, const Desks& off) {
  const OverviewReading reading(desks, limits, now, off);
  Questions questions;
  questions.add(reading.statements());
  std::vector<std::size_t> places;
  for (const Desk* desk : desks)
    places.push_back(
        questions.add(desk->metrics.ask == nullptr ? std::vector<Statement>{} : desk->metrics.ask(now)));
  const std::vector<Rows> results = read(questions.statements());
  const Overview overview = reading.make(results);
  std::vector<MetricFamily> out = job_metrics(overview.jobs);
  append(out, duty_metrics(overview.kinds, overview.duties, now));
  append(out, budget_metrics(overview.budgets));
  append(out, queue_metrics(overview.queues));
  for (std::size_t i = 0; i < desks.size(); ++i) {
    if (desks[i]->metrics.make != nullptr)
      append(out, desks[i]->metrics.make(std::span(results).subspan(places[i]), now));
  }
  return out;
}

}  // namespace

void Requirements::add(Requirements more) {
  append(secrets, std::move(more.secrets));
  append(hosts, std::move(more.hosts));
  append(remarks, std::move(more.remarks));
}

std::size_t Questions::add(std::vector<Statement> more) {
  const std::size_t place = statements_.size();
  append(statements_, std::move(more));
  return place;
}

OverviewReading::OverviewReading(Desks desks, std::vector<RateLimit> limits, Instant now, Desks off)
    : desks_(std::move(desks)), off_(std::move(off)), limits_(std::move(limits)), now_(now) {
  duties_ = ask_duties(questions_, desks_, now_);
  ledger_ = questions_.add({job_states_statement(), open_runs_statement(), budget_states_statement(limits_)});
  specs_ = queues_of(desks_);
  std::vector<Statement> depths;
  for (const QueueSpec* spec : specs_) depths.push_back(ask_queue_state(*spec));
  queues_ = questions_.add(std::move(depths));
}

Overview OverviewReading::make(std::span<const Rows> results) const {
  Overview overview;
  overview.now = now_;
  for (const Desk* desk : desks_)
    overview.kinds.insert(overview.kinds.end(), desk->jobs.begin(), desk->jobs.end());
  overview.duties = make_duties(results, duties_, desks_, now_);
  overview.jobs = job_states(results[ledger_]);
  overview.open = open_runs(results[ledger_ + 1]);
  const auto is_off = [&](const auto& run) {
    return std::ranges::any_of(off_, [&](const Desk* desk) {
      return std::ranges::find(desk->jobs, run.job, &Job::name) != desk->jobs.end();
    });
  };
  std::erase_if(overview.jobs, is_off);
  std::erase_if(overview.open, is_off);
  overview.budgets = budget_states(results[ledger_ + 2], limits_);
  for (std::size_t i = 0; i < specs_.size(); ++i)
    overview.queues.push_back(make_queue_state(*specs_[i], results[queues_ + i]));
  return overview;
}

std::vector<const QueueSpec*> queues_of(const Desks& desks) {
  std::vector<const QueueSpec*> queues;
  for (const Desk* desk : desks) {
    for (const QueueSpec& queue : desk->queues) queues.push_back(&queue);
  }
  return queues;
}

std::vector<Duty> read_duties(Sql& sql, const Desks& desks, Instant now) {
  Questions questions;
  const std::vector<std::size_t> places = ask_duties(questions, desks, now);
  std::vector<Rows> results;
  for (const Statement& each : questions.statements()) results.push_back(sql.query(each.sql, each.values));
  return make_duties(results, places, desks, now);
}

/// A job that owes nothing has no next slot.
std::vector<MetricFamily> duty_metrics(std::span<const Job> kinds, std::span<const Duty> duties,
                                       Instant now) {
  MetricFamily next =
      gauge("am_job_next_due_timestamp_seconds", "When the job's next slot falls due, as a Unix time.");
  MetricFamily waiting = gauge("am_job_due", "Slots of the job that are due and not done.");
  for (const Job& job : kinds) {
    double count = 0;
    for (const Duty& duty : duties) {
      if (duty.job != job.name) continue;
      if (duty.is_due(now)) {
        ++count;
      } else {
        next.samples.push_back({.labels = job_labels(job.name),
                                .value = static_cast<double>(duty.due_at.time_since_epoch().count()) / 1e6});
      }
    }
    waiting.samples.push_back({.labels = job_labels(job.name), .value = count});
  }
  return {next, waiting};
}

ProgramMetrics program_metrics(const std::function<std::vector<Rows>(const std::vector<Statement>&)>& read,
                               const Desks& desks, const std::vector<RateLimit>& limits, Instant now,
                               const Desks& off) {
  std::vector<MetricFamily> stored;
  ProgramMetrics out;
  try {
    stored = stored_metrics(read, desks, limits, now, off);
  } catch (const Error& error) {
    out.error = error;
  }
  MetricFamily up =
      gauge("am_database_up", "1: the database answered what is asked here; 0: its metrics are left out.");
  up.samples.push_back({.labels = {}, .value = out.error ? 0.0 : 1.0});
  out.families = {build_metric(), std::move(up)};
  append(out.families, std::move(stored));
  return out;
}

}  // namespace am::kernel
