#include "message.hpp"

#include <proton/binary.hpp>
#include <proton/message_id.hpp>
#include <proton/scalar.hpp>
#include <proton/types.hpp>

namespace am::amqp {

namespace {

constexpr const char* kQueue = "am-queue";
constexpr const char* kItem = "am-item";

std::string body_of(const proton::value& body) {
  std::string text;
  if (body.type() == proton::BINARY) {
    const auto bytes = proton::get<proton::binary>(body);
    text.assign(bytes.begin(), bytes.end());
  } else if (body.type() == proton::STRING) {
    text = proton::get<std::string>(body);
  }
  if (text.size() > kernel::kMostMessageBytes) text.resize(kernel::kMostMessageBytes + 1);
  return text;
}

}  // namespace

proton::message to_proton(const kernel::BrokerMessage& message) {
  proton::message out;
  out.id(message.id);
  out.durable(true);
  out.content_type("application/json");
  if (!message.queue.empty()) {
    out.properties().put(kQueue, message.queue);
    out.properties().put(kItem, std::int64_t{message.item});
  }
  out.body(proton::binary(message.body));
  out.inferred(true);  // a data section, which everybody's clients take for the bytes of the body
  return out;
}

kernel::BrokerDelivery from_proton(const proton::message& message) {
  kernel::BrokerDelivery delivery;
  if (!message.id().empty()) delivery.id = proton::to_string(message.id());
  delivery.body = body_of(message.body());
  const auto& properties = message.properties();
  if (properties.exists(kQueue)) {
    const proton::scalar queue = properties.get(kQueue);
    if (queue.type() == proton::STRING) delivery.queue = proton::get<std::string>(queue);
  }
  if (properties.exists(kItem)) {
    const proton::scalar item = properties.get(kItem);
    if (proton::type_id_is_signed_int(item.type()) || proton::type_id_is_unsigned_int(item.type()))
      delivery.item = proton::coerce<std::int64_t>(item);
  }
  return delivery;
}

}  // namespace am::amqp
