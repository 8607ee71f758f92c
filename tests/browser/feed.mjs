// The pages of the feed desk in a real browser, over runs that are hard to draw (tests/browser/feed.sql). tests/browser/run
// starts everything and says where it is:
//
//   AM_FEED     address of a server over 42 runs
//   AM_NO_FEED  address of a server over none
//   and what browser.mjs reads

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { drawn, everyLook, forgiveStatus, has, kPhone, open, servers } from './browser.mjs';

const { AM_FEED: base, AM_NO_FEED: none } = process.env;
servers.push(base, none);

const kRun = '01900000-0000-7000-8000-0000000000a1';
const kWorst = '01900000-0000-7000-8000-0000000000a2';
const run = (id) => `${base}/pages/feed/runs/${id}`;
const title = (page) => page.getByRole('heading', { level: 1 }).textContent();

everyLook(
  test,
  { 'feed-none': `${none}/pages/feed`, feed: `${base}/pages/feed`, 'feed-run': run(kRun), 'feed-worst': run(kWorst) },
  async (page, name) => {
    const bars = { 'feed-none': 0, feed: 30, 'feed-run': 6, 'feed-worst': 200 };
    assert.equal(await drawn(page, 'svg.fill'), bars[name], `${name}: how far each is`);
  },
);

test('all runs, the newest first, in pages', async () => {
  const { page, close } = await open();
  await page.goto(`${base}/`);
  assert.equal(await title(page), 'Feed');
  await page.getByRole('link', { name: 'Older →' }).click();
  assert.equal(await page.locator('tbody tr').count(), 12);
  await page.getByRole('link', { name: '← Newer' }).click();
  await page.locator('tbody th a').nth(1).click();
  assert.equal(page.url(), run(kRun));
  await close();
});

test('one run says how far it is, by price, and what went wrong', async () => {
  const { page, trouble, close } = await open();
  await page.goto(run(kRun));
  const cells = page.locator('.heat li');
  assert.match(await cells.nth(1).textContent(), /\$1.?000 to \$2.?000.*500 of 1.?000, running/);
  assert.equal(await page.locator('.heat li.dead, .heat li.failed, .heat li.cancelled').count(), 3);
  await has(page, 'table', /^Partitions, by price/);
  await has(page, 'row', /^3 price: <u>none<\/u>/);
  await page.getByRole('link', { name: 'the run as JSON' }).click();
  assert.equal(JSON.parse(await page.locator('body').textContent()).run.partitions.length, 6);
  await page.goto(run(kWorst));
  assert.equal(await cells.count(), 200);
  assert.equal(await page.evaluate(() => globalThis.owned), undefined);
  assert.equal((await page.goto(run('01900000-0000-7000-8000-0000000000ff'))).status(), 404);
  forgiveStatus(trouble, 404);
  await close();
});

test('a phone shows how far a run is first', async () => {
  const { page, close } = await open({ viewport: kPhone, isMobile: true, hasTouch: true });
  await page.goto(run(kRun));
  assert.ok(await page.locator('dl').first().evaluate((e) => e.getBoundingClientRect().top < innerHeight));
  await close();
});
