// Any bytes: a message is refused with a reason, or it is a bar, a trade or a control event whose values are possible, and
// which is the same after it was written and read again; a copy reads as what lies in place.

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "am/market/symbol.hpp"
#include "am/strategy/bars.hpp"
#include "am/strategy/messages.hpp"
#include "strategy/stream/backlog.hpp"

namespace {

using namespace am::strategy;

void require(bool holds) {
  if (!holds) std::abort();
}

bool is_same(const SequenceNumber& a, const SequenceNumber& b) {
  return a.seq == b.seq && a.epoch == b.epoch;
}

void check_reject(MessageReject reject) { require(!name_of(reject).empty()); }

void check_bar(Padded payload, std::string_view symbol) {
  MessageParser parser, other;
  const auto message = parser.bar(payload, symbol);
  const auto copied = other.bar(payload.text, symbol);
  require(message.has_value() == copied.has_value());
  if (!message) return check_reject(message.error());
  require(message->symbol == symbol && am::market::is_symbol(symbol));
  require(is_possible(message->bar) && message->bar.start >= 0 && timeframe_length(message->timeframe));
  require(copied->bar == message->bar && is_same(copied->sequence, message->sequence));
  std::string written;
  write_message(written, *message);
  const auto again = other.bar(written, symbol);
  require(again && again->bar == message->bar && again->timeframe == message->timeframe &&
          is_same(again->sequence, message->sequence));
}

void check_trade(Padded payload, std::string_view symbol) {
  MessageParser parser, other;
  const auto message = parser.trade(payload, symbol);
  if (!message) return check_reject(message.error());
  require(message->symbol == symbol && message->trade.price > 0 && std::isfinite(message->trade.price));
  require(message->trade.size > 0 && std::isfinite(message->trade.size));
  std::string written;
  write_message(written, *message);
  const auto again = other.trade(written, symbol);
  require(again && again->trade == message->trade && again->tick_type == message->tick_type &&
          is_same(again->sequence, message->sequence));
}

void check_control(Padded payload) {
  MessageParser parser, other;
  const auto event = parser.control(payload);
  if (!event) return check_reject(event.error());
  require(am::market::is_symbol(event->symbol));
  std::string written;
  write_message(written, *event);
  const auto again = other.control(written);
  require(again && *again == *event);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  std::string padded = text + std::string(kPadding, '}');  // what lies behind must not matter
  const Padded payload{std::string_view(padded).substr(0, size)};
  for (const std::string_view symbol : {"AAPL", "BTC/USD"}) {
    check_bar(payload, symbol);
    check_trade(payload, symbol);
  }
  check_control(payload);
  require(timeframe_in(text).size() <= size);
  return 0;
}
