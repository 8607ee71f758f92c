// /batches.csv: what `am report -o csv` writes, of some batches. One format for whoever wants figures in a spreadsheet.

#include "am/picks/report.hpp"
#include "documents.hpp"

namespace am::web {

namespace {

/// Ten years; a reader's thread is busy for half a second with so many.
constexpr int kMostBatches = 520;

}  // namespace

Document batches_csv(const Args& args, const Source& source) {
  const auto day = [&](std::string_view name, Date otherwise) {
    const auto given = maybe_arg(args, name);
    return given ? Date::of(*given) : otherwise;
  };
  const DateRange range{day("from", Date(1, 1, 1)), day("to", Date(9999, 12, 31))};
  if (range.last < range.first) {
    throw Error(ErrorKind::usage,
                "to: expected " + range.first.to_string() + " or later, got " + range.last.to_string(),
                "swap the two dates");
  }
  picks::Report report;
  const std::vector<kernel::Statement> statements = picks::history_statements(range, kMostBatches);
  for (const picks::BatchHistory& history : picks::histories_of(source.reader.read(statements)))
    report.batches.push_back(picks::batch_line(history));
  return {200, kCsvType, picks::render_csv(report)};
}

}  // namespace am::web
