#include "am/strategy/types.hpp"

#include <array>
#include <charconv>

namespace am::strategy {

namespace {

template <class Enum, std::size_t N>
std::optional<Enum> named(const std::array<std::string_view, N>& names, std::string_view name) {
  for (std::size_t i = 0; i < N; ++i)
    if (names[i] == name) return static_cast<Enum>(i);
  return std::nullopt;
}

constexpr std::array<std::string_view, 2> kAssetTypes{"stock", "crypto"};
constexpr std::array<std::string_view, 3> kModes{"rehearsal", "paper", "live"};
constexpr std::array<std::string_view, 2> kSides{"BUY", "SELL"};
constexpr std::array<std::string_view, 3> kTradings{"ACTIVE", "REDUCING", "HALTED"};
constexpr std::array<std::string_view, 3> kStatuses{"RUNNING", "STOPPED", "FAILED"};

}  // namespace

std::string_view name_of(AssetType type) { return kAssetTypes[static_cast<std::size_t>(type)]; }
std::string_view name_of(Mode mode) { return kModes[static_cast<std::size_t>(mode)]; }
std::string_view name_of(Side side) { return kSides[static_cast<std::size_t>(side)]; }
std::string_view name_of(Trading trading) { return kTradings[static_cast<std::size_t>(trading)]; }
std::string_view name_of(SessionStatus status) { return kStatuses[static_cast<std::size_t>(status)]; }
std::optional<AssetType> asset_type_of(std::string_view name) { return named<AssetType>(kAssetTypes, name); }
std::optional<Mode> mode_of(std::string_view name) { return named<Mode>(kModes, name); }
std::optional<Side> side_of(std::string_view name) { return named<Side>(kSides, name); }
std::optional<Trading> trading_of(std::string_view name) { return named<Trading>(kTradings, name); }
std::optional<SessionStatus> session_status_of(std::string_view name) {
  return named<SessionStatus>(kStatuses, name);
}

std::optional<Micros> timeframe_length(std::string_view timeframe) {
  constexpr Micros kSecond = 1'000'000;
  constexpr int kMost = 9999;
  if (timeframe.size() < 2) return std::nullopt;
  int count = 0;
  const char* const end = timeframe.data() + timeframe.size() - 1;
  const auto [rest, error] = std::from_chars(timeframe.data(), end, count);
  if (error != std::errc{} || rest != end || count < 1 || count > kMost || timeframe.front() == '0')
    return std::nullopt;
  switch (timeframe.back()) {
    case 's':
      return count * kSecond;
    case 'm':
      return 60 * kSecond * count;
    case 'h':
      return 3600 * kSecond * count;
    case 'd':
      return 86400 * kSecond * count;
    default:
      return std::nullopt;
  }
}

}  // namespace am::strategy
