// What `bench/strategy_stream` measures: bars over a Redis, from a publisher to the desk's stream, parsed.
//
//   strategy_stream_driver publish URL RATE SECONDS [SYMBOLS]
//       JSON bars of 100 or so many symbols, RATE a second in a burst each millisecond (0: as fast as it goes), then one
//       that says "last"; prints how many
//   strategy_stream_driver subscribe URL
//       until "last"; prints, as JSON, how many came, what went wrong, CPU time, and latencies: from publishing, and from
//       the socket's read

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include <fmt/core.h>
#include <sys/resource.h>

#include "am/strategy/messages.hpp"
#include "am/strategy/stream.hpp"

namespace {

using namespace am::strategy;
using std::chrono::microseconds;
using std::chrono::nanoseconds;
using Steady = std::chrono::steady_clock;

constexpr int kSymbols = 100;
constexpr auto kStep = microseconds(1000);  // bars of many symbols end at the same moment

std::int64_t wall_micros() {
  return std::chrono::duration_cast<microseconds>(std::chrono::system_clock::now().time_since_epoch())
      .count();
}

double cpu_seconds() {
  rusage used{};
  getrusage(RUSAGE_SELF, &used);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  return seconds(used.ru_utime) + seconds(used.ru_stime);
}

struct Message {
  std::string channel, payload;
};

/// The i-th bar: of a symbol, at a minute of its own; `sent` says when. Each symbol falls for 80 bars, then rises for 80.
void make_bar(Message& out, std::int64_t i, std::int64_t symbols, bool is_last) {
  const std::int64_t index = i % symbols, minute = i / symbols;
  const std::string symbol = "SYM" + std::to_string(index);
  const double price = 100 + static_cast<double>(std::abs((minute + index * 7) % 160 - 80)) / 16;
  out.channel = std::string(kBarChannels) + symbol;
  out.payload.clear();
  const Bar bar{
      1'769'437'800'000'000 + minute * 60'000'000, price, price + 0.5, price - 0.5, price + 0.25, 1200};
  write_message(out.payload, BarMessage{symbol, "1m", bar, {minute, 1}});
  out.payload.pop_back();
  out.payload += fmt::format(R"(,"sent":{}{}}})", wall_micros(), is_last ? R"(,"last":true)" : "");
}

std::int64_t publish_for(const std::string& url, std::int64_t rate, std::int64_t seconds,
                         std::int64_t symbols) {
  Redis redis(parse_redis_url(url));
  redis.ping();
  const Steady::time_point begun = Steady::now();
  const std::int64_t most = rate == 0 ? 500 : rate * kStep.count() / 1'000'000 + 1;
  std::vector<Message> messages(static_cast<std::size_t>(most));
  std::vector<Publication> batch;
  std::int64_t sent = 0;
  for (;;) {
    const auto gone = Steady::now() - begun;
    if (rate == 0 ? gone >= std::chrono::seconds(seconds) : sent == rate * seconds) break;
    const std::int64_t due =
        rate == 0 ? sent + most
                  : std::min(rate * std::chrono::duration_cast<microseconds>(gone).count() / 1'000'000,
                             rate * seconds);
    batch.clear();
    for (std::int64_t i = sent; i < due && batch.size() < messages.size(); ++i) {
      Message& message = messages[batch.size()];
      make_bar(message, i, symbols, false);
      batch.push_back({message.channel, message.payload});
    }
    sent += static_cast<std::int64_t>(batch.size());
    redis.publish(batch);
    if (sent == due) std::this_thread::sleep_until(begun + (gone / kStep + 1) * kStep);
  }
  Message last;
  make_bar(last, sent, symbols, true);
  redis.publish(last.channel, last.payload);
  return sent + 1;
}

/// Sorted; the share's element.
double quantile(std::vector<double>& values, double share) {
  std::ranges::sort(values);
  return values.empty() ? 0
                        : values[static_cast<std::size_t>(share * static_cast<double>(values.size() - 1))];
}

void subscribe_until_last(const std::string& url) {
  MarketStream stream({.url = url});
  MessageParser parser;
  std::vector<double> from_publishing, from_reading;
  from_publishing.reserve(20'000'000);
  from_reading.reserve(20'000'000);
  std::vector<std::int64_t> expected(kSymbols, 0);
  std::int64_t events = 0, gaps = 0, bad = 0, connects = 0;
  double cpu = 0;
  Steady::time_point begun{};
  for (bool is_over = false; !is_over;) {
    const auto frame = stream.next();
    if (!frame) {
      stream.wait(SteadyTime::max());
      continue;
    }
    if (frame->kind == Frame::Kind::connected) {
      ++connects;
      std::puts("ready");
      std::fflush(stdout);
    }
    if (frame->kind != Frame::Kind::bar) continue;
    if (events == 0) {
      cpu = cpu_seconds();
      begun = Steady::now();
    }
    ++events;
    const auto message = parser.bar(frame->payload, frame->symbol);
    if (!message) {
      ++bad;
      continue;
    }
    const auto index = static_cast<std::size_t>(std::stoi(std::string(frame->symbol.substr(3))));
    gaps += frame->coalesced ||
            *message->sequence.seq != std::exchange(expected[index], *message->sequence.seq + 1);
    const std::string_view text = frame->payload.text;
    const std::int64_t sent = std::strtoll(text.data() + text.rfind("\"sent\":") + 7, nullptr, 10);
    is_over = text.ends_with("\"last\":true}");
    from_publishing.push_back(static_cast<double>(wall_micros() - sent));
    from_reading.push_back(std::chrono::duration<double, std::micro>(Steady::now() - frame->read_at).count());
  }
  cpu = cpu_seconds() - cpu;
  const double seconds = std::chrono::duration<double>(Steady::now() - begun).count();
  const StreamCounts counts = stream.counts();
  fmt::print(
      R"({{"events":{},"seconds":{:.3f},"cpu_us":{:.3f},"gaps":{},"bad":{},"connects":{},"coalesced":{},)"
      R"("peak_bytes":{},"p50_us":{:.1f},"p99_us":{:.1f},"read_p50_us":{:.1f},"read_p99_us":{:.1f}}})"
      "\n",
      events, seconds, cpu * 1e6 / static_cast<double>(events), gaps, bad, connects, counts.coalesced,
      counts.peak_bytes, quantile(from_publishing, 0.5), quantile(from_publishing, 0.99),
      quantile(from_reading, 0.5), quantile(from_reading, 0.99));
}

}  // namespace

int main(int argc, char** argv) {
  try {
    const std::vector<std::string> args(argv + 1, argv + argc);
    if ((args.size() == 4 || args.size() == 5) && args[0] == "publish") {
      const std::int64_t symbols = args.size() == 5 ? std::stoll(args[4]) : kSymbols;
      fmt::print("{}\n", publish_for(args[1], std::stoll(args[2]), std::stoll(args[3]), symbols));
      return 0;
    }
    if (args.size() == 2 && args[0] == "subscribe") {
      subscribe_until_last(args[1]);
      return 0;
    }
    fmt::print(stderr, "strategy_stream_driver publish URL RATE SECONDS [SYMBOLS] | subscribe URL\n");
    return 64;
  } catch (const std::exception& error) {
    fmt::print(stderr, "strategy_stream_driver: {}\n", error.what());
    return 1;
  }
}
