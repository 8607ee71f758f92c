// On demand: each field is looked at once, in the order in which it comes.

#include <cmath>
#include <cstring>

#include <simdjson.h>

#include "am/base/date.hpp"
#include "am/market/symbol.hpp"
#include "am/strategy/bars.hpp"
#include "am/strategy/messages.hpp"

namespace am::strategy {

namespace {

namespace ondemand = simdjson::ondemand;
using simdjson::SUCCESS;
using Fault = std::optional<MessageReject>;
using FieldValue = simdjson::simdjson_result<ondemand::value>;

static_assert(kPadding >= simdjson::SIMDJSON_PADDING);

Fault fault_of(simdjson::error_code code) {
  if (code == SUCCESS) return std::nullopt;
  const bool is_value = code == simdjson::INCORRECT_TYPE || code == simdjson::NUMBER_ERROR ||
                        code == simdjson::NUMBER_OUT_OF_RANGE;
  return is_value ? MessageReject::wrong_type : MessageReject::not_json;
}

Fault read_double(FieldValue& value, std::optional<double>& out) {
  double number = 0;
  const Fault fault = fault_of(value.get_double().get(number));
  if (!fault) out = number;
  return fault;
}

Fault read_text(FieldValue& value, std::optional<std::string_view>& out) {
  std::string_view text;
  const Fault fault = fault_of(value.get_string().get(text));
  if (!fault) out = text;
  return fault;
}

/// null is as if it were not there.
template <class Read, class Out>
Fault read_optional(FieldValue& value, Out& out, Read read) {
  bool is_null = false;
  if (const Fault fault = fault_of(value.is_null().get(is_null))) return fault;
  return is_null ? std::nullopt : read(value, out);
}

Fault read_integer(FieldValue& value, std::optional<std::int64_t>& out) {
  std::int64_t number = 0;
  const Fault fault = fault_of(value.get_int64().get(number));
  if (!fault) out = number;
  return fault;
}

/// Seconds, milliseconds, microseconds or nanoseconds: each range is of the years 1973 to 5138 in one unit.
std::optional<Micros> moment_of_number(std::int64_t number) {
  constexpr std::int64_t kSeconds = 100'000'000'000;
  if (number < 0) return std::nullopt;
  if (number < kSeconds) return number * 1'000'000;
  if (number < kSeconds * 1'000) return number * 1'000;
  if (number < kSeconds * 1'000'000) return number;
  return number / 1'000;
}

Fault read_timestamp(FieldValue& value, std::optional<Micros>& out) {
  ondemand::json_type type{};
  if (const Fault fault = fault_of(value.type().get(type))) return fault;
  if (type == ondemand::json_type::number) {
    std::int64_t number = 0;
    if (value.get_int64().get(number) != SUCCESS) return MessageReject::bad_timestamp;
    out = moment_of_number(number);
  } else {
    std::string_view text;
    if (const Fault fault = fault_of(value.get_string().get(text))) return fault;
    const auto at = parse_rfc3339(text);
    if (at) out = at->time_since_epoch().count();
  }
  if (!out || *out < 0) return MessageReject::bad_timestamp;
  return std::nullopt;
}

struct BarFields {
  std::optional<std::string_view> symbol{}, timeframe{};
  std::optional<double> open{}, high{}, low{}, close{}, volume{};
  std::optional<Micros> start{};
  SequenceNumber sequence{};

  Fault take(std::string_view key, FieldValue& value) {
    if (key == "symbol") return read_text(value, symbol);
    if (key == "timeframe") return read_text(value, timeframe);
    if (key == "open") return read_double(value, open);
    if (key == "high") return read_double(value, high);
    if (key == "low") return read_double(value, low);
    if (key == "close") return read_double(value, close);
    if (key == "volume") return read_double(value, volume);
    if (key == "timestamp") return read_timestamp(value, start);
    if (key == "seq") return read_optional(value, sequence.seq, read_integer);
    if (key == "epoch") return read_optional(value, sequence.epoch, read_integer);
    return std::nullopt;
  }
};

struct TradeFields {
  std::optional<std::string_view> symbol{}, tick_type{};
  std::optional<double> price{}, size{};
  std::optional<Micros> at{};
  SequenceNumber sequence{};

  Fault take(std::string_view key, FieldValue& value) {
    if (key == "symbol") return read_text(value, symbol);
    if (key == "price") return read_double(value, price);
    if (key == "size") return read_double(value, size);
    if (key == "timestamp") return read_timestamp(value, at);
    if (key == "tickType") return read_optional(value, tick_type, read_text);
    if (key == "seq") return read_optional(value, sequence.seq, read_integer);
    if (key == "epoch") return read_optional(value, sequence.epoch, read_integer);
    return std::nullopt;
  }
};

struct ControlFields {
  std::optional<std::string_view> action{}, symbol{}, type{}, strategy_id{}, session_id{};

  Fault take(std::string_view key, FieldValue& value) {
    if (key == "action") return read_text(value, action);
    if (key == "symbol") return read_text(value, symbol);
    if (key == "type") return read_text(value, type);
    if (key == "strategyId") return read_optional(value, strategy_id, read_text);
    if (key == "sessionId") return read_optional(value, session_id, read_text);
    return std::nullopt;
  }
};

using ChannelSymbol = std::optional<std::string_view>;  // nothing: it came by none

Fault symbol_fault(std::string_view symbol, ChannelSymbol of_channel) {
  if (!market::is_symbol(symbol)) return MessageReject::bad_symbol;
  if (of_channel && symbol != *of_channel) return MessageReject::other_symbol;
  return std::nullopt;
}

/// Ids are UUIDs, but whoever publishes may say anything; the engine looks them up.
bool is_id(std::string_view text) {
  constexpr std::size_t kLongest = 64;
  return text.size() <= kLongest && text.find('\0') == std::string_view::npos;
}

}  // namespace

struct MessageParser::Impl {
  ondemand::parser parser{kMostMessageBytes + kPadding};
  std::string copy{};

  Padded copied(std::string_view payload) {
    copy.reserve(payload.size() + kPadding);
    copy.assign(payload.substr(0, kMostMessageBytes + 1));
    return {copy};
  }

  template <class Fields>
  Fault read(Padded payload, Fields& fields) {
    const std::string_view text = payload.text;
    if (text.size() > kMostMessageBytes) return MessageReject::too_large;
    ondemand::document document;
    auto code = parser.iterate(simdjson::padded_string_view(text.data(), text.size(), text.size() + kPadding))
                    .get(document);
    if (code != SUCCESS) return MessageReject::not_json;
    ondemand::object object;
    code = document.get_object().get(object);
    if (code != SUCCESS)
      return code == simdjson::INCORRECT_TYPE ? MessageReject::not_an_object : MessageReject::not_json;
    for (auto each : object) {
      std::string_view key;
      if (each.unescaped_key().get(key) != SUCCESS) return MessageReject::not_json;
      FieldValue value = each.value();
      if (const Fault fault = fields.take(key, value)) return fault;
    }
    const bool is_all = document.current_location().error() == simdjson::OUT_OF_BOUNDS;
    if (!is_all) return MessageReject::not_json;
    return std::nullopt;
  }

  Result<BarMessage, MessageReject> bar(Padded payload, ChannelSymbol symbol);
  Result<TradeMessage, MessageReject> trade(Padded payload, ChannelSymbol symbol);
};

Result<BarMessage, MessageReject> MessageParser::Impl::bar(Padded payload, ChannelSymbol symbol) {
  BarFields fields;
  if (const Fault fault = read(payload, fields)) return *fault;
  if (!fields.symbol || !fields.timeframe || !fields.open || !fields.high || !fields.low || !fields.close ||
      !fields.volume || !fields.start)
    return MessageReject::missing_field;
  if (const Fault fault = symbol_fault(*fields.symbol, symbol)) return *fault;
  if (!timeframe_length(*fields.timeframe)) return MessageReject::bad_timeframe;
  const BarMessage message{
      *fields.symbol,
      *fields.timeframe,
      {*fields.start, *fields.open, *fields.high, *fields.low, *fields.close, *fields.volume},
      fields.sequence};
  if (!is_possible(message.bar)) return MessageReject::impossible;
  return message;
}

Result<TradeMessage, MessageReject> MessageParser::Impl::trade(Padded payload, ChannelSymbol symbol) {
  TradeFields fields;
  if (const Fault fault = read(payload, fields)) return *fault;
  if (!fields.symbol || !fields.price || !fields.size || !fields.at) return MessageReject::missing_field;
  if (const Fault fault = symbol_fault(*fields.symbol, symbol)) return *fault;
  const bool is_trade =
      *fields.price > 0 && std::isfinite(*fields.price) && *fields.size > 0 && std::isfinite(*fields.size);
  if (!is_trade) return MessageReject::impossible;
  return TradeMessage{*fields.symbol,
                      fields.tick_type.value_or(""),
                      {*fields.at, *fields.price, *fields.size},
                      fields.sequence};
}

MessageParser::MessageParser() : impl_(std::make_unique<Impl>()) {}
MessageParser::~MessageParser() = default;

Result<ControlEvent, MessageReject> MessageParser::control(Padded payload) {
  ControlFields fields;
  if (const Fault fault = impl_->read(payload, fields)) return *fault;
  if (!fields.action || !fields.symbol || !fields.type) return MessageReject::missing_field;
  if (!market::is_symbol(*fields.symbol)) return MessageReject::bad_symbol;
  const auto type = asset_type_of(*fields.type);
  if (!type) return MessageReject::unknown_asset_type;
  if (*fields.action != "subscribe" && *fields.action != "unsubscribe") return MessageReject::unknown_action;
  const std::string_view strategy_id = fields.strategy_id.value_or("");
  const std::string_view session_id = fields.session_id.value_or("");
  if (!is_id(strategy_id) || !is_id(session_id)) return MessageReject::wrong_type;
  return ControlEvent{
      *fields.action == "subscribe" ? ControlEvent::Action::subscribe : ControlEvent::Action::unsubscribe,
      std::string(*fields.symbol), *type, std::string(strategy_id), std::string(session_id)};
}

Result<BarMessage, MessageReject> MessageParser::bar(Padded payload, std::string_view symbol) {
  return impl_->bar(payload, symbol);
}
Result<TradeMessage, MessageReject> MessageParser::trade(Padded payload, std::string_view symbol) {
  return impl_->trade(payload, symbol);
}
Result<BarMessage, MessageReject> MessageParser::bar(std::string_view payload, std::string_view symbol) {
  return impl_->bar(impl_->copied(payload), symbol);
}
Result<TradeMessage, MessageReject> MessageParser::trade(std::string_view payload, std::string_view symbol) {
  return impl_->trade(impl_->copied(payload), symbol);
}
Result<ControlEvent, MessageReject> MessageParser::control(std::string_view payload) {
  return control(impl_->copied(payload));
}
Result<BarMessage, MessageReject> MessageParser::bar(std::string_view payload) {
  return impl_->bar(impl_->copied(payload), {});
}
Result<TradeMessage, MessageReject> MessageParser::trade(std::string_view payload) {
  return impl_->trade(impl_->copied(payload), {});
}

}  // namespace am::strategy
