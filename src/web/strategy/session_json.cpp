#include "session_json.hpp"

namespace am::web {

void write_holding_members(std::string& out, const HoldingLine& holding) {
  number_member(out, "quantity", holding.quantity);
  number_member(out, "cost", holding.cost);
  number_member(out, "average_price", holding.average);
  number_member(out, "last_price", holding.price);
  moment_member(out, "last_price_at", holding.price_at);
  number_member(out, "value", holding.value);
  number_member(out, "unrealised", holding.unrealised());
}

void write_signal(std::string& out, const SignalLine& signal) {
  out += '{';
  text_member(out, "signal_id", signal.id);
  text_member(out, "action", signal.side);
  number_member(out, "price", signal.price);
  number_member(out, "quantity", signal.quantity);
  number_member(out, "confidence", signal.confidence);
  text_member(out, "status", signal.status);
  maybe_member(out, "reason", signal.reason);
  moment_member(out, "event_at", signal.event_at);
  moment_member(out, "generated_at", signal.generated_at);
  key(out, "metadata");
  append_stored(out, signal.metadata);
  out += '}';
}

}  // namespace am::web
