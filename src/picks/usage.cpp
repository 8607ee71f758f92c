#include "am/picks/usage.hpp"

#include <algorithm>

#include "am/base/error.hpp"
#include "am/base/text.hpp"
#include "am/picks/jobs.hpp"

namespace am::picks {

namespace {

/// The answer's count of that name, as SQL; null: it says none, or one that cannot be.
std::string count_sql(const std::string& name) {
  return "(CASE WHEN jsonb_typeof(a->'" + name + "') = 'number' AND (a->>'" + name +
         "')::numeric BETWEEN 0 AND 1000000000 THEN (a->>'" + name + "')::numeric END)";
}

std::string sum_sql(const std::string& name) {
  return "coalesce(sum(" + count_sql(name) + "), 0)::bigint AS " + name;
}

}  // namespace

kernel::Statement usage_statement() {
  const std::string is_step = " = $1 AND name = 'generate_picks' AND output IS NOT NULL";
  return {
      "WITH steps AS (SELECT slot, output FROM ops.runs r JOIN ops.steps s ON s.run_id = r.id WHERE r.job" +
          is_step + " UNION ALL SELECT slot, output FROM ops.discarded_steps WHERE job" + is_step +
          "), answers AS (SELECT slot, output->>'model' AS model, jsonb_array_elements(CASE WHEN "
          "jsonb_typeof(output#>'{record,answers}') = 'array' THEN output#>'{record,answers}' ELSE '[]' END) AS a FROM "
          "steps) SELECT b.id::text AS batch_id, CASE WHEN count(DISTINCT model) = 1 THEN min(model) ELSE '' END AS "
          "model, count(*) AS answers, bool_and(" +
          count_sql("prompt_tokens") + " IS NOT NULL AND " + count_sql("completion_tokens") +
          " IS NOT NULL) AS complete, " + sum_sql("prompt_tokens") + ", " + sum_sql("cached_tokens") + ", " +
          sum_sql("completion_tokens") +
          " FROM public.batches b JOIN answers ON slot = to_char(b.run_date, 'YYYY-MM-DD') GROUP BY b.id",
      kernel::sql_values(kWeeklyJob)};
}

UsageByBatch usage_of(const kernel::Rows& rows) {
  UsageByBatch all;
  for (const kernel::Row row : rows) {
    all[row.text("batch_id")] = {.model = row.text("model"),
                                 .answers = row.integer("answers"),
                                 .complete = row.boolean("complete"),
                                 .prompt_tokens = row.integer("prompt_tokens"),
                                 .cached_tokens = row.integer("cached_tokens"),
                                 .completion_tokens = row.integer("completion_tokens")};
  }
  return all;
}

UsageByBatch usage_by_batch(kernel::Sql& sql) {
  const kernel::Statement statement = usage_statement();
  return usage_of(sql.query(statement.sql, statement.values));
}

std::optional<TokenPrices> TokenPrices::of(std::string_view text, std::string model) {
  if (text.empty()) return std::nullopt;
  std::vector<Decimal> prices;
  for (const std::string& part : split(text, ',')) {
    const auto price = Decimal::parse(trim(part));
    if (!price || price->is_negative() || *price > Decimal(1'000'000)) break;
    prices.push_back(*price);
  }
  if (prices.size() != 3 || std::ranges::count(text, ',') != 2) {
    throw Error(ErrorKind::config,
                "openai.prices: expected input,cached,output in dollars per million tokens, got \"" +
                    one_line(text, 60) + "\"",
                "three numbers, such as 0.15,0.075,0.60");
  }
  return TokenPrices{std::move(model), prices[0], prices[1], prices[2]};
}

std::optional<Decimal> dollars(const BatchUsage& usage, const TokenPrices& prices) {
  if (!usage.complete || usage.model != prices.model) return std::nullopt;
  const long long cached = std::min(usage.cached_tokens, usage.prompt_tokens);
  return (Decimal(usage.prompt_tokens - cached) * prices.input + Decimal(cached) * prices.cached +
          Decimal(usage.completion_tokens) * prices.output) /
         Decimal(1'000'000);
}

}  // namespace am::picks
