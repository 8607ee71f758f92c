#include "am/market/closes.hpp"

#include <algorithm>
#include <exception>
#include <mutex>
#include <thread>

#include "am/kernel/new_york.hpp"
#include "am/market/calendar.hpp"
#include "am/market/price.hpp"
#include "am/market/symbol.hpp"

namespace am::market {

namespace {

constexpr std::string_view kFetchJob = "fetch_closes_v1";
constexpr std::size_t kParallel = 3;
/// How far before the session a vendor is asked: one answer of the compact series, 100 sessions.
constexpr int kLookbackDays = 145;

}  // namespace

Instant final_at(Date session) { return kernel::new_york_instant(session, std::chrono::hours(20)); }

Closes::Closes(kernel::Db& db, kernel::Ledger& ledger, kernel::Log& log, const kernel::Clock& clock,
               PriceProvider& provider)
    : db_(db), ledger_(ledger), log_(log), clock_(clock), provider_(provider) {}

bool Closes::usable(Date session) const { return final_at(session) <= std::min(clock_.now(), clock_.host()); }

Closes::SymbolSeries Closes::cached(const std::vector<std::string>& symbols, DateRange range) {
  kernel::SqlValues names;
  for (const std::string& symbol : symbols) {
    for (std::string& spelling : spellings_of(symbol)) names.emplace_back(std::move(spelling));
  }
  const kernel::Rows rows = db_.query(
      "SELECT symbol, to_char(day, 'YYYY-MM-DD') AS day, close::text AS close, "
      "(extract(epoch from fetched_at) * 1000000)::bigint AS fetched_at FROM market.daily_closes "
      "WHERE source = $1 AND symbol = ANY($2::text[]) AND day BETWEEN $3::date AND $4::date ORDER BY fetched_at",
      kernel::sql_values(source(), kernel::sql_array(names), range.first, range.last));
  const bool adjusts = provider_.adjustment() == Adjustment::at_fetch;
  std::map<std::string, std::map<Date, Close>> known;  // by share, however it was written
  for (const kernel::Row row : rows) {
    const std::string& symbol = row.text("symbol");
    const std::string& text = row.text("close");
    const auto price = parse_price(text);
    if (price) {
      const Date day = row.date("day");
      Close close{day, *price};
      if (adjusts) close.basis = kernel::new_york_date(row.micros("fetched_at"));
      known[canonical_symbol(symbol)].emplace(day, close);
    } else {
      log_.warn("market.daily_closes (" + source() + ", " + symbol + ", " + row.text("day") + "): close " +
                short_number(text) + " " + price.error().reason + "; it is asked for again");
    }
  }
  SymbolSeries series;
  for (const std::string& symbol : symbols) {
    const auto found = known.find(canonical_symbol(symbol));
    if (found == known.end()) continue;
    std::vector<Close>& closes = series[symbol].closes;
    for (const auto& [day, close] : found->second) closes.push_back(close);
  }
  return series;
}

ClosesOnDay Closes::answer(Date session, const std::vector<std::string>& symbols,
                           const SymbolSeries& series) {
  ClosesOnDay day;
  const bool final = usable(session);
  for (const std::string& symbol : symbols) {
    const auto found = series.find(symbol);
    if (!final || found == series.end()) {
      day.missing.push_back(symbol);
      continue;
    }
    const Series& closes = found->second;
    if (const Close* close = closes.at(session)) {
      day.closes.emplace(symbol, close->close);
      if (close->basis) day.bases.emplace(symbol, *close->basis);
      const Date before = previous_session(session);
      if (const Decimal* earlier = closes.find(before);
          earlier != nullptr && moved_by_a_quarter(*earlier, close->close))
        day.moves.push_back({symbol, session, before, close->close, *earlier});
    } else if (const auto bad = closes.refused.find(session); bad != closes.refused.end()) {
      const std::string& why = bad->second;
      day.refused.emplace(symbol, why.starts_with(symbol) ? why : symbol + ": " + why);
    } else if (closes.reaches_back_to && session < *closes.reaches_back_to) {
      day.out_of_reach.emplace(symbol, *closes.reaches_back_to);
    } else {
      day.missing.push_back(symbol);
    }
  }
  if (!day.moves.empty()) day.unexplained = left_unexplained(day.moves, series);
  return day;
}

std::optional<ClosesOnDay> Closes::known(Date session, const std::vector<std::string>& symbols) {
  const DateRange range{previous_session(session), session};
  if (local()) {
    SymbolSeries series;
    for (const std::string& symbol : symbols) {
      series.emplace(symbol, provider_.fetch(symbol, range));
      if (series.size() == 1 && series.begin()->second.find(session) == nullptr) break;
    }
    return answer(session, symbols, series);
  }
  ClosesOnDay day = answer(session, symbols, cached(symbols, range));
  if (!day.complete() && usable(session)) return std::nullopt;
  return day;
}

void Closes::with_lease(const std::function<void()>& work) {
  const kernel::Claim claim = [&] {
    try {
      return ledger_.claim(kFetchJob, source(), "{}", true);
    } catch (const Error& error) {
      throw error.of_the_source();
    }
  }();
  try {
    work();
    provider_.release();
    claim.run->finish();
  } catch (const Error& error) {
    claim.run->fail(error);
    provider_.release();
    if (error.kind() == ErrorKind::deferred) throw error.of_the_source();
    throw;
  }
}

ClosesOnDay Closes::on(Date session, const std::vector<std::string>& symbols) {
  if (std::optional<ClosesOnDay> day = known(session, symbols)) return *day;
  SymbolSeries series;
  with_lease([&] {
    const DateRange range{session - kLookbackDays, session};
    series = cached(symbols, range);
    const auto lacks = [&](const std::string& symbol) { return series[symbol].find(session) == nullptr; };
    std::vector<std::string> rest;
    std::copy_if(symbols.begin() + 1, symbols.end(), std::back_inserter(rest), lacks);
    const bool ask_benchmark = lacks(symbols.front());
    provider_.reserve(static_cast<int>(rest.size()) + (ask_benchmark ? 1 : 0));
    if (ask_benchmark) ask({symbols.front()}, range, series);
    if (!lacks(symbols.front())) ask(rest, range, series);
  });
  return answer(session, symbols, series);
}

std::optional<Date> Closes::last_close(const std::string& symbol, Date before) {
  const DateRange range{before - kLookbackDays, before - 1};
  const Series series = local() ? provider_.fetch(symbol, range) : cached({symbol}, range)[symbol];
  if (series.closes.empty()) return std::nullopt;
  return series.closes.back().day;
}

void Closes::prefetch(const std::vector<std::string>& symbols, DateRange sessions) {
  if (local() || !usable(sessions.first)) return;
  const auto holes = [&] {
    const SymbolSeries have = cached(symbols, sessions);
    std::vector<std::string> lacking;
    for (const std::string& symbol : symbols) {
      const auto found = have.find(symbol);
      for (Date day = sessions.first; day <= sessions.last && usable(day); day = day + 1) {
        if (is_session(day) && (found == have.end() || found->second.find(day) == nullptr)) {
          lacking.push_back(symbol);
          break;
        }
      }
    }
    return lacking;
  };
  if (holes().empty()) return;
  with_lease([&] {
    const std::vector<std::string> lacking = holes();
    SymbolSeries series;
    provider_.reserve(static_cast<int>(lacking.size()));
    ask(lacking, sessions, series);
  });
}

std::map<std::string, Date> Closes::newest(const std::vector<std::string>& symbols, Date last) {
  std::map<std::string, Date> days;
  if (local()) return days;
  for (const auto& [symbol, series] : cached(symbols, {last - kLookbackDays, last}))
    if (!series.closes.empty()) days.emplace(symbol, series.closes.back().day);
  return days;
}

std::optional<std::string> Closes::refresh(const std::string& symbol, Date last) {
  std::optional<std::string> problem;
  with_lease([&] {
    SymbolSeries series;
    provider_.reserve(1);
    try {
      ask({symbol}, {last - kLookbackDays, last}, series);
      if (series[symbol].closes.empty()) problem = source() + " has no closes of " + symbol;
    } catch (const Error& error) {
      if (error.kind() != ErrorKind::data) throw;
      problem = error.message();
    }
  });
  return problem;
}

void Closes::ask(const std::vector<std::string>& symbols, DateRange range, SymbolSeries& into) {
  std::map<std::string, Series> answers;
  std::exception_ptr failure;
  std::mutex mutex;
  std::size_t next = 0;
  const auto work = [&] {
    for (;;) {
      std::string symbol;
      {
        const std::lock_guard lock(mutex);
        if (failure || next == symbols.size()) return;
        symbol = symbols[next++];
      }
      try {
        Series series = provider_.fetch(symbol, range);
        const std::lock_guard lock(mutex);
        answers.emplace(symbol, std::move(series));
      } catch (...) {
        const std::lock_guard lock(mutex);
        if (!failure) failure = std::current_exception();
      }
    }
  };
  {
    std::vector<std::jthread> threads;
    for (std::size_t i = 1; i < std::min(kParallel, symbols.size()); ++i) threads.emplace_back(work);
    work();
  }
  try {  // they cost requests of a budget
    ledger_.until_stored([&] {
      for (const auto& [symbol, series] : answers) keep(symbol, series);
    });
  } catch (const Error& error) {
    throw error.within(source() + ": the closes that it answered could not be stored, and are lost");
  }
  for (auto& [symbol, series] : answers) {
    if (provider_.adjustment() == Adjustment::at_fetch) {
      for (Close& close : series.closes) close.basis = kernel::new_york_date(clock_.host());
    }
    into[symbol] = std::move(series);
  }
  if (failure) std::rethrow_exception(failure);
}

void Closes::keep(const std::string& symbol, const Series& series) {
  kernel::SqlValues days;
  kernel::SqlValues closes;
  const Instant now = clock_.host();
  for (const Close& close : series.closes) {
    if (final_at(close.day) > now) continue;
    days.push_back(close.day.to_string());
    closes.push_back(close.close.to_string());
  }
  if (days.empty()) return;
  // The first answer stays: a close that somebody has computed with never changes under them. But one that cannot be
  // right, as earlier versions kept them, gives way.
  db_.query(
      "INSERT INTO market.daily_closes AS kept (source, symbol, day, close, fetched_at) "
      "SELECT $1, $2, d, c, clock_timestamp() FROM unnest($3::date[], $4::numeric[]) AS t (d, c) "
      "ON CONFLICT (source, symbol, day) DO UPDATE SET close = excluded.close, fetched_at = excluded.fetched_at "
      "WHERE kept.close NOT BETWEEN $5::numeric AND $6::numeric",
      kernel::sql_values(source(), canonical_symbol(symbol), kernel::sql_array(days),
                         kernel::sql_array(closes), kLowestPrice, kHighestPrice));
}

}  // namespace am::market
