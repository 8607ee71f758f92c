#pragma once
// `am report`: what came of every batch, and over all batches of one kind whether there is alpha. Batches that do not share
// a GroupKey never enter one figure: each group stands alone. Reading is one function, the arithmetic another (pure), the
// forms four more (pure); who prints is the command or the web page.
//
// Words. Return: of a pick, follows the price. *Earned*: what following the advice earned, the sign flipped for a SELL
// (stored and in JSON: directional return). *Benchmark, same side*: the benchmark's return with the pick's sign; of a batch,
// its mean over the picks. *Excess*: earned minus the benchmark's, same side (directional excess). *Hit*: a pick whose excess
// is above zero. A batch's figures are those of its latest computed day, each the mean of its picks. A batch is *complete*
// when its 14 days are over (status completed, with a computed day). The verdict and what stands beside it are about
// calendar weeks (weeks.hpp, verdict.hpp); hit rate, BUY and SELL apart are about complete batches; by day every batch counts
// that has computed that day.

#include <compare>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "am/kernel/db.hpp"
#include "am/picks/history.hpp"
#include "am/picks/league.hpp"
#include "am/picks/statistics.hpp"
#include "am/picks/types.hpp"
#include "am/picks/universe.hpp"
#include "am/picks/usage.hpp"
#include "am/picks/verdict.hpp"

namespace am::picks {

struct PickLine {
  StoredPick stored;
  std::optional<Decimal> price{};       ///< latest computed day; the others likewise
  std::optional<Decimal> return_pct{};  ///< as stored
  std::optional<Decimal> excess_pct{};  ///< as stored: return minus the benchmark's
  std::optional<Decimal> directional_return_pct{};
  std::optional<Decimal> directional_benchmark_pct{};  ///< the benchmark's, same side
  std::optional<Decimal> directional_excess_pct{};
  std::optional<Decimal> beta{};  ///< at the baseline; none: without history, as if it were 1
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
  std::optional<Decimal> mean_return_pct;     ///< directional
  std::optional<Decimal> mean_benchmark_pct;  ///< the benchmark's, same side
  std::optional<Decimal> mean_excess_pct;     ///< directional
  std::vector<PickLine> picks;
  std::vector<DoubtfulMove> moves{};  ///< its figures are in doubt while there are any
  std::vector<std::string> notes{};   ///< as BatchHistory has them
  std::optional<BatchUsage> usage{};  ///< none: no model was asked, or nothing is known of it
  std::optional<Decimal> cost_usd{};  ///< none: unpriced

  bool complete() const { return batch.status == "completed" && mean_excess_pct.has_value(); }
  int latest_day() const { return latest ? *latest - batch.run_date + 1 : 0; }
};

struct DayLine {
  int day = 0;      ///< 1..14
  int batches = 0;  ///< that have computed it; the rest is empty for 0
  std::optional<Decimal> mean_return_pct;
  std::optional<Decimal> mean_benchmark_pct;
  std::optional<Decimal> mean_excess_pct;
  std::optional<Interval> interval;  ///< of the mean excess; each day read alone, once
};

/// The picks of one action, complete batches only.
struct SideLine {
  Action action = Action::buy;
  int picks = 0;
  std::optional<Decimal> mean_return_pct;
  std::optional<Decimal> mean_benchmark_pct;
  std::optional<Decimal> mean_excess_pct;
  std::optional<Decimal> hit_rate_pct;
};

/// What never enters one figure with another of its kind.
struct GroupKey {
  std::string picker;
  std::string model;
  std::string origin;
  std::string served_model{};
  std::string template_hash{};

  static GroupKey of(const Batch& batch) {
    return {batch.picker, batch.model, batch.origin, batch.served_model, batch.template_hash};
  }
  /// Differ in nothing that was asked for: one of them became the other.
  bool continues(const GroupKey& other) const {
    return picker == other.picker && model == other.model && origin == other.origin;
  }
  auto operator<=>(const GroupKey&) const = default;
};

/// How a series stood in one of its weeks.
struct WeekLine {
  Date monday;
  int parts = 0;
  double log_e = 0;
  std::optional<Decimal> mean_pct;     ///< of all weeks up to this one, per batch
  std::optional<Interval> every_week;  ///< from the kMinWeeks-th on
};

/// Where the picks stand among the same hand with other names.
struct ControlLine {
  std::optional<Decimal> percentile;
  std::string none;             ///< why there is none
  int symbols = 0;              ///< names that were drawn from; 0 without a percentile, as below
  std::optional<Date> through;  ///< Monday of the last week that it is about
  bool lags = false;            ///< there are later weeks that count
  long long filled = 0;         ///< moves that were not known and are the mean of their week's
  int big_moves = 0;     ///< of more than a quarter from one close to the next: splits, unless they are real
  std::string universe;  ///< its name
  std::string universe_sha256;
  std::optional<Date> as_of;
  bool hindsight = false;  ///< the universe is younger than the first batch
};

/// All batches of one key.
struct GroupLine {
  GroupKey key;
  std::string name;  ///< for people, without the origin: what tells it from the others, and from when on
  std::vector<std::string> benchmarks;
  Date first;  ///< run dates
  Date last;
  int batches = 0;  ///< of any status
  int failed = 0;
  int complete = 0;
  int late_imports = 0;                       ///< batches that were imported after their Monday
  int picks = 0;                              ///< of complete batches
  std::optional<Decimal> mean_return_pct;     ///< of complete batches, as the next two
  std::optional<Decimal> mean_benchmark_pct;  ///< same side
  std::optional<Decimal> mean_excess_pct;     ///< not beta-adjusted
  Judgement judgement;                        ///< beta-adjusted: it decides
  Judgement market;                           ///< not beta-adjusted: beside it
  int waiting = 0;                            ///< weeks that an active batch has not finished
  int judged_picks = 0;                       ///< of the batches in the weeks that count
  int without_beta = 0;                       ///< those of them without history
  ControlLine control;                        ///< luck
  std::optional<Decimal> hit_rate_pct;        ///< of complete batches
  std::optional<Decimal> hit_rate_by_chance_pct;
  std::optional<Decimal> break_even_bp;  ///< of a trade; not above zero: loses before costs
  std::optional<Decimal> picks_kept;     ///< of 3, from the week before
  int paid_batches = 0;                  ///< of which it is known what their picks took
  BatchUsage usage;                      ///< of all of them
  std::optional<Decimal> cost_usd;       ///< none: one of them is unpriced, or there is none
  std::vector<WeekLine> weeks;           ///< that count
  std::vector<DayLine> days;             ///< always 14
  SideLine buy;
  SideLine sell;
  std::string verdict;  ///< verdict_text()
  std::string answer;   ///< the verdict with its figures, one line
};

/// Groups on the same closes that were open in the same weeks.
struct LeagueOfGroups {
  std::string source;
  std::vector<std::size_t> groups;  ///< of the report, as the league's lines
  League league;
};

struct Report {
  std::optional<DateRange> asked;
  std::vector<BatchLine> batches;         ///< by run date
  std::vector<GroupLine> groups;          ///< by picker, model and origin, what continues another behind it
  std::vector<LeagueOfGroups> leagues{};  ///< by source
  std::vector<Doubt> doubts{};            ///< what was left out of it
  std::vector<std::string>
      problems{};  ///< price sources that cannot be read, each once: no luck control, betas of 1
};

/// So many batches, the newest, are listed in a table when not all are asked for.
inline constexpr std::size_t kTableBatches = 8;

/// Every batch with its days, by run date, from one snapshot of the database.
std::vector<BatchHistory> read_histories(kernel::Db& db, std::optional<DateRange> run_dates);
/// The same in two steps for whoever reads otherwise: what to ask, and what the answers (in that order) mean.
/// With `most` the newest so many alone, still by run date.
std::vector<kernel::Statement> history_statements(std::optional<DateRange> run_dates,
                                                  std::optional<int> most = {});
std::vector<BatchHistory> histories_of(const std::vector<kernel::Rows>& results);

/// One batch's figures, without betas. Threads: pure.
BatchLine batch_line(const BatchHistory& history);

/// The closes that a report about these batches needs; a source is read when it is first asked for. `query` asks the database.
///
/// Owns:    what it has read; it must outlive what of() gave, and the report does not need it.
/// Errors:  as read_closes.
class KnownCloses {
 public:
  using Query = std::function<kernel::Rows(const kernel::Statement&)>;
  KnownCloses(const std::vector<BatchHistory>& histories, UniverseFiles files, Query query);
  ClosesOf of() const;

 private:
  struct Known;
  std::shared_ptr<Known> known_;
};

/// Each batch's figures, with betas: the batches of make_report. Parameters and errors as there.
std::vector<BatchLine> batch_lines(const std::vector<BatchHistory>& histories, const ClosesOf& closes_of);

/// What the models' answers took, and what that costs.
struct ReportCosts {
  UsageByBatch usage{};
  std::optional<TokenPrices> prices{};
};

/// With `asked` the figures are those of a range, and there is no verdict. `closes_of` empty: no closes are known, every beta
/// is 1, and there is no luck control.
///
/// Shape:   one line per history, in its order; a group per GroupKey.
/// Units:   percent; as verdict.hpp, relabel.hpp and statistics.hpp say.
/// Errors:  what `closes_of` throws; none of its own: no data is a word, never a failure.
/// Threads: pure.
Report make_report(const std::vector<BatchHistory>& histories, std::optional<DateRange> asked,
                   const ClosesOf& closes_of, const ReportCosts& costs = {});

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
/// The object {"groups":[…],"leagues":[…],"batches":[…]}; decimals are strings.
std::string render_json(const Report& report);
/// One self-contained page: inline SVG, no script, nothing loaded; every value escaped.
std::string render_html(const Report& report);

/// Addresses that a page has and a file has not.
struct ReportLinks {
  std::string batches;  ///< a batch's page is this, a slash and its run date; empty: there is none
  std::string guide;    ///< how to read the report
};

/// What render_html puts into <header>, <main> and <footer>, for a page that has its own frame around it; am::page_style()
/// goes with it.
struct ReportParts {
  std::string head;  ///< <h1> and a line
  std::string sections;
  std::string notes;
};
ReportParts report_parts(const Report& report, const ReportLinks& links = {});

}  // namespace am::picks
