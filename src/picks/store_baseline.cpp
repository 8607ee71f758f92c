// SQL of a batch's baseline when it is taken again.

#include "am/market/price.hpp"
#include "store_pg.hpp"

namespace am::picks::store {

void write_baseline(kernel::Sql& sql, const Batch& batch, Date baseline) {
  kernel::SqlValues ids;
  kernel::SqlValues prices;
  for (const StoredPick& stored : batch.picks) {
    ids.push_back(stored.id);
    prices.push_back(stored.initial_price.to_string());
  }
  sql.query("UPDATE public.batches SET benchmark_initial_price = $2::numeric WHERE id = $1::uuid",
            kernel::sql_values(batch.id, batch.benchmark_initial_price));
  sql.query(
      "UPDATE public.picks p SET initial_price = u.price FROM unnest($1::uuid[], $2::numeric[]) AS u (id, price) "
      "WHERE p.id = u.id",
      kernel::sql_values(kernel::sql_array(ids), kernel::sql_array(prices)));
  sql.query(
      "UPDATE public.checkpoints SET benchmark_price = $3::numeric WHERE batch_id = $1::uuid AND "
      "checkpoint_date = $2::date",
      kernel::sql_values(batch.id, baseline, batch.benchmark_initial_price));
}

std::map<Date, std::map<std::string, Decimal>> closes_by_day(kernel::Sql& sql, const Batch& batch) {
  const kernel::Rows rows = sql.query(
      "SELECT to_char(c.checkpoint_date, 'YYYY-MM-DD') AS day, s.symbol, s.close::text AS close "
      "FROM public.checkpoints c CROSS JOIN LATERAL (SELECT $3::text AS symbol, c.benchmark_price AS close "
      "UNION ALL SELECT p.ticker, m.current_price FROM public.pick_checkpoint_metrics m JOIN public.picks p ON "
      "p.id = m.pick_id WHERE m.checkpoint_id = c.id) s "
      "WHERE c.batch_id = $1::uuid AND c.status = 'computed' AND c.checkpoint_date >= $2::date",
      kernel::sql_values(batch.id, batch.run_date, batch.benchmark_symbol));
  std::map<Date, std::map<std::string, Decimal>> days;
  for (const kernel::Row row : rows) {
    const Result<Decimal> close = market::parse_price(row.maybe_text("close").value_or(""));
    if (close) days[row.date("day")].emplace(row.text("symbol"), *close);
  }
  return days;
}

}  // namespace am::picks::store
