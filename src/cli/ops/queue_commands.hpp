#pragma once
// The queue commands over the desks that they are given: the command gives the enabled ones, a test its own. Private.

#include <optional>
#include <string>

#include "am/cli/context.hpp"
#include "am/kernel/desk.hpp"

namespace am::cli {

struct QueueListOptions {
  std::string queue;
  std::optional<std::string> status{};
  std::optional<int> limit{};
};
struct QueueChangeOptions {
  std::string queue, item;
  std::optional<std::string> reason{};
};

/// Errors:  no_input: no desk has a queue of that name, or it has no such item; usage, for an unknown status.
Outcome list_queue(const QueueListOptions& o, const kernel::Desks& desks, Context& context);
Outcome retry_in_queue(const QueueChangeOptions& o, const kernel::Desks& desks, Context& context);
Outcome cancel_in_queue(const QueueChangeOptions& o, const kernel::Desks& desks, Context& context);

}  // namespace am::cli
