#include "am/market/action_store.hpp"

#include <algorithm>
#include <map>
#include <tuple>

#include "am/market/price.hpp"
#include "am/market/symbol.hpp"

namespace am::market {

namespace {

using kernel::Rows;
using kernel::sql_values;

constexpr std::string_view kColumns =
    "symbol, to_char(day, 'YYYY-MM-DD') AS day, kind, ratio::text AS ratio, new_symbol, price::text AS price, "
    "source";

bool is_csv(std::string_view source) { return source.starts_with("csv:"); }

/// How much a source is believed about the closes of another; 0: not at all.
int weight(std::string_view of, std::string_view price_source) {
  if (of == price_source) return is_csv(of) ? 3 : 1;
  if (of == kByHand) return 2;
  return is_csv(of) || is_csv(price_source) ? 0 : 1;
}

std::optional<std::string> text_of(const std::optional<Decimal>& number) {
  return number ? std::optional(number->to_string()) : std::nullopt;
}

kernel::SqlValues values_of(const CorporateAction& action) {
  const bool split = action.kind == ActionKind::split;
  const bool renamed = action.kind == ActionKind::rename;
  return sql_values(action.symbol, action.day, action_kind_name(action.kind),
                    split ? std::optional(action.ratio.to_string()) : std::nullopt,
                    renamed ? std::optional(action.new_symbol) : std::nullopt, text_of(action.price),
                    action.source);
}

}  // namespace

kernel::Statement actions_statement() {
  return {"SELECT " + std::string(kColumns) +
              " FROM market.corporate_actions WHERE isfinite(day) ORDER BY symbol, day, kind, source",
          {}};
}

std::vector<CorporateAction> actions_of(const Rows& rows) {
  std::vector<CorporateAction> actions;
  for (const kernel::Row row : rows) {
    const auto kind = parse_action_kind(row.text("kind"));
    if (!kind) continue;
    CorporateAction action{.symbol = canonical_symbol(row.text("symbol")),
                           .day = row.date("day"),
                           .kind = *kind,
                           .new_symbol = canonical_symbol(row.maybe_text("new_symbol").value_or("")),
                           .source = row.text("source")};
    if (*kind == ActionKind::split) {
      const auto ratio = parse_ratio(row.maybe_text("ratio").value_or(""));
      if (!ratio) continue;
      action.ratio = *ratio;
    }
    if (*kind == ActionKind::delisted) {
      const auto price = parse_price(row.maybe_text("price").value_or(""));
      if (!price) continue;
      action.price = *price;
    }
    actions.push_back(std::move(action));
  }
  return actions;
}

std::vector<CorporateAction> actions_for(std::span<const CorporateAction> all,
                                         std::string_view price_source) {
  std::map<std::tuple<std::string, Date, ActionKind>, const CorporateAction*> best;
  for (const CorporateAction& action : all) {
    const int own = weight(action.source, price_source);
    if (own == 0) continue;
    const CorporateAction*& known = best[{action.symbol, action.day, action.kind}];
    if (known == nullptr || own > weight(known->source, price_source)) known = &action;
  }
  std::vector<CorporateAction> chosen;
  for (const auto& [key, action] : best) chosen.push_back(*action);
  return chosen;
}

std::vector<CorporateAction> read_actions(kernel::Sql& sql, std::string_view price_source) {
  return actions_for(actions_of(sql.query(actions_statement().sql)), price_source);
}

Noted note_action(kernel::Sql& sql, const CorporateAction& action, bool replace) {
  // One statement says what happened, whoever writes at the same time: a row that is there is locked and looked at anew.
  const Rows rows = sql.query(
      "INSERT INTO market.corporate_actions AS known (symbol, day, kind, ratio, new_symbol, price, source, noted_at) "
      "VALUES ($1, $2::date, $3, $4::numeric, $5, $6::numeric, $7, clock_timestamp()) "
      "ON CONFLICT (symbol, day, kind, source) DO UPDATE SET ratio = excluded.ratio, new_symbol = excluded.new_symbol, "
      "price = excluded.price, noted_at = excluded.noted_at WHERE $8::boolean AND (known.ratio, known.new_symbol, "
      "known.price) IS DISTINCT FROM (excluded.ratio, excluded.new_symbol, excluded.price) "
      "RETURNING (xmax = 0) AS added",
      [&] {
        kernel::SqlValues values = values_of(action);
        values.push_back(kernel::sql_value(replace));
        return values;
      }());
  if (!rows.empty()) return rows[0].boolean("added") ? Noted::added : Noted::changed;
  if (replace) return Noted::unchanged;
  const Rows same = sql.query(
      "SELECT (ratio, new_symbol, price) IS NOT DISTINCT FROM ($4::numeric, $5::text, $6::numeric) AS same FROM "
      "market.corporate_actions WHERE symbol = $1 AND day = $2::date AND kind = $3 AND source = $7",
      values_of(action));
  return !same.empty() && same[0].boolean("same") ? Noted::unchanged : Noted::refused;
}

std::vector<CorporateAction> remove_actions(kernel::Sql& sql, std::string_view symbol, Date day) {
  return actions_of(
      sql.query("DELETE FROM market.corporate_actions WHERE symbol = $1 AND day = $2::date RETURNING " +
                    std::string(kColumns),
                sql_values(canonical_symbol(symbol), day)));
}

std::string action_text(const CorporateAction& action) {
  std::string text(action_kind_name(action.kind));
  switch (action.kind) {
    case ActionKind::split:
      return text + " " + action.ratio.to_string();
    case ActionKind::rename:
      return text + " " + action.new_symbol;
    case ActionKind::delisted:
      return text + " " + text_of(action.price).value_or("");
  }
  return text;
}

bool was_asked(kernel::Sql& sql, std::string_view source, std::string_view symbol, Date day) {
  return !sql.query("SELECT 1 FROM market.splits_asked WHERE source = $1 AND symbol = $2 AND day = $3::date",
                    sql_values(source, canonical_symbol(symbol), day))
              .empty();
}

void note_asked(kernel::Sql& sql, std::string_view source, std::string_view symbol, Date day) {
  sql.query(
      "INSERT INTO market.splits_asked (source, symbol, day, asked_at) VALUES ($1, $2, $3::date, clock_timestamp()) "
      "ON CONFLICT DO NOTHING",
      sql_values(source, canonical_symbol(symbol), day));
}

}  // namespace am::market
