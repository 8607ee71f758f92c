#pragma once
// A message of ours as Proton's, and back. Private.

#include <proton/message.hpp>

#include "am/kernel/broker.hpp"

namespace am::amqp {

proton::message to_proton(const kernel::BrokerMessage& message);
/// Without its number. What is no text in it, or of another type than ours, is left empty.
kernel::BrokerDelivery from_proton(const proton::message& message);

}  // namespace am::amqp
