#include "market_writer.hpp"

#include <utility>

#include "am/strategy/bars.hpp"
#include "am/strategy/messages.hpp"

namespace am::strategy {

namespace {

constexpr Micros kFarFuture = 120'000'000;
constexpr auto kRedisAgain = std::chrono::seconds(1);

}  // namespace

SequenceNumber MarketWriter::next(const std::string& channel) {
  return {.seq = ++sequences_[channel], .epoch = epoch_};
}

void MarketWriter::break_sequence() {
  for (auto& [channel, sequence] : sequences_) ++sequence;
}

std::vector<MarketWriter::Message> MarketWriter::messages(const StreamBatch& batch, Micros latest) {
  std::vector<Message> out;
  out.reserve(batch.bars.size() + batch.trades.size());
  const auto add = [&](std::string_view prefix, const std::string& symbol, const auto& fill) {
    Message message{.channel = std::string(prefix) + symbol, .payload = {}};
    fill(message);
    out.push_back(std::move(message));
  };
  for (const StreamBar& each : batch.bars) {
    if (each.bar.start > latest) continue;
    add(kBarChannels, each.symbol, [&](Message& message) {
      write_message(
          message.payload,
          BarMessage{
              .symbol = each.symbol, .timeframe = "1m", .bar = each.bar, .sequence = next(message.channel)});
    });
  }
  for (const StreamTrade& each : batch.trades) {
    add(kTradeChannels, each.symbol, [&](Message& message) {
      write_message(message.payload, TradeMessage{.symbol = each.symbol,
                                                  .tick_type = each.tick_type,
                                                  .trade = each.trade,
                                                  .sequence = next(message.channel)});
    });
  }
  return out;
}

void MarketWriter::take(const StreamBatch& batch, Micros now) {
  const Micros latest = now + kFarFuture;
  counts_.bad += batch.bad;
  std::map<std::string, std::map<Micros, Bar>> by_symbol;  // one minute can be said twice in a frame
  for (const StreamBar& each : batch.bars) {
    if (each.bar.start > latest) {
      ++counts_.bad;
      continue;
    }
    ++(each.revised ? counts_.revised : counts_.bars);
    by_symbol[each.symbol][each.bar.start] = each.bar;
  }
  counts_.trades += batch.trades.size();
  if (!by_symbol.empty()) {
    std::size_t stored = 0;
    db_.transact([&](kernel::Transaction& tx) {
      stored = 0;
      for (const auto& [symbol, bars] : by_symbol) {
        std::vector<Bar> list;
        for (const auto& [start, bar] : bars) list.push_back(bar);
        stored += store_bars(tx, {.symbol = symbol, .timeframe = "1m"}, list);
      }
    });
    counts_.stored += stored;
  }
  publish(messages(batch, latest));
}

void MarketWriter::store(const std::string& symbol, std::vector<Bar> bars) {
  std::map<Micros, Bar> once;
  for (const Bar& bar : bars) once[bar.start] = bar;
  bars.clear();
  for (const auto& [start, bar] : once) bars.push_back(bar);
  if (bars.empty()) return;
  const std::size_t stored = store_bars(db_, {.symbol = symbol, .timeframe = "1m"}, bars);
  counts_.stored += stored;
  counts_.backfilled += stored;
}

/// Counts go on when a message is not sent, so that whoever reads the next one sees the gap.
void MarketWriter::publish(const std::vector<Message>& messages) {
  if (messages.empty()) return;
  const auto now = std::chrono::steady_clock::now();
  if (redis_away_ && now < redis_again_) {
    counts_.unpublished += messages.size();
    return;
  }
  std::vector<Publication> publications;
  publications.reserve(messages.size());
  for (const Message& message : messages) publications.push_back({message.channel, message.payload});
  try {
    redis_.publish(publications);
    counts_.published += messages.size();
    if (redis_away_) log_.info("redis takes messages again");
    redis_away_ = false;
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::unavailable) throw;
    if (!redis_away_) log_.warn("messages are not published", {{"error", error.message()}});
    redis_away_ = true;
    redis_again_ = std::chrono::steady_clock::now() + kRedisAgain;
    counts_.unpublished += messages.size();
  }
}

}  // namespace am::strategy
