// What is on sale, in the order of its creation; what is sold, changed, comes back or is new meanwhile, and what a filter
// finds. A filter's rows are kept and follow each change, so that a page costs what it shows.

import { among, createdAt, firstUpdatedAt, idOf, itemOf, mix, traits } from './stones.mjs';

const kMostViews = 300;
const kOff = 0;
const kOnSale = 1;

/** The first place in `rows` that is not before `number`. */
function placeOf(rows, number) {
  let low = 0;
  let high = rows.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (rows[middle] < number) low = middle + 1;
    else high = middle;
  }
  return low;
}

const upper = (words) => new Set(words.map((word) => String(word).toUpperCase()));
const within = (range, value) => (range.from ?? -Infinity) <= value && value <= (range.to ?? Infinity);
const moments = ({ from, to }) => ({
  from: from === undefined || from === null ? -Infinity : Date.parse(from),
  to: to === undefined || to === null ? Infinity : Date.parse(to),
});

export class Inventory {
  /** `prices`: in cents, by number. `more(from, to)`: those of further stones. */
  constructor(prices, diamonds, more) {
    this.diamonds = diamonds;
    this.more = more;
    this.prices = prices;
    this.states = new Uint8Array(prices.length).fill(kOnSale);
    this.versions = new Uint16Array(prices.length);
    this.updated = new Float64Array(prices.length); // 0: as it was created
    this.moved = new Uint8Array(prices.length); // since mark(): was away, came, or got another price
    this.onSale = prices.length;
    this.sold = []; // in the order of their going
    this.views = new Map();
    this.picks = 0;
  }

  get size() {
    return this.prices.length;
  }

  isOnSale(number) {
    return this.states[number] === kOnSale;
  }

  state(number) {
    return { price: this.prices[number], version: this.versions[number] };
  }

  item(number) {
    return itemOf(number, this.diamonds, this.state(number));
  }

  /** From now on staying() is about what is on sale now. */
  mark() {
    this.moved.fill(0);
  }

  ids(only) {
    const out = [];
    for (let number = 0; number < this.size; ++number) if (only(number)) out.push(idOf(number));
    return out;
  }

  idsOnSale() {
    return this.ids((number) => this.isOnSale(number));
  }

  /** Was on sale since mark(), without a break and at one price: a crawl meanwhile has to have it. */
  idsStaying() {
    return this.ids((number) => this.isOnSale(number) && !this.moved[number]);
  }

  // --- what happens meanwhile; a number of stones is picked here, always the same ones

  pick(wanted) {
    for (let tries = 0; tries < this.size; ++tries) {
      const number = mix(this.picks++, 77) % this.size;
      if (wanted(number)) return number;
    }
    return undefined;
  }

  sell(number = this.pick((n) => this.isOnSale(n))) {
    if (number === undefined || !this.isOnSale(number)) return;
    this.states[number] = kOff;
    this.sold.push(number);
    --this.onSale;
    this.touch(number, true);
  }

  /** Comes back as it went, with the same ids, at its old place. */
  giveBack(number = this.sold[0]) {
    if (number === undefined || this.isOnSale(number)) return;
    this.sold.splice(this.sold.indexOf(number), 1);
    this.states[number] = kOnSale;
    ++this.onSale;
    this.touch(number, true);
  }

  /** Another discount; the price stays, so that it stays in its range. */
  change(number = this.pick((n) => this.isOnSale(n))) {
    if (number === undefined) return;
    ++this.versions[number];
    this.updated[number] = Date.now();
    this.touch(number, false);
  }

  /** Another price: it may go to another range. */
  reprice(number = this.pick((n) => this.isOnSale(n))) {
    if (number === undefined) return;
    this.prices[number] = Math.round(this.prices[number] * (0.5 + (mix(number, this.versions[number] + 100) % 100) / 100));
    this.change(number);
    this.touch(number, true);
  }

  add(count) {
    const before = this.size;
    const grown = (old) => {
      const next = new old.constructor(before + count);
      next.set(old);
      return next;
    };
    for (const name of ['states', 'versions', 'updated', 'moved', 'prices']) this[name] = grown(this[name]);
    this.prices.set(this.more(before, before + count), before);
    for (let number = before; number < this.size; ++number) {
      this.states[number] = kOnSale;
      this.updated[number] = Date.now();
      ++this.onSale;
      this.touch(number, true);
    }
  }

  touch(number, moved) {
    if (moved) this.moved[number] = 1;
    for (const view of this.views.values()) {
      const place = placeOf(view.rows, number);
      const has = view.rows[place] === number;
      const wanted = view.wants(number);
      if (wanted && !has) view.rows.splice(place, 0, number);
      if (!wanted && has) view.rows.splice(place, 1);
    }
  }

  // --- what a filter finds

  /** The test of a filter: by price first, which most have and which is cheap. */
  wants(filter) {
    const dollars = filter.dollar_value ?? {};
    let from = (dollars.from ?? 0) * 100;
    let to = (dollars.to ?? Infinity) * 100;
    // An inverted range is no range at all: the supplier answers with whatever it has.
    if (from > to) [from, to] = [0, Infinity];
    const rest = this.others(filter);
    return (number) =>
      this.states[number] === kOnSale && this.prices[number] >= from && this.prices[number] <= to &&
      (rest.length === 0 || rest.every((test) => test(number)));
  }

  others(filter) {
    const tests = [];
    if (filter.updated) {
      const range = moments(filter.updated);
      const all = range.from <= createdAt(0) && range.to === Infinity;
      if (!all) tests.push((number) => within(range, this.updated[number] || firstUpdatedAt(number)));
    }
    if (filter.availability && !filter.availability.includes('AVAILABLE')) tests.push(() => false);
    const ofTraits = [];
    const listed = (field, trait) => {
      if (!filter[field]) return;
      const words = upper(filter[field]);
      ofTraits.push((t) => words.has(t[trait]));
    };
    listed('shapes', 'shape');
    listed('color', 'color');
    listed('clarity', 'clarity');
    listed('cut', 'cut');
    if (typeof filter.labgrown === 'boolean') ofTraits.push((t) => t.labgrown === filter.labgrown);
    if (filter.has_image) ofTraits.push((t) => t.hasImage);
    if (filter.sizes) ofTraits.push((t) => filter.sizes.some((range) => within(range, t.carats)));
    if (ofTraits.length > 0) {
      tests.push((number) => {
        const t = traits(number, this.diamonds);
        return ofTraits.every((test) => test(t));
      });
    }
    return tests;
  }

  count(filter) {
    const view = this.views.get(JSON.stringify(filter));
    if (view) return view.rows.length;
    const wants = this.wants(filter);
    let count = 0;
    for (let number = 0; number < this.size; ++number) if (wants(number)) ++count;
    return count;
  }

  rows(filter) {
    const key = JSON.stringify(filter);
    let view = this.views.get(key);
    if (view) {
      this.views.delete(key); // to the end: the oldest goes first
    } else {
      const wants = this.wants(filter);
      const rows = [];
      for (let number = 0; number < this.size; ++number) if (wants(number)) rows.push(number);
      view = { wants, rows };
      if (this.views.size >= kMostViews) this.views.delete(this.views.keys().next().value);
    }
    this.views.set(key, view);
    return view.rows;
  }

  /** All numbers of a filter in an order; by creation they are kept so. */
  ordered(filter, order) {
    const rows = this.rows(filter);
    if (!order || (order.type === 'createdAt' && order.direction !== 'DESC')) return rows;
    const value = order.type === 'price' ? (number) => this.prices[number] : createdAt;
    const sign = order.direction === 'DESC' ? -1 : 1;
    return rows.slice().sort((a, b) => sign * (value(a) - value(b)) || a - b);
  }
}

/** What is odd about a stone, always the same one: `switches` say for which part of them. */
export function spoil(item, number, switches) {
  const { certificate } = item.diamond;
  if (among(number, switches.unknown_enums, 31)) {
    certificate.shape = 'DRAGONFLY';
    certificate.cut = 'SUPER_IDEAL';
    certificate.floInt = 'XST';
    item.diamond.availability = 'IN_TRANSIT';
  }
  if (among(number, switches.nul, 32)) certificate.comments = 'a\u0000b';
  if (among(number, switches.surrogates, 33)) certificate.keyToSymbols = 'high \ud83d low \udc8e end';
  if (among(number, switches.invalid_utf8, 34)) item.diamond.supplierStockId += kInvalid;
  if (among(number, switches.unmappable, 35)) {
    [() => (item.diamond.certificate = null), () => (item.price = null), () => (certificate.carats = 0),
      () => (certificate.shape = '')][mix(number, 36) % 4]();
  }
  return item;
}

/** Stands for bytes that are no UTF-8, until the answer is bytes. */
export const kInvalid = '\ue0f0';
