#include <atomic>

#include "am/strategy/stream.hpp"
#include "intake.hpp"

namespace am::strategy {

struct MarketStream::Impl {
  explicit Impl(const StreamOptions& options) : intake(options) {}
  std::atomic<bool> woken{false};
  Intake intake;

  bool has_something() { return intake.ring().has_next() || woken.load(std::memory_order_seq_cst); }
};

MarketStream::MarketStream(const StreamOptions& options) : impl_(std::make_unique<Impl>(options)) {}
MarketStream::~MarketStream() = default;

std::optional<Frame> MarketStream::next() { return impl_->intake.ring().next(); }

bool MarketStream::wait(SteadyTime until) {
  Doorbell& bell = impl_->intake.bell();
  while (!impl_->has_something()) {
    bell.lie_down();
    if (!impl_->has_something()) bell.sleep(until);
    bell.get_up();
    impl_->intake.read();
    if (!impl_->has_something() && std::chrono::steady_clock::now() >= until) return false;
  }
  impl_->woken.exchange(false);
  return true;
}

int MarketStream::descriptor() const { return impl_->intake.bell().descriptor(); }

bool MarketStream::prepare_to_poll() {
  impl_->intake.bell().lie_down();
  if (!impl_->has_something()) return true;
  impl_->intake.bell().get_up();
  impl_->woken.exchange(false);
  return false;
}

void MarketStream::polled() {
  impl_->intake.bell().get_up();
  impl_->intake.bell().hush();
  impl_->woken.exchange(false);
  impl_->intake.read();
}

void MarketStream::wake() noexcept {
  impl_->woken.store(true, std::memory_order_seq_cst);
  impl_->intake.bell().ring();
}

StreamCounts MarketStream::counts() const { return impl_->intake.counts(); }
std::string MarketStream::problem() const { return impl_->intake.problem(); }
std::string MarketStream::where() const { return impl_->intake.where(); }

}  // namespace am::strategy
