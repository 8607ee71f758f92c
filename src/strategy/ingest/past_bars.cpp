#include "past_bars.hpp"

#include <utility>

#include "alpaca_market.hpp"
#include "am/kernel/clock.hpp"
#include "strategy/brokers/alpaca_answer.hpp"

namespace am::strategy {

namespace {

constexpr int kMostBarPages = 200;
constexpr std::size_t kMostPageBytes = std::size_t{16} << 20U;

kernel::HttpRequest bars_request(const PastBarsOptions& options, const std::string& target) {
  kernel::HttpRequest request;
  request.url = options.url + target;
  request.headers = {{"APCA-API-KEY-ID", options.key},
                     {"APCA-API-SECRET-KEY", options.secret},
                     {"Accept", "application/json"}};
  request.max_body = kMostPageBytes;
  return request;
}

}  // namespace

std::size_t read_past_bars(kernel::HttpClient& http, const PastBarsOptions& options, AssetType type,
                           const std::string& symbol, Micros from, Micros to,
                           const std::function<void(std::vector<Bar>)>& take) {
  using kernel::Verdict;
  std::size_t bad = 0;
  std::string token;
  for (int page = 0; page < kMostBarPages; ++page) {
    BarsPage found;
    const kernel::HttpRequest request = bars_request(options, bars_target(type, symbol, from, to, token));
    http.send(request, [&](const kernel::HttpResponse& response) -> Verdict {
      Verdict verdict = kernel::judge_status(response);
      if (verdict.kind == Verdict::Kind::limit)
        verdict.wait = wait_for_reset(response, kernel::Clock::wall());
      if (verdict.kind != Verdict::Kind::accept) return verdict;
      auto parsed = parse_bars_page(response.body, symbol);
      if (!parsed)
        return {.kind = Verdict::Kind::retry,
                .problem = "an answer that is none: " + parsed.error().reason,
                .error = ErrorKind::data};
      found = std::move(parsed).value();
      return verdict;
    });
    bad += found.bad;
    take(std::move(found.bars));
    if (found.next.empty()) return bad;
    if (found.next == token) break;
    token = std::move(found.next);
  }
  throw Error(ErrorKind::data, "alpaca: bars of " + symbol + " without an end");
}

}  // namespace am::strategy
