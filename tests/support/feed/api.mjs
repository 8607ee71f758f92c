// Answers GraphQL requests from an inventory: logins and tokens, counts, pages, and what is wrong with them.

import { randomBytes } from 'node:crypto';

import { spoil } from './inventory.mjs';

const kMostItems = 50;

export class Api {
  /** `graphql`: the library. `roll()`: the next random number from 0 to 1. */
  constructor({ graphql, schema, inventory, switches, counters, account, roll }) {
    Object.assign(this, { graphql, inventory, switches, counters, account, roll });
    this.schema = graphql.buildSchema(schema);
    this.documents = new Map();
    this.tokens = new Map(); // to the moment of their end
    this.pages = 0;
  }

  revokeTokens() {
    this.tokens.clear();
  }

  /** What a request is about, for counting it. */
  static kindOf(query) {
    if (/\busername_and_password\b/.test(query)) return 'login';
    if (/\bdiamonds_by_query\b/.test(query)) return 'page';
    return /\bdiamonds_by_query_count\b/.test(query) ? 'count' : 'other';
  }

  /** { status, result } of one request. */
  answer({ query, variables, operationName }, bearer, kind) {
    const { document, errors } = this.document(query);
    if (errors) return { status: this.switches.invalid_query_status, result: { errors } };
    if (kind !== 'login' && this.fires('graphql_errors')) {
      return { status: 200, result: { data: null, errors: [{ message: 'Internal server error' }] } };
    }
    const request = { status: 200 };
    const result = this.graphql.executeSync({
      schema: this.schema,
      document,
      rootValue: this.root(request, bearer),
      variableValues: variables,
      operationName,
    });
    if (result.data === undefined && request.status === 200) request.status = this.switches.invalid_query_status;
    if (kind === 'page') this.spoilPage(result);
    return { status: request.status, result };
  }

  document(query) {
    let known = this.documents.get(query);
    if (!known) {
      try {
        const document = this.graphql.parse(query);
        const errors = this.graphql.validate(this.schema, document);
        known = errors.length > 0 ? { errors } : { document };
      } catch (error) {
        known = { errors: [error] };
      }
      if (this.documents.size > 200) this.documents.clear();
      this.documents.set(query, known);
    }
    return known;
  }

  fires(name) {
    const rate = this.switches[name];
    if (!(rate > 0) || this.roll() >= rate) return false;
    this.counters.fired(name);
    return true;
  }

  root(request, bearer) {
    const viewer = {
      diamonds_by_query: (args) => this.page(args),
      diamonds_by_query_count: ({ query }) => Math.round(this.inventory.count(query ?? {}) * this.switches.count_factor),
    };
    const behind = (field) => (args) => {
      this.check(bearer, request);
      return viewer[field](args);
    };
    return {
      authenticate: { username_and_password: (args) => this.login(args, request) },
      as: ({ token }) => {
        this.check(token, request);
        return viewer;
      },
      diamonds_by_query: behind('diamonds_by_query'),
      diamonds_by_query_count: behind('diamonds_by_query_count'),
    };
  }

  refuse(message, request) {
    if (this.switches.auth_failure !== 'text') request.status = Number(this.switches.auth_failure);
    throw new this.graphql.GraphQLError(message);
  }

  login({ username, password }, request) {
    const { refuse_logins: refusals, token_seconds: seconds } = this.switches;
    if (refusals !== 0) {
      if (refusals > 0) --this.switches.refuse_logins;
      ++this.counters.logins_refused;
      this.refuse('Invalid credentials', request);
    }
    if (username !== this.account.user || password !== this.account.password) {
      ++this.counters.logins_refused;
      this.refuse('Invalid credentials', request);
    }
    ++this.counters.logins;
    const token = `standin-token-${randomBytes(16).toString('hex')}`;
    const end = Date.now() + seconds * 1000;
    this.tokens.set(token, end);
    return { token, expires: this.switches.expires_as === 'moment' ? end / 1000 : seconds, refresh_token: null };
  }

  check(token, request) {
    const end = this.tokens.get(token);
    if (end > Date.now()) return;
    ++this.counters.unauthorized;
    this.refuse(!token ? 'Authentication required' : end ? 'Token expired' : 'Invalid token', request);
  }

  page({ query, offset, limit, order }) {
    const filter = query ?? {};
    const most = limit ?? kMostItems;
    let at = offset ?? 0;
    if (most < 1 || most > kMostItems) throw new this.graphql.GraphQLError(`limit must be from 1 to ${kMostItems}`);
    if (at < 0) throw new this.graphql.GraphQLError('offset must not be negative');
    const rows = this.inventory.ordered(filter, order ?? { type: 'price' });
    this.counters.page(JSON.stringify([filter, order, at]));
    if (this.switches.no_end && at >= rows.length && rows.length > 0) {
      this.counters.fired('no_end');
      at %= rows.length;
    }
    let numbers = rows.slice(at, at + most);
    if (at + most < rows.length && numbers.length > 1 && this.fires('short_pages')) {
      numbers = numbers.slice(0, 1 + Math.floor(this.roll() * (numbers.length - 1)));
    }
    if (at > 0 && numbers.length > 1 && this.fires('duplicates')) {
      const again = rows[at - 1 - Math.floor(this.roll() * Math.min(at, most))];
      numbers.splice(1 + Math.floor(this.roll() * (numbers.length - 1)), 0, again);
      numbers.length = Math.min(numbers.length, most);
    }
    const items = numbers.map((number) => spoil(this.inventory.item(number), number, this.switches));
    const total = this.switches.total_is_page_size ? items.length : rows.length;
    this.meanwhile();
    return { items, total_count: total };
  }

  /** What happens on the market between two pages. */
  meanwhile() {
    ++this.pages;
    const happens = (name, what) => {
      if (this.switches[name] > 0 && this.pages % this.switches[name] === 0) {
        this.counters.fired(name);
        what();
      }
    };
    happens('sell_every', () => this.inventory.sell());
    happens('return_every', () => this.inventory.giveBack());
    happens('change_every', () => this.inventory.change());
    happens('reprice_every', () => this.inventory.reprice());
  }

  /** One item of the page lost its stone, beside an error that says so. */
  spoilPage(result) {
    const where = result.data?.as ? ['as', 'diamonds_by_query'] : ['diamonds_by_query'];
    const items = where.reduce((at, name) => at?.[name], result.data)?.items;
    if (!items?.length || !this.fires('partial_errors')) return;
    const which = Math.floor(this.roll() * items.length);
    items[which].diamond = null;
    result.errors = [{ message: 'Enum "FluorescenceIntensity" cannot represent value: "XST"', path: [...where, 'items', which, 'diamond'] }];
  }
}
