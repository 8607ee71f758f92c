#pragma once
// A stone as it is sold: what a payload says of it, typed. Pure.

#include <optional>
#include <string>
#include <string_view>

#include "am/base/decimal.hpp"
#include "am/base/result.hpp"

namespace am::feed {

/// What its margin follows from. A lab-grown stone is lab whatever its colour.
enum class StoneType { natural, lab, fancy };
std::string_view stone_type_name(StoneType type);
/// nullopt: none of these.
std::optional<StoneType> stone_type_of(std::string_view name);

/// Texts are as the supplier wrote them, without what a database refuses, 200 bytes at most; what is empty or null is not
/// there. A measure that is no plain number of its size is not there either.
struct Stone {
  StoneType type = StoneType::natural;
  std::optional<std::string> shape{}, color{}, clarity{}, cut{}, polish{}, symmetry{}, fluorescence{}, lab{},
      certificate_number{};
  std::optional<Decimal> carats{};
  std::optional<Decimal> length_mm{}, width_mm{}, depth_mm{};
  std::optional<Decimal> depth_percent{}, table_percent{};
  Decimal feed_price;                 ///< dollars; the supplier's cents, to two places
  std::optional<Decimal> discount{};  ///< percent, as the supplier says it
};

/// One item of a page.
/// Errors:  Reject: not JSON, no price in whole cents above 0, no certificate, a weight that can't be one; it names the field.
/// Threads: pure.
Result<Stone> map_stone(std::string_view payload_json);

}  // namespace am::feed
