#include "report_verdict.hpp"

#include <algorithm>
#include <numeric>
#include <set>

#include "am/base/percent.hpp"
#include "am/picks/figures.hpp"

namespace am::picks {

struct KnownCloses::Known {
  std::map<std::string, WantedCloses> wanted;
  UniverseFiles files;
  Query query;
  std::map<std::string, SourceCloses> read;
};

KnownCloses::KnownCloses(const std::vector<BatchHistory>& histories, UniverseFiles files, Query query)
    : known_(std::make_shared<Known>()) {
  for (WantedCloses& wanted : wanted_closes(histories)) {
    std::string source = wanted.source;
    known_->wanted.emplace(std::move(source), std::move(wanted));
  }
  known_->files = std::move(files);
  known_->query = std::move(query);
}

ClosesOf KnownCloses::of() const {
  return [known = known_](const std::string& source) -> const SourceCloses& {
    const auto found = known->read.find(source);
    if (found != known->read.end()) return found->second;
    return known->read.emplace(source, read_closes(known->wanted.at(source), known->files, known->query))
        .first->second;
  };
}

SourceBooks::SourceBooks(const std::vector<BatchHistory>& histories, const ClosesOf& closes_of) {
  std::map<std::string, std::vector<Date>> baselines;
  for (const BatchHistory& history : histories)
    baselines[history.batch.price_source].push_back(history.baseline);
  for (const auto& [source, dates] : baselines) {
    Book& book = books_[source];
    if (closes_of) {
      book.closes = &closes_of(source);
    } else {
      book.none = std::make_unique<SourceCloses>();
      book.closes = book.none.get();
    }
    book.betas = std::make_unique<Betas>(book.closes->closes, dates);
  }
}

const Beta& SourceBooks::beta(const BatchHistory& history, const std::string& ticker) const {
  return betas(history.batch.price_source).of(ticker, history.batch.benchmark_symbol, history.baseline);
}

std::vector<std::string> SourceBooks::problems() const {
  std::vector<std::string> all;
  for (const auto& [source, book] : books_) {
    if (!book.closes->problem.empty()) all.push_back(book.closes->problem);
  }
  return all;
}

std::string GroupMembers::source() const {
  const std::string& first = histories.front()->batch.price_source;
  const bool one = std::ranges::all_of(
      histories, [&](const BatchHistory* history) { return history->batch.price_source == first; });
  return one ? first : "";
}

namespace {

std::vector<WeekLine> week_lines(const std::vector<Week>& weeks) {
  std::vector<WeekLine> lines;
  WeekTally tally;
  for (const Week& week : weeks) {
    const int parts = static_cast<int>(week.parts.size());
    tally.add(week.sum, parts);
    lines.push_back({week.monday, parts, tally.log_e(), tally.mean_pct(), tally.every_week()});
  }
  return lines;
}

void count_betas(GroupLine& group, const std::vector<Week>& weeks, const SourceBooks& books) {
  std::set<const BatchHistory*> judged;
  for (const Week& week : weeks) {
    for (const Part& part : week.parts) judged.insert(part.history);
  }
  for (const BatchHistory* history : judged) {
    for (const StoredPick& stored : history->batch.picks) {
      ++group.judged_picks;
      if (!books.beta(*history, stored.pick.ticker).slope) ++group.without_beta;
    }
  }
}

ControlLine control_of(const std::vector<Week>& weeks, Date first_run_date, const std::string& source,
                       const SourceBooks& books) {
  ControlLine line;
  if (source.empty()) {
    line.none = "the batches have several price sources";
    return line;
  }
  const SourceCloses& closes = books.closes(source);
  if (!closes.universe) {
    line.none = closes.problem.empty() ? "no universe is stated" : "the universe cannot be read";
    return line;
  }
  line.universe = closes.universe->name;
  line.universe_sha256 = closes.universe->sha256;
  line.as_of = closes.universe->as_of;
  line.hindsight = line.as_of && *line.as_of > first_run_date;
  if (weeks.size() < static_cast<std::size_t>(kMinWeeks)) {
    line.none = "under " + std::to_string(kMinWeeks) + " weeks";
    return line;
  }
  const std::span<const Week> one(weeks);
  const std::optional<NameField> field =
      field_of(std::span(&one, 1), closes.universe->symbols, closes.closes, books.betas(source));
  if (!field) {
    line.none = "under " + std::to_string(kMinUniverse) + " symbols with closes in " +
                std::to_string(kMinWeeks) + " weeks";
    return line;
  }
  line.percentile = luck_of(*field, t_of(one.first(field->weeks))).percentile;
  line.symbols = static_cast<int>(field->names.size());
  line.through = field->through;
  line.lags = field->weeks < weeks.size();
  line.filled = field->filled;
  line.big_moves = field->big_moves;
  return line;
}

/// "no verdict yet: -0.97 % per batch, 95 % interval -4.17 to +2.23 however often it is read".
std::string answer_of(const Judgement& judgement, const std::string& verdict, bool is_range) {
  if (!judgement.every_week) return verdict;
  const std::string figures = signed_percent(judgement.mean_pct) + " % per batch, 95 % interval " +
                              signed_percent(judgement.every_week->low) + " to " +
                              signed_percent(judgement.every_week->high);
  if (is_range) return verdict + "; " + figures;
  const std::size_t end = std::min(verdict.find(';'), verdict.size());
  return verdict.substr(0, end) + ": " + figures + " however often it is read" + verdict.substr(end);
}

/// Mondays on which all of them have batches of the same run dates.
std::size_t common_weeks(const std::vector<WeeklySeries>& series, const std::vector<std::size_t>& groups) {
  const auto batches = [](const Week& week) {
    std::vector<std::pair<Date, int>> all;
    for (const Part& part : week.parts) all.emplace_back(part.history->batch.run_date, part.week);
    return all;
  };
  std::size_t count = 0;
  for (const Week& week : series[groups.front()].weeks) {
    count += std::ranges::all_of(groups, [&](std::size_t group) {
      const std::vector<Week>& weeks = series[group].weeks;
      const auto at = std::ranges::lower_bound(weeks, week.monday, {}, &Week::monday);
      return at != weeks.end() && at->monday == week.monday && batches(*at) == batches(week);
    });
  }
  return count;
}

}  // namespace

WeeklySeries judge(GroupLine& group, const GroupMembers& members, const SourceBooks& books, bool is_range) {
  WeeklySeries series =
      weekly_series(members.histories, [&](const BatchHistory& history, const std::string& ticker) {
        return books.beta(history, ticker).value;
      });
  group.judgement = judgement_of(series.weeks);
  group.market = judgement_of(weekly_series(members.histories, market_beta).weeks);
  group.waiting = static_cast<int>(series.waiting.size());
  group.weeks = week_lines(series.weeks);
  count_betas(group, series.weeks, books);
  const std::string source = members.source();
  group.control = control_of(series.weeks, group.first, source, books);
  if (const SourceCloses* closes = source.empty() ? nullptr : &books.closes(source);
      closes != nullptr && closes->universe) {
    group.hit_rate_by_chance_pct =
        hit_rate_by_chance(members.histories, closes->universe->symbols, closes->closes);
  }
  if (group.judgement.mean_pct) group.break_even_bp = break_even_bp(*group.judgement.mean_pct);
  group.picks_kept = picks_kept(members.histories);
  group.verdict = verdict_text(group.judgement, is_range);
  group.answer = answer_of(group.judgement, group.verdict, is_range);
  return series;
}

std::vector<LeagueOfGroups> leagues_of(const std::vector<GroupMembers>& members,
                                       const std::vector<WeeklySeries>& series, const SourceBooks& books) {
  std::map<std::string, std::vector<std::size_t>> by_source;
  for (std::size_t i = 0; i < members.size(); ++i) {
    if (const std::string source = members[i].source(); !source.empty()) by_source[source].push_back(i);
  }
  std::vector<LeagueOfGroups> leagues;
  for (const auto& [source, entered] : by_source) {
    std::vector<std::size_t> longest = entered;
    std::ranges::stable_sort(longest, std::greater{}, [&](std::size_t i) { return series[i].weeks.size(); });
    std::vector<std::size_t> together;
    for (const std::size_t group : longest) {
      together.push_back(group);
      if (common_weeks(series, together) < static_cast<std::size_t>(kMinWeeks)) together.pop_back();
    }
    if (together.size() < 2) continue;
    std::ranges::sort(together);
    std::vector<std::span<const Week>> spans;
    for (const std::size_t group : together) spans.emplace_back(series[group].weeks);
    const SourceCloses& closes = books.closes(source);
    const std::vector<std::string> symbols =
        closes.universe ? closes.universe->symbols : std::vector<std::string>();
    std::optional<League> league =
        league_of(spans, static_cast<int>(entered.size()), symbols, closes.closes, books.betas(source));
    if (league) leagues.push_back({source, std::move(together), std::move(*league)});
  }
  return leagues;
}

}  // namespace am::picks
