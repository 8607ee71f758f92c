#include "am/picks/export.hpp"

#include <algorithm>
#include <map>
#include <set>

#include <nlohmann/json.hpp>

#include "am/base/csv.hpp"
#include "am/base/text.hpp"
#include "am/market/symbol.hpp"
#include "am/picks/schedule.hpp"
#include "json_dump.hpp"

namespace am::picks {

using kernel::Row;
using kernel::Rows;

namespace {

using Value = std::optional<std::string>;

constexpr int kBatchesAtOnce = 26;

/// Writes rows in one form.
class RowWriter {
 public:
  RowWriter(const ExportTable& table, ExportForm form, const ExportSink& sink)
      : table_(table), form_(form), sink_(sink) {
    if (form_ != ExportForm::csv) return;
    std::vector<std::string> names;
    for (const ExportField& field : table_.fields) names.emplace_back(field.name);
    sink_(csv_record(names));
  }

  void write(const std::vector<Value>& values) {
    ++rows_;
    if (form_ == ExportForm::csv) {
      fields_.clear();
      for (std::size_t i = 0; i < values.size(); ++i) {
        const std::string value = values[i].value_or("");
        fields_.push_back(table_.fields[i].type == "string" ? csv_text(value) : value);
      }
      return sink_(csv_record(fields_));
    }
    nlohmann::ordered_json json = nlohmann::ordered_json::object();
    for (std::size_t i = 0; i < values.size(); ++i)
      json[std::string(table_.fields[i].name)] = values[i] ? nlohmann::ordered_json(*values[i]) : nullptr;
    sink_(printable_json(dump(json)) + "\n");
  }

  long long rows() const { return rows_; }

 private:
  const ExportTable& table_;
  ExportForm form_;
  const ExportSink& sink_;
  std::vector<std::string> fields_;
  long long rows_ = 0;
};

std::vector<Date> run_dates(kernel::Sql& sql) {
  std::vector<Date> dates;
  for (const Row row :
       sql.query("SELECT to_char(run_date, 'YYYY-MM-DD') AS run_date FROM public.batches WHERE "
                 "isfinite(run_date) ORDER BY run_date"))
    dates.push_back(row.date("run_date"));
  return dates;
}

/// The columns are the table's, but for baseline, which the calendar tells.
constexpr std::string_view kDaysSql =
    "SELECT to_char(b.run_date, 'YYYY-MM-DD') AS run_date, b.status AS batch_status, coalesce(o.picker, 'openai') AS "
    "picker, o.model, coalesce(o.origin, 'adopted') AS origin, coalesce(o.price_source, 'alpha-vantage') AS price_source, "
    "b.benchmark_symbol, b.benchmark_initial_price::text AS benchmark_initial_price, to_char(c.checkpoint_date, "
    "'YYYY-MM-DD') AS checkpoint_date, c.status AS day_status, c.benchmark_price::text AS benchmark_price, p.ticker, "
    "p.action, p.initial_price::text AS initial_price, m.current_price::text AS current_price, o.served_model, "
    "o.template_hash, (extract(epoch FROM o.imported_at) * 1000000)::bigint AS imported_at "
    "FROM public.batches b JOIN public.picks p ON p.batch_id = b.id LEFT JOIN ops.batch_origin o ON o.batch_id = b.id "
    "LEFT JOIN public.checkpoints c ON c.batch_id = b.id AND c.checkpoint_date BETWEEN b.run_date AND b.run_date + 13 "
    "LEFT JOIN public.pick_checkpoint_metrics m ON m.checkpoint_id = c.id AND m.pick_id = p.id "
    "WHERE b.run_date BETWEEN $1::date AND $2::date AND isfinite(b.run_date) ORDER BY b.run_date, c.checkpoint_date, p.ticker";

Value field_of(const Row& row, std::string_view name) {
  if (name == "baseline") return baseline_session(row.date("run_date")).to_string();
  if (name != "imported_at") return row.maybe_text(name);
  const auto at = row.maybe_micros(name);
  return at ? Value(format_rfc3339(*at)) : std::nullopt;
}

/// What read_closes is to read, of each source.
std::vector<WantedCloses> wanted(kernel::Sql& sql) {
  std::map<std::string, WantedCloses> by_source;
  for (
      const Row row : sql.query(
          "SELECT coalesce(o.price_source, 'alpha-vantage') AS source, b.benchmark_symbol, p.ticker, "
          "to_char(min(b.run_date), 'YYYY-MM-DD') AS first, to_char(max(b.run_date), 'YYYY-MM-DD') AS last FROM "
          "public.batches b JOIN public.picks p ON p.batch_id = b.id LEFT JOIN ops.batch_origin o ON o.batch_id = b.id "
          "WHERE isfinite(b.run_date) GROUP BY 1, 2, 3")) {
    const Date from = baseline_session(row.date("first")) - kClosesBefore;
    const Date to = row.date("last") + kDays;
    WantedCloses& source =
        by_source.try_emplace(row.text("source"), WantedCloses{row.text("source"), {}, from, to})
            .first->second;
    source.symbols.insert(market::canonical_symbol(row.text("benchmark_symbol")));
    source.symbols.insert(market::canonical_symbol(row.text("ticker")));
    source.from = std::min(source.from, from);
    source.to = std::max(source.to, to);
  }
  std::vector<WantedCloses> all;
  for (auto& [name, each] : by_source) all.push_back(std::move(each));
  return all;
}

}  // namespace

long long export_days(kernel::Sql& sql, ExportForm form, const ExportSink& sink) {
  const ExportTable& table = days_table();
  RowWriter writer(table, form, sink);
  const std::vector<Date> dates = run_dates(sql);
  std::vector<Value> values;
  for (std::size_t at = 0; at < dates.size(); at += kBatchesAtOnce) {
    const std::size_t last = std::min(at + kBatchesAtOnce, dates.size()) - 1;
    for (const Row row : sql.query(kDaysSql, kernel::sql_values(dates[at], dates[last]))) {
      values.clear();
      for (const ExportField& field : table.fields) values.push_back(field_of(row, field.name));
      writer.write(values);
    }
  }
  return writer.rows();
}

long long export_closes(kernel::Sql& sql, const UniverseFiles& files, ExportForm form, const ExportSink& sink,
                        std::vector<std::string>& problems) {
  RowWriter writer(closes_table(), form, sink);
  const auto query = [&](const kernel::Statement& statement) {
    return sql.query(statement.sql, statement.values);
  };
  for (const WantedCloses& source : wanted(sql)) {
    const SourceCloses read = read_closes(source, files, query);
    if (!read.problem.empty()) problems.push_back(read.problem);
    for (const auto& [symbol, series] : read.closes) {
      for (const market::Close& close : series.closes)
        writer.write({source.source, symbol, close.day.to_string(), close.close.to_string()});
    }
  }
  return writer.rows();
}

}  // namespace am::picks
