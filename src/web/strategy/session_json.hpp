#pragma once
// Members of the documents of sessions: numbers and moments as strings. Private.

#include <optional>
#include <string>
#include <string_view>

#include "session_reads.hpp"
#include "trade_reads.hpp"
#include "web/json_write.hpp"

namespace am::web {

inline void number_member(std::string& out, std::string_view name, const Decimal& value) {
  text_member(out, name, value.to_string());
}
inline void number_member(std::string& out, std::string_view name, const std::optional<Decimal>& value) {
  maybe_member(out, name, value ? std::optional(value->to_string()) : std::nullopt);
}
inline void moment_member(std::string& out, std::string_view name, const std::optional<Instant>& at) {
  maybe_member(out, name, at ? std::optional(format_rfc3339(*at)) : std::nullopt);
}

/// Of a holding but its mode, symbol and type.
void write_holding_members(std::string& out, const HoldingLine& holding);
void write_signal(std::string& out, const SignalLine& signal);

}  // namespace am::web
