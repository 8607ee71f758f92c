#include "am/market/stooq.hpp"

#include <algorithm>
#include <chrono>
#include <set>
#include <utility>
#include <vector>

#include "am/base/csv.hpp"
#include "am/base/text.hpp"
#include "am/kernel/clock.hpp"
#include "am/market/symbol.hpp"
#include "vendor_checks.hpp"

namespace am::market {

using kernel::HttpResponse;
using kernel::Verdict;

namespace {

bool is_no_data(std::string_view body) { return to_lower(trim(body).substr(0, 8)).starts_with("no data"); }

std::optional<std::size_t> column(const CsvTable& table, std::string_view name) {
  for (std::size_t i = 0; i < table.header.size(); ++i) {
    if (trim(table.header[i]) == name) return i;
  }
  return {};
}

/// YYYYMMDD
std::string compact(Date day) {
  std::string text = day.to_string();
  std::erase(text, '-');
  return text;
}

/// The day changes in Warsaw, one or two hours before UTC's: a minute past UTC's midnight is always after it.
std::chrono::milliseconds until_midnight_utc(Instant now) {
  const auto tomorrow =
      std::chrono::floor<std::chrono::days>(now) + std::chrono::days(1) + std::chrono::minutes(1);
  return std::chrono::ceil<std::chrono::milliseconds>(tomorrow - now);
}

}  // namespace

std::string stooq_symbol(std::string_view symbol) {
  if (symbol.starts_with('^')) return to_lower(symbol);
  std::string out = to_lower(symbol_with_class_after('-', symbol));
  std::ranges::replace(out, '.', '-');  // a dot introduces the market
  return out + ".us";
}

Verdict judge_stooq(const HttpResponse& response, Instant now) {
  if (Verdict http = kernel::judge_status(response); http.kind != Verdict::Kind::accept) return http;
  const std::string start = to_lower(trim(response.body).substr(0, 200));
  if (start.starts_with("date,") ||
      start.starts_with("\xef\xbb\xbf"
                        "date,") ||
      is_no_data(start))
    return {};
  if (start.find("exceeded the daily hits limit") != std::string::npos) {
    return {.kind = Verdict::Kind::limit,
            .problem = "the vendor's limit for today is reached",
            .error = ErrorKind::deferred,
            .hint = "wait until tomorrow, or choose another source with --prices",
            .wait = until_midnight_utc(now)};
  }
  if (start.find("apikey") != std::string::npos || start.find("api key") != std::string::npos) {
    return {.kind = Verdict::Kind::fail,
            .problem = "the vendor does not take the key",
            .error = ErrorKind::denied,
            .hint = "get another one from " + std::string(kStooqKeyPage) + " and set STOOQ_API_KEY to it"};
  }
  const bool is_page = start.starts_with('<');
  return {.kind = Verdict::Kind::retry,
          .problem = "the answer is not its CSV (" + first_words(response.body) + ")",
          .error = ErrorKind::data,
          .hint = is_page
                      ? "the vendor shows programs a page for browsers at times, or its base URL is wrong; "
                        "another source: --prices"
                      : "the vendor has trouble, or its base URL is wrong"};
}

Result<Series> parse_stooq(std::string_view body, std::string_view symbol, DateRange range) {
  if (is_no_data(body)) return Series{};
  const auto table = parse_csv(body);
  if (!table) return Reject{std::string(symbol) + ": " + table.error().reason};
  const auto day_column = column(*table, "Date");
  const auto close_column = column(*table, "Close");
  if (!day_column || !close_column)
    return Reject{std::string(symbol) + ": the CSV has no Date and Close columns"};
  Series series;
  std::set<Date> days;
  for (std::size_t i = 0; i < table->rows.size(); ++i) {
    const auto& row = table->rows[i];
    const auto day = Date::parse(row[*day_column]);
    if (!day) {
      return Reject{std::string(symbol) + ": line " + std::to_string(table->lines[i]) + " has no date (" +
                    shown(row[*day_column]) + ")"};
    }
    if (!days.insert(*day).second) {
      return Reject{std::string(symbol) + " " + day->to_string() + ": listed twice"};
    }
    if (!range.contains(*day)) continue;
    const auto price = parse_close(row[*close_column], symbol, *day);
    if (!price) {
      series.refused.emplace(*day, price.error().reason);
      continue;
    }
    series.closes.push_back({*day, *price});
  }
  std::ranges::sort(series.closes, {}, &Close::day);
  return series;
}

Stooq::Stooq(kernel::HttpClient& http, Options options) : http_(http), options_(std::move(options)) {
  if (options_.api_key.empty()) {
    throw Error(ErrorKind::config, "stooq: no API key",
                "set STOOQ_API_KEY to the one from " + std::string(kStooqKeyPage) +
                    ", or choose another source with --prices");
  }
}

Series Stooq::fetch(std::string_view symbol, DateRange range) {
  kernel::HttpRequest request;
  request.connect_timeout = options_.connect_timeout;
  request.timeout = options_.timeout;
  request.url = without_trailing_slash(options_.base_url) +
                "/q/d/l/?s=" + kernel::url_encode(stooq_symbol(symbol)) + "&d1=" + compact(range.first) +
                "&d2=" + compact(range.last) + "&i=d&apikey=" + kernel::url_encode(options_.api_key);
  const HttpResponse response = http_.send(request, [&](const HttpResponse& answer) {
    Verdict verdict = judge_stooq(answer, kernel::SystemClock().now());
    if (verdict.kind != Verdict::Kind::limit) verdict.problem = std::string(symbol) + ": " + verdict.problem;
    return verdict;
  });
  auto parsed = parse_stooq(response.body, symbol, range);
  if (!parsed) throw Error(ErrorKind::data, source_ + ": " + parsed.error().reason);
  return std::move(parsed).value();
}

}  // namespace am::market
