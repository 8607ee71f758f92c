#include "am/picks/universe.hpp"

#include <algorithm>
#include <charconv>
#include <map>

#include <nlohmann/json.hpp>

#include "am/kernel/new_york.hpp"
#include "am/market/action_store.hpp"
#include "am/market/calendar.hpp"
#include "am/market/price.hpp"
#include "am/market/symbol.hpp"
#include "json_dump.hpp"

namespace am::picks {

namespace {

using market::canonical_symbol;

constexpr std::string_view kUnknownName = "universe_name_unknown";

using Query = std::function<kernel::Rows(const kernel::Statement&)>;

/// A line "day close" for each cached close, days since 1970: the quickest to make and to read. Of a source that adjusts its
/// answers with the day, in New York, on which it was fetched.
kernel::Statement closes_statement(const WantedCloses& wanted, const std::set<std::string>& symbols) {
  kernel::SqlValues names;
  for (const std::string& symbol : symbols) {
    for (std::string& spelling : market::spellings_of(symbol)) names.emplace_back(std::move(spelling));
  }
  const bool adjusts = market::adjustment_of(wanted.source) == market::Adjustment::at_fetch;
  return {
      "SELECT symbol, string_agg(concat(day - '1970-01-01'::date, ' ', close" +
          std::string(adjusts
                          ? ", ' ', (fetched_at AT TIME ZONE 'America/New_York')::date - '1970-01-01'::date"
                          : "") +
          "), E'\\n' ORDER BY day) AS closes "
          "FROM market.daily_closes WHERE source = $1 AND symbol = ANY($2::text[]) AND day BETWEEN $3::date AND $4::date "
          "GROUP BY symbol ORDER BY min(fetched_at)",
      kernel::sql_values(wanted.source, kernel::sql_array(names), wanted.from, wanted.to)};
}

Date day_of(std::string_view days_since_1970) {
  int days = 0;
  std::from_chars(days_since_1970.data(), days_since_1970.data() + days_since_1970.size(), days);
  return Date(1970, 1, 1) + days;
}

/// What is there already was fetched first, and stays.
void add_closes(std::string_view lines, market::Series& series) {
  std::vector<market::Close> closes;
  while (!lines.empty()) {
    const std::string_view line = lines.substr(0, lines.find('\n'));
    lines.remove_prefix(std::min(lines.size(), line.size() + 1));
    const std::size_t space = line.find(' ');
    const std::size_t second = std::min(line.find(' ', space + 1), line.size());
    const Result<Decimal> price = market::parse_price(line.substr(space + 1, second - space - 1));
    if (!price) continue;
    market::Close close{day_of(line.substr(0, space)), *price};
    if (second < line.size()) close.basis = day_of(line.substr(second + 1));
    closes.push_back(close);
  }
  if (series.closes.empty()) {
    series.closes = std::move(closes);
    return;
  }
  std::map<Date, market::Close> all;
  for (const market::Close& each : series.closes) all.emplace(each.day, each);
  for (const market::Close& each : closes) all.emplace(each.day, each);
  series.closes.clear();
  for (const auto& [day, close] : all) series.closes.push_back(close);
}

std::vector<market::CorporateAction> stored_actions(const Query& query) {
  return market::actions_of(query(market::actions_statement()));
}

void read_cached(const WantedCloses& wanted, const UniverseFiles& files, const Query& query,
                 SourceCloses& into) {
  std::set<std::string> symbols = wanted.symbols;
  if (!files.path.empty()) {
    try {
      into.universe = market::read_universe(files.path, files.patience);
      symbols.insert(into.universe->symbols.begin(), into.universe->symbols.end());
    } catch (const Error& error) {
      if (error.kind() == ErrorKind::interrupted || error.kind() == ErrorKind::terminated) throw;
      into.problem = "picks.universe: " + error.message();
    }
  }
  for (const kernel::Row row : query(closes_statement(wanted, symbols)))
    add_closes(row.text("closes"), into.closes[canonical_symbol(row.text("symbol"))]);
  market::adjust(into.closes, market::actions_for(stored_actions(query), wanted.source), wanted.from);
}

void read_directory(const WantedCloses& wanted, const kernel::Patience& patience, const Query& query,
                    SourceCloses& into) {
  try {
    market::CsvMarket csv(wanted.source.substr(std::string_view("csv:").size()), patience);
    const market::Universe universe = csv.universe();
    std::set<std::string> symbols = wanted.symbols;
    symbols.insert(universe.symbols.begin(), universe.symbols.end());
    for (const std::string& symbol : symbols) {
      try {
        into.closes.emplace(symbol, csv.fetch(symbol, {wanted.from, wanted.to}));
      } catch (const Error& error) {
        if (error.kind() != ErrorKind::data || !wanted.symbols.contains(symbol)) throw;
        into.problem = error.message();  // a pick that the directory no longer has
      }
    }
    into.universe = universe;
    market::adjust(into.closes, market::actions_of_source(csv, stored_actions(query)), wanted.from);
  } catch (const Error& error) {
    if (error.kind() == ErrorKind::interrupted || error.kind() == ErrorKind::terminated) throw;
    into.problem = error.message();
  }
}

/// The last session whose close is final.
Date last_final_session(Instant now) {
  Date session = market::previous_session(kernel::new_york_date(now) + 1);
  while (market::final_at(session) > now) session = market::previous_session(session);
  return session;
}

Date sessions_before(Date session, int sessions) {
  for (int i = 0; i < sessions; ++i) session = market::previous_session(session);
  return session;
}

std::string subject_of(const std::string& source, const std::string& symbol) {
  return "universe " + source + " " + symbol;
}

/// Names that the source said not long ago that it does not know.
std::set<std::string> unknown_names(kernel::Sql& sql, Date since) {
  std::set<std::string> subjects;
  for (const kernel::Row row :
       sql.query("SELECT DISTINCT subject FROM ops.events WHERE kind = $1 AND subject IS NOT "
                 "NULL AND at >= $2::date",
                 kernel::sql_values(kUnknownName, since)))
    subjects.insert(row.text("subject"));
  return subjects;
}

}  // namespace

std::vector<WantedCloses> wanted_closes(const std::vector<BatchHistory>& histories) {
  std::map<std::string, WantedCloses> by_source;
  for (const BatchHistory& history : histories) {
    const Batch& batch = history.batch;
    WantedCloses& wanted =
        by_source
            .try_emplace(batch.price_source,
                         WantedCloses{batch.price_source, {}, history.baseline, history.baseline})
            .first->second;
    wanted.symbols.insert(canonical_symbol(batch.benchmark_symbol));
    for (const StoredPick& stored : batch.picks) wanted.symbols.insert(canonical_symbol(stored.pick.ticker));
    wanted.from = std::min(wanted.from, history.baseline);
    wanted.to = std::max(wanted.to, batch.run_date + kDays);
  }
  std::vector<WantedCloses> all;
  for (auto& [source, wanted] : by_source) {
    wanted.from = wanted.from - kClosesBefore;
    all.push_back(std::move(wanted));
  }
  return all;
}

SourceCloses read_closes(const WantedCloses& wanted, const UniverseFiles& files,
                         const std::function<kernel::Rows(const kernel::Statement&)>& query) {
  SourceCloses closes;
  closes.source = wanted.source;
  if (wanted.source.starts_with("csv:")) {
    read_directory(wanted, files.patience, query, closes);
  } else {
    read_cached(wanted, files, query, closes);
  }
  return closes;
}

UniverseFetch fetch_universe(Workbench& bench, const std::string& source, const market::Universe& universe) {
  UniverseFetch result;
  market::Closes& closes = bench.closes(source);
  if (closes.local()) return result;
  const Date last = last_final_session(std::min(bench.clock.now(), bench.clock.host()));
  const Date stale = sessions_before(last, kUniverseStale);
  const std::map<std::string, Date> newest = closes.newest(universe.symbols, last);
  std::vector<std::string> due;
  for (const std::string& symbol : universe.symbols) {
    const auto found = newest.find(symbol);
    if (found == newest.end() || found->second <= stale) due.push_back(symbol);
  }
  if (due.empty()) return result;
  const std::set<std::string> unknown = unknown_names(bench.db, stale);
  std::erase_if(due, [&](const std::string& symbol) { return unknown.contains(subject_of(source, symbol)); });
  std::ranges::stable_sort(due, {}, [&](const std::string& symbol) {  // the oldest first
    const auto found = newest.find(symbol);
    return found == newest.end() ? Date(1970, 1, 1) : found->second;
  });
  result.due = static_cast<int>(due.size());
  for (const std::string& symbol : due) {
    if (result.fetched == kUniverseAtOnce) break;
    bench.stop.check();
    bench.guard.require();
    try {
      const std::optional<std::string> problem = closes.refresh(symbol, last);
      if (problem) {
        const std::string warning = "universe " + symbol + ": " + *problem;
        kernel::Ledger::event(bench.db, kUnknownName, {}, {},
                              dump(nlohmann::ordered_json{{"problem", *problem}}),
                              subject_of(source, symbol));
        bench.log.warn(warning);
        result.warnings.push_back(warning);
      }
    } catch (const Error& error) {
      if (error.kind() == ErrorKind::interrupted || error.kind() == ErrorKind::terminated) throw;
      bench.log.info("the universe waits", {{"source", source}, {"reason", error.message()}});
      return result;
    }
    ++result.fetched;
    --result.due;
  }
  return result;
}

}  // namespace am::picks
