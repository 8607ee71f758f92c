#pragma once
// What the feed desk works with: runs, their partitions, pages of offers. Plain values; nothing here reads a database or asks
// a supplier.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "am/base/date.hpp"
#include "am/base/result.hpp"

namespace am::feed {

inline constexpr std::string_view kSupplier = "nivoda";
/// Whole dollars: what the inventory is partitioned over.
inline constexpr long long kMostDollars = 250'000;
inline constexpr int kMostPageSize = 50;

enum class RunType { full, incremental };
std::string_view run_type_name(RunType type);

/// running: partitions are worked on; settled: all ended, consolidation is decided or waits for its time.
enum class RunStatus { running, settled, done, failed, cancelled };
std::string_view run_status_name(RunStatus status);
/// nullopt: none of these.
std::optional<RunStatus> run_status_of(std::string_view name);

/// Prices in whole dollars, both inclusive. A partition's end is the next one's start, so that no fraction falls between.
struct PriceRange {
  long long from = 0, to = kMostDollars;
  friend bool operator==(const PriceRange&, const PriceRange&) = default;
};

/// One partition of a run, as a message says it: the payload of its item, and not a field more.
struct WorkItemMessage {
  std::string run_id;        ///< runId: a UUID
  std::string partition_id;  ///< partitionId: "p-007"
  long long price_min = 0;   ///< priceMin, whole dollars
  long long price_max = 0;   ///< priceMax, inclusive
  long long expected_records = 0;
  bool is_incremental = false;
  std::optional<std::string> watermark_before{};  ///< watermarkBefore, ISO 8601

  std::string to_json() const;
  /// Errors:  Reject: not JSON, a field that is missing or of the wrong type, a range that is inverted.
  static Result<WorkItemMessage> parse(std::string_view json);
  /// "runId/partitionId"
  std::string key() const { return run_id + "/" + partition_id; }
};

/// What of the supplier's inventory is meant: the feed's own filter, narrowed by price and by when a stone was changed.
struct Filter {
  std::string query_json = "{}";  ///< nivoda.query: a JSON object
  PriceRange price{};
  std::optional<Instant> updated_from{};  ///< never an upper bound: a stone touched meanwhile would look sold
};

/// One offer of a page, as it came.
struct Offer {
  std::string offer_id;                            ///< items[].id: of the offer, which may change
  std::string supplier_stone_id;                   ///< items[].diamond.id: of the stone
  std::optional<std::string> source_updated_at{};  ///< where a payload holds it
  std::string payload_json;                        ///< the item, byte for byte, in valid UTF-8
  std::string payload_hash;                        ///< SHA-256 of its canonical JSON, 64 hex digits
};

struct Page {
  std::vector<Offer> offers;    ///< in the order of the answer
  int replaced_characters = 0;  ///< bytes that were no UTF-8 and became U+FFFD
};

}  // namespace am::feed
