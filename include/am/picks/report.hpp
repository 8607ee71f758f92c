#pragma once
// `am report`: what came of every batch, and over all batches of one kind whether there is alpha. Batches of
// different pickers, models or origins never enter one figure: each such group stands alone. Reading is one
// function, the arithmetic another (pure), the forms four more (pure); who prints is the command.
//
// Words. Return: of a pick, follows the price. Excess: return minus the benchmark's. *Directional*: what the
// pick earned for whoever followed it, the sign flipped for a SELL (directional excess of a SELL: −(return −
// benchmark)). A batch's figures are those of its latest computed day, each the mean of its picks. A batch is
// *complete* when its 14 days are over (status completed, with a computed day): only complete batches enter
// the figures over all, since excess after 3 days and after 14 are not the same quantity. By day every batch
// counts that has computed that day.

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "am/kernel/db.hpp"
#include "am/picks/history.hpp"
#include "am/picks/statistics.hpp"
#include "am/picks/types.hpp"

namespace am::picks {

/// Closes of the universe that a batch's picker could choose from, on one session; empty when unknown.
/// Called twice per complete batch; an answer of fewer than kMinUniverse symbols means: no control for that
/// batch.
using UniverseCloses = std::function<std::map<std::string, Decimal>(const Batch&, Date)>;

struct PickLine {
  StoredPick stored;
  std::optional<Decimal> price;       ///< latest computed day; the others likewise
  std::optional<Decimal> return_pct;  ///< as stored
  std::optional<Decimal> excess_pct;  ///< as stored
  std::optional<Decimal> directional_return_pct;
  std::optional<Decimal> directional_excess_pct;
};

struct BatchLine {
  Batch batch;
  Date baseline;
  int computed = 0;
  int skipped = 0;
  int unreadable = 0;          ///< stored as computed, with a figure that is none
  std::optional<Date> latest;  ///< latest computed day
  std::optional<Decimal> benchmark_price;
  std::optional<Decimal> benchmark_return_pct;
  std::optional<Decimal> mean_return_pct;  ///< directional
  std::optional<Decimal> mean_excess_pct;  ///< directional
  std::optional<Decimal> percentile;       ///< among all baskets; complete batches with a universe only
  std::vector<PickLine> picks;
  std::vector<DoubtfulMove> moves{};  ///< its figures are in doubt while there are any
  std::vector<std::string> notes{};   ///< as BatchHistory has them

  bool complete() const { return batch.status == "completed" && mean_excess_pct.has_value(); }
  int latest_day() const { return latest ? *latest - batch.run_date + 1 : 0; }
};

struct DayLine {
  int day = 0;      ///< 1..14
  int batches = 0;  ///< that have computed it; the rest is empty for 0
  std::optional<Decimal> mean_return_pct;
  std::optional<Decimal> mean_excess_pct;
  std::optional<Interval> interval;  ///< of the mean excess
};

/// The picks of one action, complete batches only.
struct SideLine {
  Action action = Action::buy;
  int picks = 0;
  std::optional<Decimal> mean_return_pct;
  std::optional<Decimal> mean_excess_pct;
  std::optional<Decimal> hit_rate_pct;
};

/// All batches of one picker, model and origin.
struct GroupLine {
  std::string picker;
  std::string model;
  std::string origin;
  std::vector<std::string> benchmarks;
  Date first;  ///< run dates
  Date last;
  int batches = 0;  ///< of any status
  int failed = 0;
  int complete = 0;  ///< what the figures below are about
  int picks = 0;
  std::optional<Decimal> mean_return_pct;
  std::optional<Decimal> mean_excess_pct;
  std::optional<Interval> interval;     ///< 95 %, of the mean excess; batches resampled
  std::optional<Decimal> hit_rate_pct;  ///< share of picks with a directional excess above zero
  int controlled = 0;                   ///< complete batches with a universe to compare with
  std::optional<Decimal> percentile;    ///< their mean excess among random baskets, percent
  std::vector<DayLine> days;            ///< always 14
  SideLine buy;
  SideLine sell;
  std::string answer;  ///< is there alpha? one line
};

struct Report {
  std::optional<DateRange> asked;
  std::vector<BatchLine> batches;  ///< by run date
  std::vector<GroupLine> groups;   ///< by picker, model, origin
  std::vector<Doubt> doubts{};     ///< what was left out of it
};

/// So many batches, the newest, are listed in a table when not all are asked for.
inline constexpr std::size_t kTableBatches = 8;
/// Fewer complete batches give an interval, but no verdict.
inline constexpr int kMinBatches = 10;

/// Every batch with its days, by run date, from one snapshot of the database.
std::vector<BatchHistory> read_histories(kernel::Db& db, std::optional<DateRange> run_dates);
/// The same in two steps for whoever reads otherwise: what to ask, and what the answers (in that order) mean.
/// With `most` the newest so many alone, still by run date.
std::vector<kernel::Statement> history_statements(std::optional<DateRange> run_dates,
                                                  std::optional<int> most = {});
std::vector<BatchHistory> histories_of(const std::vector<kernel::Rows>& results);

/// One batch's figures, without a percentile. Threads: pure.
BatchLine batch_line(const BatchHistory& history);

/// Shape:   one line per history, in its order; a group per picker, model and origin.
/// Units:   percent; full precision, the interval's ends and the percentile's draws as statistics.hpp says.
/// Errors:  what `universe` throws; none of its own.
/// Threads: pure.
Report make_report(const std::vector<BatchHistory>& histories, std::optional<DateRange> asked,
                   const UniverseCloses& universe);

/// Why figures of a batch are in doubt, and the way out.
struct Mark {
  std::string text;
  std::string hint;
};
/// By run date. Threads: pure.
std::vector<Mark> marks_of(const Report& report);
/// They, and what the batches' prices follow: below a table, and at the foot of a page; empty: none.
std::string marks_text(const Report& report);
std::string marks_html(const Report& report);

/// For a terminal: ASCII, 100 columns. The batches come first, the newest kTableBatches of them or all; then the figures
/// of each group; what it all comes to stands last.
std::string render_table(const Report& report, bool all_batches = false);
/// One record per batch and pick, decimals as stored; a header, LF.
std::string render_csv(const Report& report);
/// The object {"groups":[…],"batches":[…]}; decimals are strings.
std::string render_json(const Report& report);
/// One self-contained page: inline SVG, no script, nothing loaded; every value escaped.
std::string render_html(const Report& report);

/// What render_html puts into <header>, <main> and <footer>, for a page that has its own frame around it; am::page_style()
/// goes with it.
struct ReportParts {
  std::string head;  ///< <h1> and a line
  std::string sections;
  std::string notes;
};
ReportParts report_parts(const Report& report);

}  // namespace am::picks
