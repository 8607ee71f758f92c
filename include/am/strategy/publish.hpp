#pragma once
// Messages of the market put into Redis at a pace: bars of a file or of market.bars, or whole messages from elsewhere.

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "am/kernel/stop.hpp"
#include "am/strategy/bars.hpp"
#include "am/strategy/messages.hpp"
#include "am/strategy/redis.hpp"

namespace am::strategy {

/// A message on its way, and when its event was known: a bar's end, a trade's moment.
struct OutgoingMessage {
  std::string channel, payload;
  Micros at = 0;
};

/// Writes the next message; false: there is none.
using NextMessage = std::function<bool(OutgoingMessage& out)>;

/// Bars of one key, with seq from 1 on. bars must outlive it.
NextMessage messages_of_bars(const BarKey& key, std::span<const Bar> bars, std::int64_t epoch);
/// Bars and trades as JSON, one a line, in the file's order, with a seq of each channel from 1 on instead of what they say.
/// text must outlive it.
///
/// Errors:  of its calls: data, as path:line: a line that is neither a bar nor a trade, with the reason.
NextMessage messages_of_lines(std::string_view text, const std::string& path, std::int64_t epoch);

/// Neither: as fast as it goes.
struct PublishPace {
  std::optional<double> speed{};  ///< so many times as fast as it was
  std::optional<double> rate{};   ///< so many a second
};

/// When a message is due, so long after the first. Units: number counts from 0; at, first: of events.
std::chrono::nanoseconds due_after(const PublishPace& pace, std::uint64_t number, Micros at, Micros first);

struct PublishedMessages {
  std::uint64_t messages = 0;
  long long subscribers = 0;  ///< whom the last one reached
};

/// Until there is none. What is due together goes together.
///
/// Errors:  as Redis and next; as Stop::check when asked to end.
PublishedMessages publish_messages(Redis& redis, const NextMessage& next, const PublishPace& pace,
                                   const kernel::Stop& stop);

}  // namespace am::strategy
