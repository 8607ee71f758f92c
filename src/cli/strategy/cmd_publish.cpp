#include <chrono>

#include <nlohmann/json.hpp>

#include "am/base/text.hpp"
#include "am/cli/context.hpp"
#include "am/market/symbol.hpp"
#include "am/strategy/publish.hpp"
#include "cli/commands.hpp"
#include "cli/input.hpp"
#include "strategy_commands.hpp"

namespace am::cli {

namespace {

struct PublishOptions {
  std::vector<std::string> files;
  std::optional<std::string> symbol, timeframe;
  std::optional<Date> from, to;
  std::optional<int> speed, rate;
};

constexpr int kFastest = 1'000'000;

void publish_flags(Flags& f, PublishOptions& o) {
  f.words("file", o.files, "CSV with a header line, or messages as JSON, one a line; - for standard input");
  f.text("--symbol", o.symbol, "SYMBOL", "whose bars they are: of the CSV, or else of market.bars");
  f.text("--timeframe", o.timeframe, "LENGTH", "of the bars (1m)");
  f.date("--from", o.from, "first day (UTC) of market.bars");
  f.date("--to", o.to, "last day");
  f.integer("--speed", o.speed, 1, kFastest, "so many times as fast as it was");
  f.integer("--rate", o.rate, 1, kFastest, "so many messages a second");
}

void check_publish_options(const PublishOptions& o) {
  if (o.speed && o.rate) throw Error(ErrorKind::usage, "--speed and --rate: only one of them");
  if (o.files.size() > 1)
    throw Error(ErrorKind::usage,
                "strategy publish: expected one file, got " + std::to_string(o.files.size()));
  if (o.files.empty() && !o.symbol)
    throw Error(ErrorKind::usage, "needs a file, or --symbol with bars of market.bars");
  if (!o.files.empty() && (o.from || o.to))
    throw Error(ErrorKind::usage, "--from and --to are for bars of market.bars, not for a file");
  if (o.symbol && !market::is_symbol(*o.symbol))
    throw Error(ErrorKind::usage, "--symbol: expected 1 to 32 visible characters, got " + shown(*o.symbol));
  if (o.timeframe && !strategy::timeframe_length(*o.timeframe))
    throw Error(ErrorKind::usage,
                "--timeframe: expected such as 1m, 5m, 1h or 1d, got " + shown(*o.timeframe));
}

/// What is to be published; what its messages are made from has to live as long.
struct PublishSource {
  std::string text;
  std::vector<strategy::Bar> bars;
  strategy::NextMessage next;
};

std::vector<strategy::Bar> stored_bars(const PublishOptions& o, const strategy::BarKey& key,
                                       Context& context) {
  const auto micros = [](Date day) { return Instant(day.days()).time_since_epoch().count(); };
  auto bars = strategy::read_bars(context.db(), key, micros(o.from.value_or(Date(1970, 1, 1))),
                                  micros(o.to.value_or(Date(9999, 12, 30)) + 1));
  if (bars.empty())
    throw Error(ErrorKind::no_input,
                "market.bars has no bars of " + key.symbol + ", " + key.timeframe + ", of those days",
                "am strategy bars import stores some, or name a file");
  return bars;
}

void open_source(PublishSource& source, const PublishOptions& o, std::int64_t epoch, Context& context) {
  const strategy::BarKey key{o.symbol.value_or(""), o.timeframe.value_or("1m")};
  if (o.files.empty()) {
    source.bars = stored_bars(o, key, context);
  } else {
    source.text = read_input(o.files.front(), context);
    const std::string name = input_name(o.files.front());
    if (trim(source.text).starts_with('{')) {
      if (o.symbol || o.timeframe)
        throw Error(ErrorKind::usage, name + ": its messages name their symbols and timeframes",
                    "leave out --symbol and --timeframe");
      source.next = strategy::messages_of_lines(source.text, name, epoch);
      return;
    }
    if (!o.symbol) throw Error(ErrorKind::usage, "needs --symbol: " + name + " is CSV, which names none");
    source.bars = strategy::parse_bars_csv(source.text, name);
  }
  source.next = strategy::messages_of_bars(key, source.bars, epoch);
}

Outcome publish(const PublishOptions& o, Context& context) {
  check_publish_options(o);
  strategy::Redis redis(strategy::parse_redis_url(context.config.secret("redis.url")));
  redis.ping();
  // The publisher's life: whoever hears of a new one counts anew.
  const std::int64_t epoch = kernel::Clock::wall().time_since_epoch().count();
  PublishSource source;
  open_source(source, o, epoch, context);
  strategy::PublishPace pace;
  if (o.speed) pace.speed = *o.speed;
  if (o.rate) pace.rate = *o.rate;
  const auto begun = std::chrono::steady_clock::now();
  const auto published = strategy::publish_messages(redis, source.next, pace, context.stop);
  const auto took =
      std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - begun);
  Outcome outcome;
  if (published.messages > 0) outcome.kind = OutcomeKind::changed;
  const auto messages = static_cast<long long>(published.messages);
  outcome.counts = {{"messages", messages}, {"subscribers", published.subscribers}};
  if (messages > 0 && published.subscribers == 0)
    outcome.warnings.push_back(
        "nobody listened to the last message: is am strategy run at work, with the same redis.url?");
  outcome.table = "published " + std::to_string(messages) + " messages in " + seconds_text(took) +
                  "; the last one reached " + std::to_string(published.subscribers) + " subscribers\n";
  outcome.data = nlohmann::ordered_json{
      {"messages", messages},
      {"subscribers", published.subscribers},
      {"epoch", epoch},
      {"took_ms",
       took.count()}}.dump();
  return outcome;
}

}  // namespace

Command strategy_publish() {
  return make_command<PublishOptions>(
      {.path = "strategy publish",
       .summary = "put bars and trades into Redis, at a pace, as a market would",
       .details =
           "Bars of a CSV, of market.bars, or whole messages as JSON lines (bars and trades of any symbols). Each channel's "
           "messages are numbered (seq) for as long as the command lives (epoch), so that whoever listens sees what is "
           "missing. With --speed at the distances in which they came, without a pace as fast as it goes.",
       .examples = {"am strategy publish examples/bars/demo-day.csv --symbol DEMO --speed 60",
                    "am strategy publish --symbol AAPL --from 2026-01-26 --to 2026-01-26 --rate 1000"},
       .exits = {ExitCode::data, ExitCode::no_input, ExitCode::denied},
       .config = config_of({"database.url", "redis.url"})},
      publish_flags, publish);
}

}  // namespace am::cli
