#include "am/kernel/trace.hpp"

#include <algorithm>
#include <cstdio>

#include "am/kernel/ids.hpp"

namespace am::kernel {

namespace {

constexpr std::size_t kMaxState = 512;  ///< what every participant has to pass on

bool is_hex(std::string_view text, std::size_t digits) {
  return text.size() == digits && text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

bool is_zero(std::string_view text) { return text.find_first_not_of('0') == std::string_view::npos; }

std::string random_span() {
  char text[17] = {};
  std::snprintf(text, sizeof text, "%016llx", static_cast<unsigned long long>(random_bits() | 1U));
  return text;
}

}  // namespace

std::optional<Trace> parse_trace(std::string_view traceparent, std::string_view tracestate) {
  constexpr std::size_t kLength = 55;  // of version 00
  if (traceparent.size() < kLength) return {};
  const std::string_view version = traceparent.substr(0, 2);
  const std::string_view trace_id = traceparent.substr(3, 32);
  const std::string_view parent_id = traceparent.substr(36, 16);
  const std::string_view flags = traceparent.substr(53, 2);
  if (traceparent[2] != '-' || traceparent[35] != '-' || traceparent[52] != '-') return {};
  if (!is_hex(version, 2) || version == "ff" || !is_hex(trace_id, 32) || is_zero(trace_id)) return {};
  if (!is_hex(parent_id, 16) || is_zero(parent_id) || !is_hex(flags, 2)) return {};
  if (traceparent.size() > kLength && (version == "00" || traceparent[kLength] != '-')) return {};
  const bool sendable = tracestate.size() <= kMaxState &&
                        std::ranges::all_of(tracestate, [](char c) { return c >= ' ' && c <= '~'; });
  return Trace{.trace_id = std::string(trace_id),
               .span_id = random_span(),
               .flags = std::string(flags),
               .state = std::string(sendable ? tracestate : "")};
}

}  // namespace am::kernel
