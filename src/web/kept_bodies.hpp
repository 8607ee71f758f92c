#pragma once
// The bodies that are served again without another look: how old one may be, who waits for the next, which go when there
// is no room. Decides only; who reads and who answers is the caller's business. Private.

#include <chrono>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "am/kernel/http_server.hpp"
#include "am/web/router.hpp"
#include "body.hpp"

namespace am::web {

/// What a read came to: a body, or why not.
struct Rendered {
  std::shared_ptr<const Body> body;  ///< null: as the last one
  bool away = false;                 ///< the database did not answer: the last body may stand in
};

/// Threads: any.
class KeptBodies {
 public:
  using Time = std::chrono::steady_clock::time_point;
  using Age = std::chrono::steady_clock::duration;

  struct Waiter {
    kernel::ServerRequest request;
    kernel::Responder responder;
  };

  /// One path with its parameters: the body at hand, and who waits for the next one.
  struct Entry {
    Match match;
    std::shared_ptr<const Body> body;  ///< null: none yet, or not any more
    Time read_at{};                    ///< when the read of `body` began
    Time failed_at{};                  ///< of the last read that failed since; else zero
    Time used_at{};
    bool reading = false;
    std::vector<Waiter> waiters;
  };

  /// fresh:   how long a body is served without another look. stale: while the database is away.
  KeptBodies(std::chrono::milliseconds fresh, std::chrono::milliseconds stale)
      : fresh_(fresh), stale_(stale) {}

  /// What one request gets.
  struct Given {
    std::optional<Waiter> waiter;      ///< who is to be answered with `body`; none: waits for the next one
    std::shared_ptr<const Body> body;  ///< null without a waiter
    Age age{};
    std::shared_ptr<Entry> to_read;  ///< not null: the caller has it read, and finishes it
  };
  Given ask(Match match, Waiter waiter, Time now);

  /// Who waited, and what they get.
  struct Finished {
    std::vector<Waiter> waiters;
    std::shared_ptr<const Body> body;
    std::optional<Age> age;  ///< of a last body that stands in
  };
  /// began:   when the read did.
  Finished finish(Entry& entry, Rendered rendered, Time began, Time now);

 private:
  // With the lock held.
  std::shared_ptr<Entry> find_or_add(Match match, Time now);
  void make_room();
  void forget(Entry& entry);

  const std::chrono::milliseconds fresh_;
  const std::chrono::milliseconds stale_;
  std::mutex mutex_;
  std::unordered_map<std::string, std::shared_ptr<Entry>> entries_;
  std::size_t bytes_ = 0;  ///< of all bodies
};

}  // namespace am::web
