#include "reads.hpp"

#include <map>

#include "am/web/route.hpp"

namespace am::web {

using kernel::Row;
using kernel::Rows;
using kernel::sql_values;
using kernel::SqlValues;
using kernel::Statement;

namespace {

// What another program stored as a date and is none, is shown as PostgreSQL writes it: "infinity", which is no NULL.
// ORDER BY names the table's column: a bare name would be the text of the same name beside it, which sorts otherwise and
// has no index.
constexpr std::string_view kBatch =
    "SELECT id::text AS id, coalesce(to_char(run_date, 'YYYY-MM-DD'), run_date::text) AS run_date, status, benchmark_symbol, "
    "benchmark_initial_price::text AS benchmark_initial_price FROM public.batches ";
constexpr std::string_view kPicks =
    "SELECT id::text AS id, ticker, action, reasoning, initial_price::text AS initial_price FROM public.picks ";
constexpr std::string_view kCheckpoints =
    "SELECT id::text AS id, coalesce(to_char(checkpoint_date, 'YYYY-MM-DD'), checkpoint_date::text) AS checkpoint_date, status, "
    "benchmark_price::text AS benchmark_price, benchmark_return_pct::text AS benchmark_return_pct FROM public.checkpoints ";
constexpr std::string_view kMetrics =
    "SELECT m.checkpoint_id::text AS checkpoint_id, m.id::text AS id, m.pick_id::text AS pick_id, "
    "m.current_price::text AS current_price, m.absolute_return_pct::text AS absolute_return_pct, "
    "m.vs_benchmark_pct::text AS vs_benchmark_pct FROM public.pick_checkpoint_metrics m ";

/// As a scalar subselect: every statement finds the batch for itself, so that one round trip is enough.
constexpr std::string_view kNewest = "(SELECT id FROM public.batches ORDER BY run_date DESC LIMIT 1)";

std::string joined(std::initializer_list<std::string_view> parts) {
  std::string out;
  for (const std::string_view part : parts) out += part;
  return out;
}

BatchRow batch_row(const Row& row) {
  return {row.text("id"), row.text("run_date"), row.text("status"), row.text("benchmark_symbol"),
          row.text("benchmark_initial_price")};
}

}  // namespace

std::vector<Statement> latest_statements() {
  const std::string latest =
      joined({"WHERE batch_id = ", kNewest, " ORDER BY checkpoints.checkpoint_date DESC LIMIT 1"});
  return {{joined({kBatch, "ORDER BY batches.run_date DESC LIMIT 1"}), {}},
          {joined({kPicks, "WHERE batch_id = ", kNewest, " ORDER BY ticker"}), {}},
          {joined({kCheckpoints, latest}), {}},
          {joined({kMetrics, "WHERE m.checkpoint_id = (SELECT id FROM public.checkpoints ", latest,
                   ") ORDER BY m.pick_id"}),
           {}}};
}

std::vector<Statement> batch_statements(const std::string& id) {
  const SqlValues values = sql_values(id);
  return {{joined({kBatch, "WHERE id = $1::uuid"}), values},
          {joined({kPicks, "WHERE batch_id = $1::uuid ORDER BY ticker"}), values},
          {joined({kCheckpoints, "WHERE batch_id = $1::uuid ORDER BY checkpoints.checkpoint_date"}), values},
          {joined({kMetrics,
                   "JOIN public.checkpoints c ON c.id = m.checkpoint_id WHERE c.batch_id = $1::uuid "
                   "ORDER BY c.checkpoint_date, m.pick_id"}),
           values}};
}

std::optional<BatchDetail> detail_of(const std::vector<Rows>& results) {
  const Rows& batches = results.at(0);
  if (batches.empty()) return std::nullopt;
  BatchDetail out{.batch = batch_row(batches.only()), .picks = {}, .checkpoints = {}};
  const Rows& picks = results.at(1);
  for (std::size_t i = 0; i < picks.size(); ++i) {
    const Row row = picks[i];
    out.picks.push_back({row.text("id"), row.text("ticker"), row.text("action"), row.text("reasoning"),
                         row.text("initial_price")});
  }
  const Rows& checkpoints = results.at(2);
  std::map<std::string, std::size_t, std::less<>> position;
  for (std::size_t i = 0; i < checkpoints.size(); ++i) {
    const Row row = checkpoints[i];
    position.emplace(row.text("id"), i);
    out.checkpoints.push_back({row.text("id"),
                               row.text("checkpoint_date"),
                               row.text("status"),
                               row.maybe_text("benchmark_price"),
                               row.maybe_text("benchmark_return_pct"),
                               {}});
  }
  const Rows& metrics = results.at(3);
  for (const Row row : metrics) {
    out.checkpoints[position.at(row.text("checkpoint_id"))].metrics.push_back(
        {row.text("id"), row.text("pick_id"), row.text("current_price"), row.text("absolute_return_pct"),
         row.text("vs_benchmark_pct")});
  }
  return out;
}

Statement batches_statement(int limit, const std::optional<std::string>& cursor) {
  constexpr std::string_view kNewestFirst = "ORDER BY batches.run_date DESC LIMIT $1::int";
  if (!cursor) return {joined({kBatch, kNewestFirst}), sql_values(limit + 1)};
  return {joined({kBatch, "WHERE run_date < $2::date ", kNewestFirst}), sql_values(limit + 1, cursor)};
}

BatchPage batches_of(const Rows& rows, int limit) {
  BatchPage page;
  for (const Row row : rows) page.batches.push_back(batch_row(row));
  if (cut_to(page.batches, limit)) page.next_cursor = page.batches.back().run_date;
  return page;
}

}  // namespace am::web
