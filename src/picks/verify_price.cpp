// What a stored price ought to be: the raw close, where one is known, on the basis of the batch's baseline.

#include "am/market/symbol.hpp"
#include "am/picks/schedule.hpp"
#include "verify_batch.hpp"

namespace am::picks {

namespace {

using CloseKey = std::pair<std::string, Date>;

constexpr const char* kCached = "close in market.daily_closes";
constexpr const char* kRecorded = "close in the ledger";
constexpr const char* kEnded = "price that its listing ended with";

Date basis_of(const VerifyBatch& batch, const std::string& symbol, Date day) {
  const auto basis = batch.bases.find(CloseKey{market::canonical_symbol(symbol), day});
  return basis == batch.bases.end() ? day : basis->second;
}

/// A raw close, on which basis it is, and where it is from.
struct RawClose {
  std::string text;
  Date basis;
  const char* from;
  bool is_stored = false;  ///< the ledger names no other close than the stored price
};

std::optional<RawClose> raw_close(const VerifyBatch& batch, const std::string& ticker, Date day,
                                  const std::string& stored) {
  const Date baseline = baseline_session(batch.run_date);
  if (const auto end = market::end_of_listing(batch.actions, ticker, baseline, day))
    return RawClose{end->price->to_string(), end->day, kEnded};
  const std::string symbol = market::symbol_on(batch.actions, ticker, baseline, day);
  const auto cached = batch.closes.find(CloseKey{symbol, day});
  if (cached != batch.closes.end()) return RawClose{cached->second, basis_of(batch, symbol, day), kCached};
  const auto recorded = batch.recorded.find(day);
  if (recorded == batch.recorded.end() || recorded->second.adjusted) return std::nullopt;
  const auto raw = recorded->second.raw.find(ticker);
  if (raw == recorded->second.raw.end()) return RawClose{stored, day, kRecorded, true};
  return RawClose{raw->second, day, kRecorded};
}

}  // namespace

std::optional<DerivedPrice> derived_price(const VerifyBatch& batch, const std::string& ticker, Date day,
                                          const std::string& stored) {
  const auto raw = raw_close(batch, ticker, day, stored);
  if (!raw) return std::nullopt;
  const Date baseline = baseline_session(batch.run_date);
  const Decimal factor =
      day <= baseline
          ? Decimal(1)
          : market::factor_between(batch.actions, ticker, basis_of(batch, ticker, baseline), raw->basis);
  if (factor == Decimal(1)) {
    if (raw->is_stored) return std::nullopt;  // nothing to derive
    return DerivedPrice{raw->text, raw->from};
  }
  const auto number = Decimal::parse(raw->text);
  if (!number) return std::nullopt;
  return DerivedPrice{(*number * factor).to_string(),
                      std::string(raw->from) + " \u00d7 " + normal_form(factor.to_string())};
}

}  // namespace am::picks
