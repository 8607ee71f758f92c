// Any bytes: what is posted to the gateway is refused with a reason, or is within its bounds; and its amounts are those of the
// text, whatever a double would make of them.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include <nlohmann/json.hpp>

#include "am/base/uuid.hpp"
#include "am/strategy/money.hpp"
#include "am/strategy/signal_post.hpp"

namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto post =
      am::strategy::parse_signal_post(std::string_view(reinterpret_cast<const char*>(data), size));
  if (!post) {
    require(!post.error().reason.empty() && post.error().reason.size() < 400);
    return 0;
  }
  require(am::is_uuid(post->session_id) && (post->signal_id.empty() || am::is_uuid(post->signal_id)));
  require(!post->symbol.empty() && post->symbol.size() <= 32);
  require(post->metadata.size() <= am::strategy::kMostMetadataBytes);
  require(nlohmann::json::parse(post->metadata).is_object());
  require(!post->epoch || *post->epoch >= 0);
  const auto refused = am::strategy::check_amounts(post->quantity, post->price);
  if (!refused) {
    require(am::strategy::has_places(post->quantity, 9) && am::strategy::has_places(post->price, 9));
    require(post->quantity * post->price >= 1);
  }
  return 0;
}
