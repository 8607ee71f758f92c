#include "amqp_delivery.hpp"

#include <nlohmann/json.hpp>

#include "am/base/text.hpp"

namespace am::kernel {

namespace {

constexpr std::size_t kMostKeyBytes = 1000;

}  // namespace

NamedRow named_row(const QueueSpec& spec, const BrokerDelivery& delivery) {
  const auto foreign = [](std::string why) { return NamedRow{0, {}, std::move(why)}; };
  if (delivery.body.size() > kMostMessageBytes)
    return foreign("its body is longer than " + std::to_string(kMostMessageBytes / 1024) + " kB");
  if (!is_valid_utf8(delivery.body) || !nlohmann::json::accept(delivery.body))
    return foreign("its body is not JSON");
  if (delivery.queue && delivery.item) {
    if (*delivery.queue != spec.name) return foreign("it is of queue " + shown(*delivery.queue));
    return *delivery.item > 0 ? NamedRow{*delivery.item, {}, {}} : foreign("it names no item");
  }
  std::optional<std::string> key;
  if (spec.key_of != nullptr) key = spec.key_of(delivery.body);
  if (!key || key->empty()) return foreign("it names no item");
  if (key->size() > kMostKeyBytes || !is_valid_utf8(*key) || key->find('\0') != std::string::npos)
    return foreign("the key in its body is no key");
  return {0, *key, {}};
}

}  // namespace am::kernel
