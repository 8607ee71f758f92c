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
  const std::vector<kernel::Statement> statements = picks::history_statements(range, kMostBatches);
  const std::vector<picks::BatchHistory> histories = picks::histories_of(source.reader.read(statements));
  const picks::KnownCloses closes(histories, {}, [&](const kernel::Statement& statement) {
    return std::move(source.reader.read({statement})[0]);
  });
  picks::Report report;
  report.batches = picks::batch_lines(histories, closes.of());
  return {200, kCsvType, picks::render_csv(report)};
}

}  // namespace am::web
