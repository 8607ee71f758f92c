// What a test asks afterwards: how many requests of which kind, the busiest second, logins, which traps went off.

import { performance } from 'node:perf_hooks';

export class Counters {
  constructor() {
    this.recent = []; // moments of the last second's requests
    this.reset();
  }

  reset() {
    Object.assign(this, {
      requests: 0,
      kinds: { login: 0, count: 0, page: 0, other: 0 },
      most_in_a_second: 0,
      refused_by_rate: 0,
      logins: 0,
      logins_refused: 0,
      unauthorized: 0,
      pages_again: 0, // pages that were asked for before, by filter, order and offset
      traps: {},
    });
    this.pages = new Set();
  }

  /** Another request; the number of those within the last second, this one among them. */
  arrived() {
    const now = performance.now();
    ++this.requests;
    this.recent.push(now);
    while (this.recent[0] <= now - 1000) this.recent.shift();
    this.most_in_a_second = Math.max(this.most_in_a_second, this.recent.length);
    return this.recent.length;
  }

  page(key) {
    if (this.pages.has(key)) ++this.pages_again;
    this.pages.add(key);
  }

  fired(name) {
    this.traps[name] = (this.traps[name] ?? 0) + 1;
  }

  toJSON() {
    const { recent, pages, ...rest } = this;
    return { ...rest, pages_different: pages.size };
  }
}
