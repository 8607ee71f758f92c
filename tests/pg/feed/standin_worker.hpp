#pragma once
// One worker of the stand-in: a connection, a client, a token place and a supplier of its own.

#include <algorithm>
#include <chrono>
#include <iterator>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "am/feed/nivoda.hpp"
#include "am/kernel/clock.hpp"
#include "crawl_bed.hpp"
#include "support/feed/standin.hpp"

namespace am::feed {

struct StandinAccess {
  std::optional<std::string> tokens_in{};
  std::string rate{};  ///< empty: without a limit
  std::string password{test::Standin::kPassword};
};

struct StandinWorker {
  StandinWorker(const test::TestDb& home, const std::string& endpoint, const StandinAccess& access = {},
                const kernel::QueueSpec& spec = partitions_queue())
      : bed(home, {}, spec),
        options{endpoint, std::string(test::Standin::kUser), access.password,
                false,    std::chrono::seconds(5),           std::chrono::seconds(5)},
        tokens(options, access.tokens_in, bed.log, bed.stop, [] { return kernel::SystemClock().now(); }),
        limiter(*bed.db, bed.stop,
                {{"nivoda", kernel::parse_rate_windows(access.rate.empty() ? "100000/s" : access.rate)}}),
        client(*transport, &limiter, bed.log, bed.stop,
               {.vendor = "nivoda",
                .limit_key = access.rate.empty() ? std::nullopt : std::optional<std::string>("nivoda"),
                .retry = {.attempts = 3,
                          .base = std::chrono::milliseconds(1),
                          .cap = std::chrono::milliseconds(5)},
                .max_wait = std::chrono::seconds(30)}),
        nivoda(client, tokens, options) {
    bed.options.page_size = 30;
  }

  /// A run with a partition between each two edges, each with the supplier's own count.
  std::string plan(const std::vector<long long>& edges) {
    std::vector<Part> parts;
    for (std::size_t i = 0; i + 1 < edges.size(); ++i) {
      const PriceRange price{edges[i], edges[i + 1]};
      parts.push_back({price, nivoda.count({.price = price})});
    }
    return bed.run_of(parts);
  }

  /// Until no partition is open; what waits for its time is made ready.
  kernel::Drained crawl() {
    kernel::Drained sum;
    for (int attempt = 0; attempt < 30; ++attempt) {
      const kernel::Drained drained = bed.work(nivoda);
      sum.done += drained.done;
      sum.dead += drained.dead;
      if (bed.value("SELECT count(*) FROM feed.partition_progress WHERE status IN ('queued', 'running')") ==
          "0")
        break;
      bed.home.open()->query(
          "UPDATE feed.partition_progress SET ready_at = clock_timestamp() WHERE status = 'queued'");
    }
    return sum;
  }

  CrawlBed bed;
  std::unique_ptr<kernel::Transport> transport = kernel::make_curl_transport("am/test");
  NivodaOptions options;
  NivodaTokens tokens;
  kernel::RateLimiter limiter;
  kernel::HttpClient client;
  Nivoda nivoda;
};

inline std::vector<std::string> missing(const std::vector<std::string>& stored,
                                        const std::vector<std::string>& staying) {
  std::vector<std::string> out;
  std::ranges::set_difference(staying, stored, std::back_inserter(out));
  return out;
}

}  // namespace am::feed
