// Rows of picks that were made elsewhere, read and judged. Pure.

#include <algorithm>
#include <array>
#include <map>

#include <nlohmann/json.hpp>

#include "am/base/csv.hpp"
#include "am/base/text.hpp"
#include "am/market/calendar.hpp"
#include "am/picks/import.hpp"
#include "am/picks/rules.hpp"
#include "am/picks/schedule.hpp"

namespace am::picks {

namespace {

constexpr std::array<std::string_view, 5> kImportColumns = {"run_date", "ticker", "action", "model",
                                                            "reasoning"};
constexpr std::size_t kNeeded = 4;  ///< of them
constexpr std::size_t kLongestModel = 200;
constexpr Date kFirst{1990, 1, 8};  ///< the first Monday with a session before it that the calendar knows

/// A row before anything of it is believed; what it does not give is empty.
struct RawRow {
  int line = 0;
  std::array<std::string, kImportColumns.size()> fields{};

  const std::string& run_date() const { return fields[0]; }
  const std::string& ticker() const { return fields[1]; }
  const std::string& action() const { return fields[2]; }
  const std::string& model() const { return fields[3]; }
  const std::string& reasoning() const { return fields[4]; }
};

struct RawRows {
  std::vector<RawRow> rows;
  std::vector<RowProblem> problems;
};

/// The place of a column; kImportColumns.size(): none.
std::size_t column_of(std::string_view name) {
  return static_cast<std::size_t>(std::ranges::find(kImportColumns, name) - kImportColumns.begin());
}

std::string unknown_column(std::string_view name) {
  return "unknown column \"" + one_line(name, 40) +
         "\" (expected run_date, ticker, action, model and perhaps reasoning)";
}

RawRows rows_of_csv(std::string_view text) {
  RawRows raw;
  const Result<CsvTable> table = parse_csv(text);
  if (!table) {  // "line 7: …"
    const std::string& reason = table.error().reason;
    const std::size_t colon = reason.find(": ");
    const auto line = reason.starts_with("line ") && colon != reason.npos
                          ? parse_integer(std::string_view(reason).substr(5, colon - 5), 1, 1'000'000'000)
                          : std::nullopt;
    raw.problems.push_back(
        {line ? static_cast<int>(*line) : 1, one_line(line ? reason.substr(colon + 2) : reason)});
    return raw;
  }
  std::vector<std::size_t> places;
  for (const std::string& name : table->header) {
    places.push_back(column_of(name));
    if (places.back() == kImportColumns.size()) raw.problems.push_back({1, unknown_column(name)});
  }
  for (std::size_t i = 0; i < kNeeded; ++i) {
    if (std::ranges::find(places, i) == places.end())
      raw.problems.push_back({1, "no column \"" + std::string(kImportColumns[i]) + "\""});
  }
  if (!raw.problems.empty()) return raw;
  for (std::size_t i = 0; i < table->rows.size(); ++i) {
    RawRow row{.line = table->lines[i]};
    for (std::size_t at = 0; at < places.size(); ++at) row.fields[places[at]] = table->rows[i][at];
    raw.rows.push_back(std::move(row));
  }
  return raw;
}

/// Why the line is no row; empty: it is one.
std::string read_object(std::string_view line, RawRow& row) {
  const auto json = nlohmann::json::parse(line, nullptr, false);
  if (!json.is_object()) return "not a JSON object";
  for (const auto& [name, value] : json.items()) {
    const std::size_t place = column_of(name);
    if (place == kImportColumns.size()) return unknown_column(name);
    const auto* text = value.get_ptr<const std::string*>();
    if (text == nullptr && !(value.is_null() && place >= kNeeded))
      return std::string(kImportColumns[place]) + " is not a text";
    if (text != nullptr) row.fields[place] = *text;
  }
  return {};
}

RawRows rows_of_jsonl(std::string_view text) {
  RawRows raw;
  for (int number = 1; !text.empty(); ++number) {
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(text.size(), line.size() + 1));
    if (trim(line).empty()) continue;
    RawRow row{.line = number};
    if (std::string problem = read_object(line, row); !problem.empty()) {
      raw.problems.push_back({number, std::move(problem)});
    } else {
      raw.rows.push_back(std::move(row));
    }
  }
  return raw;
}

/// Why the row cannot be of any week; empty: it can.
std::string row_problem(const RawRow& row, Instant now) {
  for (std::size_t i = 0; i < kNeeded; ++i) {
    if (row.fields[i].empty()) return std::string(kImportColumns[i]) + " is empty";
  }
  const auto date = Date::parse(row.run_date());
  if (!date) return "run_date " + shown(row.run_date()) + ": not a date (expected like 2026-01-26)";
  const Date monday = market::week_monday(*date);
  if (monday != *date)
    return "run_date " + date->to_string() + ": not a Monday (expected " + monday.to_string() + ")";
  if (*date < kFirst) return "run_date " + date->to_string() + ": before " + kFirst.to_string();
  if (*date > current_run_date(now)) return "run_date " + date->to_string() + ": that week has not begun";
  if (row.model() != one_line(row.model(), kLongestModel))
    return "model must be a text of one line, 1 to 200 bytes";
  return {};
}

/// Puts the rows together by Monday.
class Weeks {
 public:
  Weeks(ImportFile& file, const std::string& benchmark) : file_(file), benchmark_(benchmark) {}

  void add(const RawRow& row) {
    ImportedWeek& week = weeks_[Date::of(row.run_date())];
    if (week.line == 0) week = {Date::of(row.run_date()), row.model(), {}, row.line};
    const std::string date = week.run_date.to_string();
    ++rows_[week.run_date];
    if (row.model() != week.model) {
      tell(row, date + " has rows of \"" + week.model + "\" from line " + std::to_string(week.line) +
                    " on: a Monday has one batch, of one model");
    } else if (week.picks.size() == kPicksPerBatch) {
      tell(row, date + " has 3 rows before this one");
    } else {
      const std::string reasoning =
          trim(row.reasoning()).empty() ? std::string(kNoReasoning) : row.reasoning();
      if (const auto problem = pick_problem(week.picks, row.ticker(), row.action(), reasoning, benchmark_))
        return tell(row, one_line(problem->reason));
      week.picks.push_back({row.ticker(), row.action() == "BUY" ? Action::buy : Action::sell, reasoning});
    }
  }

  void finish() {
    for (auto& [monday, week] : weeks_) {
      if (rows_[monday] < static_cast<int>(kPicksPerBatch))
        file_.problems.push_back(
            {week.line, monday.to_string() + " has " + std::to_string(rows_[monday]) + " of 3 rows"});
      file_.weeks.push_back(std::move(week));
    }
  }

 private:
  void tell(const RawRow& row, std::string problem) {
    file_.problems.push_back({row.line, std::move(problem)});
  }

  ImportFile& file_;
  const std::string& benchmark_;
  std::map<Date, ImportedWeek> weeks_;
  std::map<Date, int> rows_;
};

}  // namespace

ImportFile parse_import(std::string_view text, const std::string& benchmark, Instant now) {
  ImportFile file;
  if (!is_valid_utf8(text)) return {{}, {{1, "it is no UTF-8 text"}}};
  constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
  if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
  RawRows raw = trim(text).starts_with('{') ? rows_of_jsonl(text) : rows_of_csv(text);
  file.problems = std::move(raw.problems);
  Weeks weeks(file, benchmark);
  for (const RawRow& row : raw.rows) {
    if (std::string problem = row_problem(row, now); !problem.empty()) {
      file.problems.push_back({row.line, std::move(problem)});
    } else {
      weeks.add(row);
    }
  }
  weeks.finish();
  if (file.problems.empty() && file.weeks.empty()) file.problems.push_back({1, "there are no rows"});
  std::ranges::stable_sort(file.problems, {}, &RowProblem::line);
  return file;
}

}  // namespace am::picks
