// Any bytes: a partition's message is refused with a reason, or is one within bounds that reads back as it was written.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "am/feed/types.hpp"

namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto message =
      am::feed::WorkItemMessage::parse(std::string_view(reinterpret_cast<const char*>(data), size));
  if (!message) {
    require(message.error().reason.starts_with("work item: "));
    return 0;
  }
  require(0 <= message->price_min && message->price_min <= message->price_max &&
          message->expected_records >= 0);
  const auto again = am::feed::WorkItemMessage::parse(message->to_json());
  require(again.has_value() && again->key() == message->key() && again->to_json() == message->to_json());
  return 0;
}
