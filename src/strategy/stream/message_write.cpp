#include <iterator>

#include <fmt/core.h>

#include "am/base/date.hpp"
#include "am/strategy/messages.hpp"

namespace am::strategy {

namespace {

constexpr std::string_view kHex = "0123456789abcdef";

void add_text(std::string& out, std::string_view name, std::string_view text) {
  out += name;
  out += '"';
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') out += '\\';
    if (byte < 0x20)
      out.append("\\u00").append(1, kHex[byte >> 4]).append(1, kHex[byte & 15]);
    else
      out += c;
  }
  out += '"';
}

void add_double(std::string& out, std::string_view name, double number) {
  out += name;
  fmt::format_to(std::back_inserter(out), "{}", number);
}

void add_moment(std::string& out, Micros at) {
  add_text(out, ",\"timestamp\":", format_rfc3339(Instant(std::chrono::microseconds(at))));
}

void add_end(std::string& out, const SequenceNumber& sequence) {
  const auto end = std::back_inserter(out);
  if (sequence.seq) fmt::format_to(end, ",\"seq\":{}", *sequence.seq);
  if (sequence.epoch) fmt::format_to(end, ",\"epoch\":{}", *sequence.epoch);
  out += '}';
}

}  // namespace

void write_message(std::string& out, const BarMessage& message) {
  add_text(out, "{\"symbol\":", message.symbol);
  add_text(out, ",\"timeframe\":", message.timeframe);
  add_double(out, ",\"open\":", message.bar.open);
  add_double(out, ",\"high\":", message.bar.high);
  add_double(out, ",\"low\":", message.bar.low);
  add_double(out, ",\"close\":", message.bar.close);
  add_double(out, ",\"volume\":", message.bar.volume);
  add_moment(out, message.bar.start);
  add_end(out, message.sequence);
}

void write_message(std::string& out, const TradeMessage& message) {
  add_text(out, "{\"symbol\":", message.symbol);
  add_double(out, ",\"price\":", message.trade.price);
  add_double(out, ",\"size\":", message.trade.size);
  add_moment(out, message.trade.at);
  add_text(out, ",\"tickType\":", message.tick_type);
  add_end(out, message.sequence);
}

void write_message(std::string& out, const ControlEvent& event) {
  const bool subscribes = event.action == ControlEvent::Action::subscribe;
  add_text(out, "{\"action\":", subscribes ? "subscribe" : "unsubscribe");
  add_text(out, ",\"symbol\":", event.symbol);
  add_text(out, ",\"type\":", name_of(event.type));
  if (!event.strategy_id.empty()) add_text(out, ",\"strategyId\":", event.strategy_id);
  if (!event.session_id.empty()) add_text(out, ",\"sessionId\":", event.session_id);
  out += '}';
}

}  // namespace am::strategy
