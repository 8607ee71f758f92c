#!/usr/bin/env bash
# What the samples' setups may call (tests/docs/samples.py). A page has one database, $DATABASE_URL; what begins with its
# name, $AM_SAMPLES, is this run's.
admin=$(<"$AM_TEST_PG_DIR/url")
url_of() { printf '%s' "${admin/\/postgres\?/\/$1?}"; }
DATABASE_URL=$(url_of "$AM_SAMPLES")
export DATABASE_URL

sql() { psql "$DATABASE_URL" -qXAt -v ON_ERROR_STOP=1 -c "$1"; }

of_server() {
  local -a each=()
  local statement
  for statement; do each+=(-c "$statement"); done
  PGOPTIONS='-c client_min_messages=warning' psql "$admin" -qXAt -v ON_ERROR_STOP=1 "${each[@]}"
}

# Before the first page and after the last.
begin() {
  end
  of_server "create database ${AM_SAMPLES}_migrated encoding 'UTF8' template template0"
  DATABASE_URL=$(url_of "${AM_SAMPLES}_migrated") am migrate
}
end() {
  local name
  for name in "$AM_SAMPLES" "${AM_SAMPLES}_migrated" "${AM_SAMPLES}_year"; do
    of_server "drop database if exists $name with (force)"
  done
}
copy_of() {
  of_server "drop database if exists $AM_SAMPLES with (force)" \
    "create database $AM_SAMPLES encoding 'UTF8' template $1 strategy file_copy"
}

# The configuration of a page, which begins with none: which desks it has.
desks() { printf '[desks]\nenabled = "%s"\n' "$1" >"$AM_CONFIG"; }

# The states of the database: without tables, migrated (a page begins with it), ten Mondays of 2000.
empty() { copy_of template0; }
migrated() { copy_of "${AM_SAMPLES}_migrated"; }
year() {
  if [ -z "$(of_server "select 1 from pg_database where datname = '${AM_SAMPLES}_year'")" ]; then
    migrated
    am backfill --from 2000-10-09 --to 2000-12-11 --picker momentum --prices csv:examples/market
    of_server "alter database $AM_SAMPLES rename to ${AM_SAMPLES}_year"
  fi
  copy_of "${AM_SAMPLES}_year"
}
page() {
  : >"$AM_CONFIG"
  migrated
}

momentum() { export AM_PICKER=momentum AM_PRICES=csv:examples/market; }
# market_until DATE: the market of 2000 in a copy that ends with that day.
market_until() {
  [ -d market ] || cp -rL examples/market market
  local file
  for file in examples/market/*.csv; do
    awk -F, -v last="$1" 'NR == 1 || $1 <= last' "$file" >"market/${file##*/}"
  done
  export AM_PRICES=csv:market
}

# A run of the feed of four partitions, of which two are done and one is dead.
feed_run() {
  local run=0198c0de-0000-7000-8000-000000000001
  sql "insert into feed.run_metadata (run_id, feed, run_type, query, query_hash, expected_workers, completed_workers,
    failed_workers, expected_records, counted_records, watermark_after, created_at, updated_at) values ('$run', 'nivoda', 'full',
    '{}', repeat('0', 64), 4, 2, 1, 13000, 12980, '2026-11-22 03:00Z', '2026-11-22 03:00Z', '2026-11-22 03:00Z')"
  sql "insert into feed.partition_progress (key, status, ready_at, attempts, max_attempts, payload, error_message, next_offset,
    records, created_at, updated_at) select '$run/' || p, s, '2026-11-22 03:00Z', a, 5, jsonb_build_object('runId', '$run',
    'partitionId', p, 'priceMin', f, 'priceMax', t, 'expectedRecords', 3250, 'isIncremental', false), e, r, r,
    '2026-11-22 03:00Z', '2026-11-22 03:20Z' from (values ('p-001', 0, 640, 'done', 1, null, 3241), ('p-002', 640, 1180, 'done',
    1, null, 3259), ('p-003', 1180, 3020, 'dead', 5, 'nivoda: no answer', 1230), ('p-004', 3020, 250000, 'queued', 0, null, 0))
    v(p, f, t, s, a, e, r)"
  sql "insert into feed.worker_runs (run_id, partition_id, worker_id, status, records_processed, work_item_payload, error_message,
    started_at, finished_at) select run_id, partition_id, 'feed-1/4711/1', case status when 'done' then 'completed' else 'failed'
    end, records, payload, error_message, '2026-11-22 03:01Z', '2026-11-22 03:20Z' from feed.partition_progress where status <>
    'queued'"
}

# The files of a desk in January 2026 whose picks are a person's: one file of picks, closes of 9 sessions.
desk() {
  mkdir -p market
  printf 'name = "desk"\nbenchmark = "SPY"\n' >market/market.toml
  {
    echo date,SPY,KO,IBM,T
    local day n=0
    for day in 2026-01-2{0,1,2,3,6,7,8,9} 2026-01-30; do
      n=$((n + 1))
      echo "$day,69$n.10,7$n.25,29$n.50,2$n.75"
    done
  } >market/closes.csv
  cat >picks.json <<'PICKS'
{"model": "the committee", "picks": [
  {"ticker": "KO",  "action": "BUY",  "reasoning": "people drink"},
  {"ticker": "IBM", "action": "BUY",  "reasoning": "people compute"},
  {"ticker": "T",   "action": "SELL", "reasoning": "people text"}]}
PICKS
  export AM_PICKER=file:picks.json AM_PRICES=csv:market
}

# run_is ID CONDITION: the run of that condition gets the id that the page shows.
run_is() {
  sql "set session_replication_role = replica;
    update ops.steps set run_id = '$1' where run_id = (select id from ops.runs where $2);
    update ops.events set run_id = '$1' where run_id = (select id from ops.runs where $2);
    update ops.runs set id = '$1' where $2"
  [ "$(sql "select count(*) from ops.runs where id = '$1'")" = 1 ]
}

# running ID JOB SLOT HOST: a run that a process on that machine works on.
running() {
  sql "insert into ops.runs (id, job, slot, status, version, lease_until, holder)
    values ('$1', '$2', '$3', 'running', '0.1.0', clock_timestamp() + interval '2 hours',
      '{\"host\": \"$4\", \"boot_id\": \"b\", \"pid_namespace\": \"n\", \"pid\": 7, \"start_ticks\": \"1\"}')"
}
# spent KEY N: that many requests three hours ago.
spent() {
  sql "insert into ops.rate_limits (key) values ('$1') on conflict do nothing;
    insert into ops.rate_slots (key, reserved_until, used_at)
      select '$1', at, at from (select clock_timestamp() - interval '3 hours' as at from generate_series(1, $2)) s"
}
two_years_ago() {
  sql "update ops.runs set created_at = created_at - interval '2 years', started_at = started_at - interval '2 years',
      finished_at = finished_at - interval '2 years';
    update ops.events set at = at - interval '2 years'"
}
# applied_elsewhere N VERSION: golang-migrate ran the first N migrations and recorded that it is at VERSION.
applied_elsewhere() {
  local file
  for file in "$EXAMPLES"/../migrations/*.up.sql; do
    [ "$((10#$(basename "$file" | cut -c1-4)))" -gt "$1" ] || psql "$DATABASE_URL" -qX -v ON_ERROR_STOP=1 -f "$file"
  done
  sql "create table schema_migrations (version bigint primary key, dirty boolean not null);
    insert into schema_migrations values ($2, false)"
}

# serve: the server of the database at hand, where a page's curl asks port 8080; "$etag" is that of /latest.
serve() {
  : >served  # the server's shell may open it later than we look into it
  am serve-readonly --listen 127.0.0.1:0 --log-level info --log-format json >>served 2>&1 &
  local second
  for ((second = 0; second < 600; second++)); do
    address=$(sed -n 's|.*"address":"http://\([^"]*\)".*|\1|p' served)
    [ -z "$address" ] || break
    sleep 0.1
  done
  etag=$(command curl -sI "http://$address/latest" | sed -n 's/^etag: "\([0-9a-f]*\)".*/\1/Ip')
}
curl() {
  local asked=("${@/127.0.0.1:8080/$address}")
  [ -z "$etag" ] || asked=("${asked[@]/#If-None-Match: *\"/If-None-Match: \"$etag\"}")
  command curl "${asked[@]}" | tr -d '\r'
}
