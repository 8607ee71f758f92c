#include "ring.hpp"

#include <algorithm>
#include <bit>
#include <cstring>
#include <new>

#include <sys/mman.h>

namespace am::strategy {

namespace {

constexpr std::size_t kHugePage = std::size_t{2} << 20;
constexpr std::size_t kStep = 32;  // of positions: what is left at the end always holds a header
constexpr std::uint8_t kSkip = 255;

std::size_t rounded(std::size_t bytes) { return (bytes + kStep - 1) / kStep * kStep; }

}  // namespace

struct Ring::Header {
  std::uint32_t size;  ///< of all, from here to the next header
  std::uint32_t payload;
  std::uint16_t symbol;
  std::uint8_t kind;
  bool coalesced;
  SteadyTime::rep read_at;
};

Ring::Ring(std::size_t bytes)
    : capacity_(std::bit_ceil(std::max(bytes, 4 * (kMostMessageBytes + 1024)))),
      memory_(static_cast<std::byte*>(std::aligned_alloc(std::min(kHugePage, capacity_), capacity_))) {
  static_assert(sizeof(Header) <= kStep);
  if (!memory_) throw std::bad_alloc();
  madvise(memory_.get(), capacity_, MADV_HUGEPAGE);  // where there are none it is as well without
}

bool Ring::push(const Frame& frame, std::size_t limit) {
  const std::string_view payload = frame.payload.text;
  const std::size_t size = rounded(sizeof(Header) + frame.symbol.size() + payload.size() + kPadding);
  std::uint64_t tail = tail_.load(std::memory_order_relaxed);
  const std::size_t to_end = capacity_ - (tail & (capacity_ - 1));
  const std::size_t skipped = to_end < size ? to_end : 0;
  if (used() + skipped + size > limit) return false;
  if (skipped > 0) {
    const Header skip{static_cast<std::uint32_t>(skipped), 0, 0, kSkip, false, 0};
    std::memcpy(at(tail), &skip, sizeof skip);
    tail += skipped;
  }
  const Header header{static_cast<std::uint32_t>(size),
                      static_cast<std::uint32_t>(payload.size()),
                      static_cast<std::uint16_t>(frame.symbol.size()),
                      static_cast<std::uint8_t>(frame.kind),
                      frame.coalesced,
                      frame.read_at.time_since_epoch().count()};
  std::byte* out = at(tail);
  std::memcpy(out, &header, sizeof header);
  out = std::copy_n(reinterpret_cast<const std::byte*>(frame.symbol.data()), frame.symbol.size(),
                    out + sizeof header);
  out = std::copy_n(reinterpret_cast<const std::byte*>(payload.data()), payload.size(), out);
  std::memset(out, 0, kPadding);
  // In one order with what the sleeper says of itself (doorbell.hpp).
  tail_.store(tail + size, std::memory_order_seq_cst);
  return true;
}

std::optional<Frame> Ring::next() {
  std::uint64_t head = head_.load(std::memory_order_relaxed) + held_;
  const std::uint64_t tail = tail_.load(std::memory_order_acquire);
  Header header{};
  header.kind = kSkip;
  while (head != tail) {
    std::memcpy(&header, at(head), sizeof header);
    if (header.kind != kSkip) break;
    head += header.size;
  }
  head_.store(head, std::memory_order_release);
  held_ = 0;
  if (head == tail) return std::nullopt;
  held_ = header.size;
  const char* text = reinterpret_cast<const char*>(at(head)) + sizeof header;
  return Frame{static_cast<Frame::Kind>(header.kind),
               header.coalesced,
               {text, header.symbol},
               {{text + header.symbol, header.payload}},
               SteadyTime(SteadyTime::duration(header.read_at))};
}

}  // namespace am::strategy
