#pragma once
// Which row a message names. Private.

#include <string>

#include "am/kernel/broker.hpp"
#include "am/kernel/queue.hpp"

namespace am::kernel {

struct NamedRow {
  long long id = 0;  ///< 0: by the key
  std::string key{};
  std::string foreign{};  ///< why it names none and is not ours; empty: it may be
};

/// By the properties that our own carry, else by the key that the desk finds in the body. Never throws on data.
NamedRow named_row(const QueueSpec& spec, const BrokerDelivery& delivery);

}  // namespace am::kernel
