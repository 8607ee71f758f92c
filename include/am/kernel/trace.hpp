#pragma once
// W3C Trace Context: the trace that whoever started this process belongs to, from TRACEPARENT and TRACESTATE in its
// environment. It goes into every log line and every outgoing request; nothing is recorded or sent anywhere else.
// Source: W3C Trace Context, Recommendation, sections 3.2 and 3.3.

#include <optional>
#include <string>
#include <string_view>

namespace am::kernel {

struct Trace {
  std::string trace_id;  ///< 32 lower-case hexadecimal digits, not all zero
  std::string span_id;   ///< 16 of them: this process's own, the parent of its requests
  std::string flags;     ///< 2 of them, as they came
  std::string state;     ///< TRACESTATE as it came; empty: none, or not fit to be sent

  /// The header's value for an outgoing request.
  std::string parent() const { return "00-" + trace_id + "-" + span_id + "-" + flags; }
};

/// The caller's trace with a new span of ours.
/// Shape:   nothing when traceparent is not valid: version 00, or a later one that begins as 00 does.
std::optional<Trace> parse_trace(std::string_view traceparent, std::string_view tracestate);

}  // namespace am::kernel
