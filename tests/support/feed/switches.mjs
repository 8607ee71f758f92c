// The switches and their rest positions. A rate is a part of the requests or of the stones (0 to 1); an `_every` counts
// requests for pages. On the command line --page-errors 0.1, in a POST /control {"page_errors": 0.1}.

export const kSwitches = {
  // what a search finds
  total_is_page_size: false, // total_count is the number of items on the page
  short_pages: 0, // rate: fewer items than asked for, in the middle
  no_end: false, // pages past the count begin again
  count_factor: 1, // what diamonds_by_query_count says, as a multiple of what is found
  duplicates: 0, // rate: a stone of the page before is on this one, too, in the place of its last
  // what happens meanwhile, after each so many pages
  sell_every: 0,
  return_every: 0, // the one that was sold first is back, unchanged
  change_every: 0, // another discount
  reprice_every: 0, // another price, so perhaps another range
  // stones, always the same ones: rates
  unknown_enums: 0,
  nul: 0, // a \u0000 in a text
  surrogates: 0, // a half of a surrogate pair
  invalid_utf8: 0, // bytes that are no UTF-8
  unmappable: 0, // no certificate, no price, no weight or no shape
  // answers: rates
  graphql_errors: 0, // 200 with errors and no data
  partial_errors: 0, // 200 with errors beside data
  http_429: 0,
  http_5xx: 0,
  stalls: 0, // says nothing for stall_ms, then closes
  truncated: 0, // JSON that ends in the middle, half of it with the connection
  retry_after: null, // seconds that a 429 names; null: none
  stall_ms: 60_000,
  latency_ms: 0,
  jitter_ms: 0, // so much more at most
  rate_limit: 0, // requests a second; what is above gets 429
  down_ms: 0, // from now: every connection is reset
  // logins
  refuse_logins: 0, // so many of the next logins; -1: all
  token_seconds: 21_600, // how long a token holds
  expires_as: 'seconds', // or 'moment': since 1970
  auth_failure: 'text', // or '401', '403': how an invalid token is refused
  invalid_query_status: 400, // of a query that names a field which is not there; some servers say 200
};

/** What --all-traps sets: each trap, seldom enough for a crawl to come through. */
export const kAllTraps = {
  total_is_page_size: true, short_pages: 0.05, no_end: true, count_factor: 1.01, duplicates: 0.03,
  sell_every: 7, return_every: 31, change_every: 11, reprice_every: 41,
  unknown_enums: 0.01, nul: 0.01, surrogates: 0.01, invalid_utf8: 0.01, unmappable: 0.002,
  graphql_errors: 0.01, partial_errors: 0.01, http_429: 0.01, http_5xx: 0.01, stalls: 0.002, truncated: 0.01,
  stall_ms: 300, token_seconds: 21_600,
};

/** Takes a switch over; false: there is none of that name. Errors: TypeError: of another type. */
export function turn(switches, name, value) {
  if (!(name in kSwitches)) return false;
  const wanted = kSwitches[name] === null ? 'number' : typeof kSwitches[name];
  if (typeof value !== wanted && !(name === 'retry_after' && value === null)) {
    throw new TypeError(`${name}: expected a ${wanted}, got ${JSON.stringify(value)}`);
  }
  switches[name] = value;
  return true;
}
