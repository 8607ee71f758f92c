// A job, from the claimed item to the rows that it is for.

#include <chrono>

#include "am/forecast/evaluate.hpp"
#include "am/forecast/jobs.hpp"

namespace am::forecast {

namespace {

using kernel::Fate;
using kernel::Fields;

double seconds_since(std::chrono::steady_clock::time_point begun) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count();
}

/// What no further attempt changes: what is asked for, or whom, is wrong.
bool never_succeeds(const Error& error) {
  return error.kind() == ErrorKind::usage || error.kind() == ErrorKind::no_input;
}

/// Before the job's row, as who removes the series does: so neither of them waits for the other in vain.
void hold_series(kernel::Transaction& tx, const std::string& name) {
  tx.query("SELECT FROM forecast.series WHERE name = $1 FOR NO KEY UPDATE", kernel::sql_values(name));
}

}  // namespace

JobWorker::JobWorker(kernel::Db& db, kernel::Queue& queue, kernel::Log& log, const kernel::Stop& stop,
                     Forecaster forecaster)
    : db_(db), queue_(queue), log_(log), stop_(stop), forecaster_(std::move(forecaster)) {}

Fate JobWorker::operator()(const kernel::Item& item, const kernel::Lease& lease) {
  const auto begun = std::chrono::steady_clock::now();
  Fields fields = {{"job_id", static_cast<std::int64_t>(item.id)}};
  const auto bury = [&](const std::string& reason) {
    db_.transact([&](kernel::Transaction& tx) { queue_.bury(tx, item, reason); });
    fields.emplace_back("duration", seconds_since(begun));
    fields.emplace_back("rows", 0);
    fields.emplace_back("error", reason);
    log_.error("job failed", fields);
    return Fate::buried;
  };
  const Result<JobPayload> job = JobPayload::parse(item.payload_json);
  if (!job) return bury(job.error().reason);
  fields.emplace_back("job_type", job_type_name(job->type));
  fields.emplace_back("series", job->series);
  fields.emplace_back("from", job->from.to_string());
  fields.emplace_back("to", job->to.to_string());
  try {
    const std::size_t rows = work(item, *job, lease);
    fields.emplace_back("duration", seconds_since(begun));
    fields.emplace_back("rows", static_cast<std::int64_t>(rows));
    log_.info("job completed", fields);
    return Fate::done;
  } catch (const Error& error) {
    if (never_succeeds(error)) return bury(error.message());
    if (error.kind() == ErrorKind::interrupted || error.kind() == ErrorKind::terminated) throw;
    fields.emplace_back("duration", seconds_since(begun));
    fields.emplace_back("rows", 0);
    fields.emplace_back("error", error.message());
    log_.warn("job failed", fields);
    throw;
  }
}

std::size_t JobWorker::work(const kernel::Item& item, const JobPayload& job, const kernel::Lease& lease) {
  switch (job.type) {
    case JobType::forecast:
      return work_forecast(item, job, lease);
    case JobType::backtest:
      return work_backtest(item, job, lease);
  }
  throw Error(ErrorKind::bug, "job type: unknown");
}

std::size_t JobWorker::work_forecast(const kernel::Item& item, const JobPayload& job,
                                     const kernel::Lease& lease) {
  Question question;
  {
    const auto snapshot = db_.begin(true);
    question = read_question(*snapshot, job.series, {job.from, job.to}, job.as_of);
  }
  for (const std::string& warning : question.warnings) log_.warn(warning);
  Predicted predicted{.series = job.series,
                      .days = question.targets,
                      .forecast = forecaster_(question.input, question.horizon),
                      .as_of = question.input.days.back(),
                      .revision = question.series.revision,
                      .job = item.id};
  lease.check();
  db_.transact([&](kernel::Transaction& tx) {
    hold_series(tx, job.series);
    queue_.fence(tx, item);
    store_predictions(tx, predicted);
    queue_.finish(tx, std::span(&item, 1));
  });
  return predicted.days.size();
}

std::size_t JobWorker::work_backtest(const kernel::Item& item, const JobPayload& job,
                                     const kernel::Lease& lease) {
  Question question;
  {
    const auto snapshot = db_.begin(true);
    question = read_question(*snapshot, job.series, {job.from, job.to}, job.as_of);
  }
  const auto between = [&] {
    lease.check();
    stop_.check();
  };
  const Evaluation evaluation =
      evaluate(question.input, {.horizon = question.series.horizon}, forecaster_, between);
  if (evaluation.spans.empty()) {
    throw Error(ErrorKind::no_input, "series " + job.series + ": too few days up to " +
                                         job.as_of.to_string() + " to forecast from its past");
  }
  db_.transact([&](kernel::Transaction& tx) {
    hold_series(tx, job.series);
    queue_.fence(tx, item);
    store_scores(tx, job.series, ScoreKind::backtest, question.input.days.back(), evaluation.spans,
                 evaluation.model_version);
    queue_.finish(tx, std::span(&item, 1));
  });
  return evaluation.spans.size();
}

}  // namespace am::forecast
