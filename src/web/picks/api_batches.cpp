// /latest, /batches, /batches/{id}: fields and their order are the earlier service's.

#include "am/base/error.hpp"
#include "documents.hpp"
#include "reads.hpp"
#include "web/json_write.hpp"

namespace am::web {

namespace {

void write_batch(std::string& out, const BatchRow& batch) {
  out += '{';
  text_member(out, "id", batch.id);
  text_member(out, "run_date", batch.run_date);
  text_member(out, "status", batch.status);
  text_member(out, "benchmark_symbol", batch.benchmark_symbol);
  text_member(out, "benchmark_initial_price", batch.benchmark_initial_price);
  out += '}';
}

void write_pick(std::string& out, const PickRow& pick) {
  out += '{';
  text_member(out, "id", pick.id);
  text_member(out, "ticker", pick.ticker);
  text_member(out, "action", pick.action);
  text_member(out, "reasoning", pick.reasoning);
  text_member(out, "initial_price", pick.initial_price);
  out += '}';
}

void write_metric(std::string& out, const MetricRow& metric) {
  out += '{';
  text_member(out, "id", metric.id);
  text_member(out, "pick_id", metric.pick_id);
  text_member(out, "current_price", metric.current_price);
  text_member(out, "absolute_return_pct", metric.absolute_return_pct);
  text_member(out, "vs_benchmark_pct", metric.vs_benchmark_pct);
  out += '}';
}

void write_checkpoint(std::string& out, const CheckpointRow& checkpoint) {
  out += '{';
  text_member(out, "id", checkpoint.id);
  text_member(out, "checkpoint_date", checkpoint.checkpoint_date);
  text_member(out, "status", checkpoint.status);
  maybe_member(out, "benchmark_price", checkpoint.benchmark_price);
  maybe_member(out, "benchmark_return_pct", checkpoint.benchmark_return_pct);
  array_member(out, "metrics", checkpoint.metrics, write_metric);
  out += '}';
}

}  // namespace

std::vector<kernel::Statement> ask_latest(const Args& /*args*/) { return latest_statements(); }

Document make_latest(const Args& /*args*/, const std::vector<kernel::Rows>& results) {
  const std::optional<BatchDetail> latest = detail_of(results);
  std::string out = "{";
  key(out, "batch");
  if (latest) {
    write_batch(out, latest->batch);
  } else {
    out += "null";
  }
  array_member(out, "picks", latest ? latest->picks : std::vector<PickRow>{}, write_pick);
  key(out, "latest_checkpoint");
  if (latest && !latest->checkpoints.empty()) {
    write_checkpoint(out, latest->checkpoints.front());
  } else {
    out += "null";
  }
  return json_document(std::move(out));
}

std::vector<kernel::Statement> ask_batches(const Args& args) {
  return {batches_statement(limit_of(args), maybe_arg(args, "cursor"))};
}

Document make_batches(const Args& args, const std::vector<kernel::Rows>& results) {
  const BatchPage page = batches_of(results.at(0), limit_of(args));
  std::string out = "{";
  array_member(out, "batches", page.batches, write_batch);
  maybe_member(out, "next_cursor", page.next_cursor);
  return json_document(std::move(out));
}

std::vector<kernel::Statement> ask_batch(const Args& args) { return batch_statements(args.at("id")); }

Document make_batch(const Args& args, const std::vector<kernel::Rows>& results) {
  const std::optional<BatchDetail> found = detail_of(results);
  if (!found) throw Error(ErrorKind::no_input, "batch " + args.at("id") + ": not found");
  std::string out = "{";
  key(out, "batch");
  write_batch(out, found->batch);
  array_member(out, "picks", found->picks, write_pick);
  array_member(out, "checkpoints", found->checkpoints, write_checkpoint);
  return json_document(std::move(out));
}

}  // namespace am::web
