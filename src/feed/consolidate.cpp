// Pending stones, batch by batch: lock, type, price, write, mark; one transaction each.

#include "am/feed/consolidate.hpp"

#include <array>
#include <string_view>

#include "am/base/text.hpp"

namespace am::feed {

namespace {

using kernel::Row;
using kernel::Rows;
using kernel::sql_array;
using kernel::sql_value;
using kernel::sql_values;
using kernel::SqlValue;
using kernel::SqlValues;

constexpr std::string_view kClaim =
    "SELECT id, supplier_stone_id, offer_id, payload::text AS payload, to_char(source_updated_at AT TIME ZONE 'UTC', "
    "'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"') AS source_updated_at, to_char(fetched_at AT TIME ZONE 'UTC', "
    "'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"') AS fetched_at FROM feed.raw_diamonds_nivoda WHERE feed = $1 AND NOT consolidated AND "
    "consolidation_error IS NULL AND id > $2::bigint ORDER BY id LIMIT $3::integer FOR NO KEY UPDATE SKIP LOCKED";

constexpr std::array<std::string_view, 27> kStoneColumns = {"feed",
                                                            "supplier_stone_id",
                                                            "raw_id",
                                                            "offer_id",
                                                            "stone_type",
                                                            "shape",
                                                            "carats",
                                                            "color",
                                                            "clarity",
                                                            "cut",
                                                            "polish",
                                                            "symmetry",
                                                            "fluorescence",
                                                            "lab",
                                                            "certificate_number",
                                                            "length_mm",
                                                            "width_mm",
                                                            "depth_mm",
                                                            "depth_percent",
                                                            "table_percent",
                                                            "feed_price",
                                                            "discount",
                                                            "price",
                                                            "margin",
                                                            "margin_modifier",
                                                            "rule_id",
                                                            "rating"};
constexpr std::string_view kMoments[] = {"source_updated_at", "fetched_at"};

std::string column_list() {
  std::string list;
  for (const std::string_view column : kStoneColumns) list += std::string(column) + ", ";
  for (const std::string_view column : kMoments) list += std::string(column) + ", ";
  return list.substr(0, list.size() - 2);
}

/// A stone that was told of later stays as it is.
const std::string& upsert_sql() {
  static const std::string kSql = [] {
    std::string set;
    for (const std::string_view column : kStoneColumns) {
      if (column != "feed" && column != "supplier_stone_id")
        set += std::string(column) + " = excluded." + std::string(column) + ", ";
    }
    for (const std::string_view column : kMoments)
      set += std::string(column) + " = excluded." + std::string(column) + ", ";
    return "INSERT INTO feed.diamonds (" + column_list() + ", created_at, updated_at) SELECT " +
           column_list() +
           ", clock_timestamp(), clock_timestamp() FROM pg_temp.consolidated_stones ORDER BY supplier_stone_id ON CONFLICT (feed, "
           "supplier_stone_id) DO UPDATE SET " +
           set + "updated_at = clock_timestamp() WHERE diamonds.fetched_at <= excluded.fetched_at";
  }();
  return kSql;
}

SqlValues row_values(const std::string& feed, const Row& raw, const Stone& stone, const Pricing& pricing) {
  return sql_values(feed, raw.text("supplier_stone_id"), raw.text("id"), raw.text("offer_id"),
                    stone_type_name(stone.type), stone.shape, stone.carats, stone.color, stone.clarity,
                    stone.cut, stone.polish, stone.symmetry, stone.fluorescence, stone.lab,
                    stone.certificate_number, stone.length_mm, stone.width_mm, stone.depth_mm,
                    stone.depth_percent, stone.table_percent, stone.feed_price, stone.discount, pricing.price,
                    pricing.margin, pricing.margin_modifier, pricing.rule, pricing.rating,
                    raw.maybe_text("source_updated_at"), raw.text("fetched_at"));
}

struct Batch {
  ConsolidationCounts counts;
  long long last_id = 0;
  std::size_t taken = 0;
};

class Batches {
 public:
  Batches(kernel::Db& db, const ConsolidationOptions& options) : db_(db), options_(options) {}

  /// The next pending ones after that id.
  Batch next(long long after) {
    Batch batch;
    db_.transact([&](kernel::Transaction& tx) { batch = work(tx, after); });
    return batch;
  }

 private:
  Batch work(kernel::Transaction& tx, long long after) const {
    Batch batch;
    const std::vector<PricingRule> rules = read_rules(tx, options_.feed);
    const Rows pending = tx.query(kClaim, sql_values(options_.feed, after, options_.batch));
    batch.taken = pending.size();
    if (pending.empty()) return batch;
    batch.last_id = pending[pending.size() - 1].integer("id");
    std::vector<SqlValues> rows;
    std::vector<SqlValue> written, refused, reasons;
    for (const Row raw : pending) {
      const Result<Stone> stone = map_stone(raw.text("payload"));
      const Result<Pricing> pricing = stone
                                          ? price_of(stone->type, stone->feed_price, rules, options_.margins)
                                          : Result<Pricing>(stone.error());
      if (!pricing) {
        refused.push_back(sql_value(raw.text("id")));
        reasons.push_back(sql_value(recordable(pricing.error().reason, 500)));
        continue;
      }
      written.push_back(sql_value(raw.text("id")));
      rows.push_back(row_values(options_.feed, raw, *stone, *pricing));
    }
    write(tx, rows);
    if (!written.empty())
      tx.query("UPDATE feed.raw_diamonds_nivoda SET consolidated = true WHERE id = ANY ($1::bigint[])",
               sql_values(sql_array(written)));
    if (!refused.empty())
      tx.query(
          "UPDATE feed.raw_diamonds_nivoda r SET consolidation_error = e.reason FROM unnest($1::bigint[], $2::text[]) AS "
          "e(id, reason) WHERE r.id = e.id",
          sql_values(sql_array(refused), sql_array(reasons)));
    batch.counts = {.written = static_cast<long long>(written.size()),
                    .refused = static_cast<long long>(refused.size())};
    return batch;
  }

  static void write(kernel::Transaction& tx, const std::vector<SqlValues>& rows) {
    if (rows.empty()) return;
    static const std::vector<std::string_view> kAll = [] {
      std::vector<std::string_view> all(kStoneColumns.begin(), kStoneColumns.end());
      all.insert(all.end(), std::begin(kMoments), std::end(kMoments));
      return all;
    }();
    tx.query("CREATE TEMPORARY TABLE consolidated_stones ON COMMIT DROP AS SELECT " + column_list() +
             " FROM feed.diamonds WHERE false");
    tx.copy_in("consolidated_stones", kAll, rows);
    tx.query(upsert_sql());
  }

  kernel::Db& db_;
  const ConsolidationOptions& options_;
};

}  // namespace

ConsolidationCounts consolidate_pending(kernel::Db& db, const ConsolidationOptions& options,
                                        const std::function<void()>& between) {
  Batches batches(db, options);
  ConsolidationCounts sum;
  // From the last id on, so that entries of what is done are not met again; and once round, for what came behind it.
  for (long long after = 0;;) {
    between();
    const Batch batch = batches.next(after);
    sum.written += batch.counts.written;
    sum.refused += batch.counts.refused;
    if (batch.taken > 0) {
      after = batch.last_id;
    } else if (after == 0) {
      return sum;
    } else {
      after = 0;
    }
  }
}

}  // namespace am::feed
