// Any bytes: an answer of a worker is either a problem in words on one line, or within its bounds, whoever wrote it.

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

#include "am/base/text.hpp"
#include "strategy/sandbox/frames.hpp"

namespace {

void require_frame(bool holds) {
  if (!holds) std::abort();
}

void require_line(const std::string& line, std::size_t most) {
  require_frame(line.size() <= most + 3 && am::is_printable(line));
}

void require_object(const std::string& json) {
  require_frame(nlohmann::json::parse(json, nullptr, false).is_object() &&
                json.find("\\u0000") == std::string::npos && am::is_valid_utf8(json));
}

void require_intent(const am::strategy::Intent& intent) {
  for (const double number : {intent.price, intent.quantity})
    require_frame(std::isfinite(number) && number > 0 && number <= 1e12);
  require_frame(intent.confidence >= 0 && intent.confidence <= 1);
  require_object(intent.metadata);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace am::strategy;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const auto length = frame_length(bytes);
  require_frame(length.has_value() == (size >= 4));
  if (length) require_frame(frame_of(bytes).substr(4) == bytes);
  if (is_state(bytes)) require_object(std::string(bytes));
  const auto answer = parse_worker_answer(bytes);
  if (!answer) {
    require_line(answer.error().reason, 100);
    return 0;
  }
  require_line(answer->error, kMostErrorText);
  require_line(answer->state_problem, kMostErrorText);
  require_frame(answer->results.size() <= answer->done && answer->output.size() <= kMostLines);
  if (answer->state) require_object(*answer->state);
  for (const EventAnswer& event : answer->results) {
    require_frame(event.index < answer->done && event.intents.size() <= kMostIntents);
    require_frame(event.output.size() <= kMostLines);
    require_line(event.error, kMostErrorText);
    for (const std::string& line : event.output) require_line(line, kMostLine);
    for (const Intent& intent : event.intents) require_intent(intent);
  }
  return 0;
}
