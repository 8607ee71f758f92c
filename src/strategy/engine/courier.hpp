#pragma once
// Carries signals to the gateway: those of one session one after another, those of different ones side by side. A signal is
// repeated under the same id until it is answered, or older than it may be; whoever has lost its session carries nothing.
// Private.

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "am/kernel/http_client.hpp"
#include "am/kernel/log.hpp"
#include "am/kernel/stop.hpp"
#include "am/strategy/signal.hpp"
#include "execute_request.hpp"
#include "hold.hpp"

namespace am::strategy {

using kernel::SteadyTime;

struct Parcel {
  HoldPtr hold;
  Signal signal;
  SteadyTime until{};  ///< not sent after it
};

/// What became of it.
struct Delivery {
  enum class What {
    taken,
    refused,
    expired,  ///< nobody decided in time
    dropped,  ///< its session is another engine's, or this one ends: it stays as it is
  } what = What::dropped;
  int status = 0;  ///< of the last answer; 0: there was none
  std::string reason{};
};

/// Threads: carry from any; `delivered` is called on the courier's threads.
class Courier {
 public:
  struct Options {
    std::string url;    ///< of the gateway
    std::string token;  ///< secret
    int hands = 4;
    std::chrono::milliseconds timeout{10'000};  ///< of one request
  };
  using Delivered = std::function<void(const Parcel&, const Delivery&)>;
  /// on_attempt: before each request; may be empty.
  Courier(kernel::Transport& transport, kernel::Log& log, const kernel::Stop& stop, const Options& options,
          Delivered delivered, std::function<void()> on_attempt = {});
  ~Courier();  ///< ends what is under way; what was not begun is dropped
  Courier(const Courier&) = delete;
  Courier& operator=(const Courier&) = delete;

  void carry(Parcel parcel);
  std::size_t waiting() const;

 private:
  struct Hand;
  struct Shared;
  std::unique_ptr<Shared> shared_;
};

}  // namespace am::strategy
