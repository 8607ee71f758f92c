#include "am/market/alpha_vantage.hpp"

#include <algorithm>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "am/base/text.hpp"
#include "am/kernel/clock.hpp"
#include "am/kernel/new_york.hpp"
#include "am/market/symbol.hpp"
#include "vendor_checks.hpp"

namespace am::market {

using kernel::HttpResponse;
using kernel::Verdict;

namespace {

constexpr std::string_view kSeries = "Time Series (Daily)";
constexpr std::string_view kQuote = "Global Quote";
/// After a burst. The vendor's window is a second.
constexpr std::chrono::milliseconds kBurstPause = std::chrono::seconds(5);

/// A string or number of the document with the keys that lead to it. A number keeps the text in which it was
/// sent: a price never passes through a binary float.
struct Leaf {
  std::vector<std::string> path;
  std::string text;
};

/// Collects the leaves while the text is read. Arrays, booleans and nulls have no place in these answers:
/// their leaves are left out, so that what should be there is missing.
class LeafReader final : public nlohmann::json_sax<nlohmann::json> {
 public:
  static std::optional<std::vector<Leaf>> read(std::string_view body) {
    LeafReader reader;
    if (!nlohmann::json::sax_parse(body, &reader) || !reader.is_object_) return {};
    return std::move(reader.leaves_);
  }

  bool null() override { return value(); }
  bool boolean(bool /*unused*/) override { return value(); }
  bool number_integer(std::int64_t v) override { return leaf(std::to_string(v)); }
  bool number_unsigned(std::uint64_t v) override { return leaf(std::to_string(v)); }
  bool number_float(double /*unused*/, const std::string& text) override { return leaf(text); }
  bool string(std::string& text) override { return leaf(text); }
  bool binary(nlohmann::json::binary_t& /*unused*/) override { return false; }
  bool start_object(std::size_t /*unused*/) override {
    if (depth_ == 0) is_object_ = true;
    path_.emplace_back();
    return ++depth_ <= kMaxDepth;
  }
  bool key(std::string& text) override {
    path_.back() = text;
    return true;
  }
  bool end_object() override {
    path_.pop_back();
    --depth_;
    return true;
  }
  bool start_array(std::size_t /*unused*/) override {
    ++arrays_;
    path_.emplace_back();
    return ++depth_ <= kMaxDepth;
  }
  bool end_array() override {
    --arrays_;
    path_.pop_back();
    --depth_;
    return true;
  }
  bool parse_error(std::size_t /*unused*/, const std::string& /*unused*/,
                   const nlohmann::json::exception& /*unused*/) override {
    return false;
  }

 private:
  static constexpr int kMaxDepth = 16;

  static bool value() { return true; }
  bool leaf(std::string text) {
    if (arrays_ == 0 && depth_ > 0) leaves_.push_back({path_, std::move(text)});
    return true;
  }

  std::vector<Leaf> leaves_;
  std::vector<std::string> path_;
  int depth_ = 0;
  int arrays_ = 0;
  bool is_object_ = false;
};

const std::string* find_leaf(const std::vector<Leaf>& leaves, std::initializer_list<std::string_view> path) {
  const auto found = std::ranges::find_if(leaves, [&](const Leaf& leaf) {
    return std::ranges::equal(leaf.path, path,
                              [](const std::string& a, std::string_view b) { return a == b; });
  });
  return found == leaves.end() ? nullptr : &found->text;
}

bool has_section(const std::vector<Leaf>& leaves, std::string_view name) {
  return std::ranges::any_of(leaves,
                             [&](const Leaf& leaf) { return leaf.path.size() > 1 && leaf.path[0] == name; });
}

/// In Alpha Vantage's symbols a dot introduces the exchange (TSCO.LON), so a class of shares takes a hyphen
/// (BRK-B).
std::string vendor_symbol(std::string_view symbol) { return symbol_with_class_after('-', symbol); }

std::optional<Reject> wrong_symbol(const std::string* answered, std::string_view asked) {
  if (answered == nullptr || vendor_symbol(trim(*answered)) == vendor_symbol(asked)) return {};
  return Reject{std::string(asked) + ": the answer is for another symbol (" + shown(*answered) + ")"};
}

Reject missing(std::string_view symbol, std::string_view what) {
  return Reject{std::string(symbol) + ": the answer has no \"" + std::string(what) + "\""};
}

bool mentions(const std::string& text, std::initializer_list<std::string_view> words) {
  return std::ranges::any_of(words,
                             [&](std::string_view word) { return text.find(word) != std::string::npos; });
}

/// A free key has 25 requests a day. When the day begins the vendor tells nobody; its users find New York's, and the
/// exchange's day it is. Were it another, one request would tell.
std::chrono::milliseconds until_tomorrow(Instant now) {
  const Instant tomorrow = kernel::new_york_instant(kernel::new_york_date(now) + 1, std::chrono::minutes(1));
  return std::chrono::ceil<std::chrono::milliseconds>(tomorrow - now);
}

Verdict fail(std::string problem, ErrorKind error, std::string hint) {
  return {
      .kind = Verdict::Kind::fail, .problem = std::move(problem), .error = error, .hint = std::move(hint)};
}

Verdict refused_key() {
  return fail("the vendor refused the key", ErrorKind::denied, "check ALPHA_VANTAGE_API_KEY");
}

Verdict unknown_symbol() {
  return fail("the vendor refused the request, which mostly means an unknown symbol", ErrorKind::data,
              "check the symbol");
}

Verdict premium_only() {
  return fail("the key does not include this function (a premium endpoint)", ErrorKind::denied,
              "use the other Alpha Vantage function or another price source");
}

/// wait: none for the default, which is a minute.
Verdict limited(std::string problem, std::optional<std::chrono::milliseconds> wait) {
  return {
      .kind = Verdict::Kind::limit,
      .problem = std::move(problem),
      .error = ErrorKind::deferred,
      .hint = "a free key has 25 requests a day, one a second; set alpha_vantage.limits to what yours has",
      .wait = wait};
}

/// "Information" and "Note" carry request limits, paid functions and refused keys alike; only the words tell. All of
/// them advertise premium plans, so that word alone says nothing, and a notice of a burst names the day's limit too.
Verdict judge_notice(std::string_view notice, Instant now) {
  const std::string text = to_lower(notice);
  if (mentions(text, {"is a premium"})) return premium_only();
  if (mentions(text, {"burst pattern", "per second", "sparingly", "spreading out", "spread requests"})) {
    return limited("requests came too fast for the vendor", kBurstPause);
  }
  if (mentions(text, {"per minute", "minute-level", "call volume", "request volume", "call frequency"})) {
    return limited("the vendor's request limit is reached", {});
  }
  if (mentions(text, {"per day", "daily rate limit", "daily limit"})) {
    return limited("the vendor's limit for today is reached", until_tomorrow(now));
  }
  if (mentions(text, {"rate limit", "requests per", "calls per"})) {
    return limited("the vendor's request limit is reached", {});
  }
  if (mentions(text, {"api key", "apikey"})) return refused_key();
  if (mentions(text, {"invalid api call"})) return unknown_symbol();
  if (mentions(text, {"premium"})) return premium_only();
  return {.kind = Verdict::Kind::retry,
          .problem = "the vendor answered with a notice instead of prices",
          .error = ErrorKind::data};
}

}  // namespace

Verdict judge_alpha_vantage(const HttpResponse& response, Instant now) {
  if (Verdict http = kernel::judge_status(response); http.kind != Verdict::Kind::accept) return http;
  const auto leaves = LeafReader::read(response.body);
  if (!leaves) {
    return {.kind = Verdict::Kind::retry,
            .problem = "the answer is not a JSON object (" + first_words(response.body) + ")",
            .error = ErrorKind::data,
            .hint = "the vendor has trouble, or its base URL is wrong"};
  }
  if (has_section(*leaves, kSeries) || has_section(*leaves, kQuote)) return {};
  if (const std::string* error = find_leaf(*leaves, {"Error Message"})) {
    return mentions(to_lower(*error), {"apikey", "api key"}) ? refused_key() : unknown_symbol();
  }
  for (const std::string_view name : {"Note", "Information"}) {
    if (const std::string* notice = find_leaf(*leaves, {name})) return judge_notice(*notice, now);
  }
  return fail("the vendor has no prices for this symbol", ErrorKind::data, "check the symbol");
}

Result<Series> parse_daily(std::string_view body, std::string_view symbol, DateRange range) {
  const auto leaves = LeafReader::read(body);
  if (!leaves) return Reject{std::string(symbol) + ": the answer is not a JSON object"};
  if (auto wrong = wrong_symbol(find_leaf(*leaves, {"Meta Data", "2. Symbol"}), symbol)) return *wrong;

  std::vector<Date> days;
  Series series;
  const std::string* current = nullptr;  // the leaves of one day follow each other
  const auto end = leaves->end();
  for (auto leaf = leaves->begin(); leaf != end; ++leaf) {
    if (leaf->path.size() != 3 || leaf->path[0] != kSeries) continue;
    if (current != nullptr && *current == leaf->path[1]) continue;
    current = &leaf->path[1];
    const auto day = Date::parse(*current);
    if (!day) return Reject{std::string(symbol) + ": a record's key is not a date (" + shown(*current) + ")"};
    days.push_back(*day);
    if (!range.contains(*day)) continue;
    std::optional<Decimal> close;
    for (auto field = leaf; field != end && field->path.size() == 3 && field->path[1] == *current; ++field) {
      if (field->path[2] != "4. close") continue;
      if (close) return Reject{std::string(symbol) + " " + *current + ": two closes in one record"};
      auto price = parse_close(field->text, symbol, *day);
      if (!price) {
        series.refused.emplace(*day, price.error().reason);
      } else {
        close = *price;
      }
    }
    if (series.refused.contains(*day)) continue;
    if (!close) return missing(std::string(symbol) + " " + *current, "4. close");
    series.closes.push_back({*day, *close});
  }
  if (days.empty()) return missing(symbol, kSeries);
  std::ranges::sort(days);
  if (const auto twice = std::ranges::adjacent_find(days); twice != days.end()) {
    return Reject{std::string(symbol) + " " + twice->to_string() + ": listed twice"};
  }
  std::ranges::sort(series.closes, {}, &Close::day);
  if (days.size() >= kCompactSessions) series.reaches_back_to = days.front();
  return series;
}

Result<Series> parse_quote(std::string_view body, std::string_view symbol, DateRange range) {
  const auto leaves = LeafReader::read(body);
  if (!leaves) return Reject{std::string(symbol) + ": the answer is not a JSON object"};
  if (!has_section(*leaves, kQuote)) return missing(symbol, kQuote);
  if (auto wrong = wrong_symbol(find_leaf(*leaves, {kQuote, "01. symbol"}), symbol)) return *wrong;
  const std::string* day_text = find_leaf(*leaves, {kQuote, "07. latest trading day"});
  if (day_text == nullptr) return missing(symbol, "07. latest trading day");
  const auto day = Date::parse(*day_text);
  if (!day)
    return Reject{std::string(symbol) + ": the latest trading day is not a date (" + shown(*day_text) + ")"};
  Series series;
  series.reaches_back_to = *day;
  if (!range.contains(*day)) return series;
  const std::string* price_text = find_leaf(*leaves, {kQuote, "05. price"});
  if (price_text == nullptr) return missing(std::string(symbol) + " " + day->to_string(), "05. price");
  const auto price = parse_close(*price_text, symbol, *day);
  if (price) {
    series.closes.push_back({*day, *price});
  } else {
    series.refused.emplace(*day, price.error().reason);
  }
  return series;
}

AlphaVantage::AlphaVantage(kernel::HttpClient& http, Options options)
    : http_(http), options_(std::move(options)) {
  if (options_.api_key.empty()) {
    throw Error(ErrorKind::config, "alpha-vantage: no API key",
                "set ALPHA_VANTAGE_API_KEY, or choose another source with --prices");
  }
}

Series AlphaVantage::fetch(std::string_view symbol, DateRange range) {
  const bool daily = options_.function == Function::daily;
  kernel::HttpRequest request;
  request.connect_timeout = options_.connect_timeout;
  request.timeout = options_.timeout;
  request.url = without_trailing_slash(options_.base_url) +
                "/query?function=" + (daily ? "TIME_SERIES_DAILY" : "GLOBAL_QUOTE") +
                "&symbol=" + kernel::url_encode(vendor_symbol(symbol)) +
                (daily ? "&outputsize=compact" : "") + "&apikey=" + kernel::url_encode(options_.api_key);
  const HttpResponse response = http_.send(request, [&](const HttpResponse& answer) {
    Verdict verdict = judge_alpha_vantage(answer, kernel::SystemClock().now());
    // A limit is about the key and shown with it; everything else is about this symbol.
    if (verdict.kind != Verdict::Kind::limit) verdict.problem = std::string(symbol) + ": " + verdict.problem;
    return verdict;
  });
  auto parsed = daily ? parse_daily(response.body, symbol, range) : parse_quote(response.body, symbol, range);
  if (!parsed) throw Error(ErrorKind::data, source_ + ": " + parsed.error().reason);
  return std::move(parsed).value();
}

}  // namespace am::market
