#include "am/strategy/publish.hpp"

#include <algorithm>
#include <map>
#include <memory>
#include <utility>
#include <vector>

#include "am/base/text.hpp"

namespace am::strategy {

namespace {

constexpr std::size_t kMostTogether = 256;
constexpr std::chrono::milliseconds kMostSleep{1000};

/// Lines as messages; what is counted is kept between them.
class Lines {
 public:
  Lines(std::string_view text, std::string path, std::int64_t epoch)
      : text_(text), path_(std::move(path)), epoch_(epoch) {}

  bool next(OutgoingMessage& out) {
    while (!text_.empty()) {
      const auto end = std::min(text_.find('\n'), text_.size());
      const std::string_view line = trim(text_.substr(0, end));
      text_.remove_prefix(std::min(end + 1, text_.size()));
      ++number_;
      if (line.empty()) continue;
      take(line, out);
      return true;
    }
    return false;
  }

 private:
  /// A trade is what has a price of its own.
  void take(std::string_view line, OutgoingMessage& out) {
    out.payload.clear();
    auto bar = parser_.bar(line);
    if (bar) {
      bar->sequence = numbered(out, kBarChannels, bar->symbol);
      out.at = bar->bar.start + *timeframe_length(bar->timeframe);
      return write_message(out.payload, *bar);
    }
    auto trade = parser_.trade(line);
    if (!trade) {
      const bool is_bar = line.find("\"open\"") != std::string_view::npos;
      throw Error(
          ErrorKind::data,
          path_ + ":" + std::to_string(number_) + ": it is neither a bar nor a trade (" +
              std::string(name_of(is_bar ? bar.error() : trade.error())) + ")",
          "each line is a message as docs/commands/strategy.md has them, or the file is CSV with a header line");
    }
    trade->sequence = numbered(out, kTradeChannels, trade->symbol);
    out.at = trade->trade.at;
    write_message(out.payload, *trade);
  }

  SequenceNumber numbered(OutgoingMessage& out, std::string_view channels, std::string_view symbol) {
    out.channel.assign(channels).append(symbol);
    return {++counts_[out.channel], epoch_};
  }

  std::string_view text_;
  const std::string path_;
  const std::int64_t epoch_;
  std::size_t number_ = 0;
  std::map<std::string, std::int64_t> counts_;  ///< by channel
  MessageParser parser_;
};

}  // namespace

NextMessage messages_of_bars(const BarKey& key, std::span<const Bar> bars, std::int64_t epoch) {
  const Micros length = timeframe_length(key.timeframe).value_or(0);
  return [key, bars, epoch, length, i = std::size_t{0}](OutgoingMessage& out) mutable {
    if (i == bars.size()) return false;
    const Bar& bar = bars[i++];
    out.channel = std::string(kBarChannels) + key.symbol;
    out.payload.clear();
    out.at = bar.start + length;
    write_message(out.payload,
                  BarMessage{key.symbol, key.timeframe, bar, {static_cast<std::int64_t>(i), epoch}});
    return true;
  };
}

NextMessage messages_of_lines(std::string_view text, const std::string& path, std::int64_t epoch) {
  return
      [lines = std::make_shared<Lines>(text, path, epoch)](OutgoingMessage& out) { return lines->next(out); };
}

std::chrono::nanoseconds due_after(const PublishPace& pace, std::uint64_t number, Micros at, Micros first) {
  double seconds = 0;
  if (pace.speed) seconds = static_cast<double>(std::max<Micros>(at - first, 0)) / 1e6 / *pace.speed;
  if (pace.rate) seconds = static_cast<double>(number) / *pace.rate;
  constexpr double kMost = 1e8;  // three years: a clock can add it
  return std::chrono::nanoseconds(static_cast<std::int64_t>(std::min(seconds, kMost) * 1e9));
}

PublishedMessages publish_messages(Redis& redis, const NextMessage& next, const PublishPace& pace,
                                   const kernel::Stop& stop) {
  PublishedMessages published;
  std::vector<OutgoingMessage> batch(kMostTogether);
  std::vector<Publication> publications;
  OutgoingMessage waiting;
  bool is_there = next(waiting);
  const Micros first = waiting.at;
  const auto begun = std::chrono::steady_clock::now();
  while (is_there) {
    stop.check();
    const auto due = [&] {
      return begun + due_after(pace, published.messages + publications.size(), waiting.at, first);
    };
    const auto now = std::chrono::steady_clock::now();
    publications.clear();
    while (is_there && publications.size() < kMostTogether && due() <= now) {
      OutgoingMessage& message = batch[publications.size()];
      std::swap(message, waiting);
      publications.push_back({message.channel, message.payload});
      is_there = next(waiting);
    }
    if (publications.empty()) {
      const auto left = std::chrono::ceil<std::chrono::milliseconds>(due() - now);
      stop.sleep(std::min(left, kMostSleep));
      continue;
    }
    published.subscribers = redis.publish(publications);
    published.messages += publications.size();
  }
  return published;
}

}  // namespace am::strategy
