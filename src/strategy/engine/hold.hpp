#pragma once
// What an engine has a session by, shared by its threads: whoever is about to do something for a session looks here first.
// Private.

#include <atomic>
#include <memory>
#include <utility>

#include "am/kernel/heartbeat.hpp"
#include "am/strategy/sessions.hpp"

namespace am::strategy {

/// Threads: token and held from any; let_go from any, for good.
class Hold {
 public:
  Hold(SessionToken token, kernel::Lease lease) : token_(std::move(token)), lease_(std::move(lease)) {}
  const SessionToken& token() const { return token_; }
  /// Never waits. The proof is the fence in the transaction that writes, and the epoch that the gateway compares.
  bool held() const noexcept { return !let_go_ && lease_.held(); }
  void let_go() noexcept { let_go_ = true; }

 private:
  const SessionToken token_;
  const kernel::Lease lease_;
  std::atomic<bool> let_go_{false};
};
using HoldPtr = std::shared_ptr<Hold>;

}  // namespace am::strategy
