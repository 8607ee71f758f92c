// The pages of the strategy desk in a real browser, over sessions that are hard to draw (tests/browser/strategy.sql).
// tests/browser/run starts everything and says where it is:
//
//   AM_STRATEGY     address of a server over 44 sessions
//   AM_NO_STRATEGY  address of a server over none
//   and what browser.mjs reads

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { drawn, everyLook, forgiveStatus, has, kPhone, open, servers } from './browser.mjs';

const { AM_STRATEGY: base, AM_NO_STRATEGY: none } = process.env;
servers.push(base, none);

const kPaper = '01900000-0000-7000-8000-0000000000a1';
const kLive = '01900000-0000-7000-8000-0000000000a2';
const kRehearsal = '01900000-0000-7000-8000-0000000000a3';
const session = (id) => `${base}/pages/strategy/sessions/${id}`;
const title = (page) => page.getByRole('heading', { level: 1 }).textContent();

everyLook(
  test,
  {
    'strategy-none': `${none}/pages/strategy`,
    strategy: `${base}/pages/strategy`,
    'strategy-session': session(kPaper),
    'strategy-live': session(kLive),
    'strategy-rehearsal': session(kRehearsal),
  },
  async (page, name) => {
    const charts = name === 'strategy-session' || name === 'strategy-rehearsal' ? 1 : 0;
    assert.equal(await drawn(page, 'svg.equity'), charts, `${name}: one drawing that fits`);
    const modes = { 'strategy-none': 0, strategy: 30 };
    assert.equal(await page.locator('.mode').count(), modes[name] ?? 1, `${name}: its mode`);
  },
);

test('all sessions, those that run first, in pages', async () => {
  const { page, close } = await open();
  await page.goto(`${base}/`);
  assert.equal(await title(page), 'Strategies');
  await has(page, 'status', '');
  assert.match(await page.locator('.notice').textContent(), /being reduced, only sales are ordered: before the holidays/);
  assert.match(await page.locator('tbody tr').nth(0).textContent(), /paper.*running, an engine has it/);
  assert.match(await page.locator('tbody tr').nth(1).textContent(), /LIVE.*running, no engine has it/);
  await page.getByRole('link', { name: 'Older →' }).click();
  assert.equal(await page.locator('tbody tr').count(), 14);
  await page.getByRole('link', { name: '← Newer' }).click();
  await page.locator('tbody th a').nth(0).click();
  assert.equal(page.url(), session(kPaper));
  await close();
});

test('one session says what it earned, what it traded and why', async () => {
  const { page, trouble, close } = await open();
  await page.goto(session(kPaper));
  assert.equal(await title(page), 'sma15 on AAPLpaper');
  await has(page, 'table', /^Booked, the newest first/);
  assert.match(await page.locator('td.because').filter({ hasText: 'sma: 199.875' }).textContent(), /<script>.*signalled at 200.5, confidence 0.8/);
  await has(page, 'row', /BUY 1 205 refused: insufficient_funds/);
  await has(page, 'row', /BUY unknown pending_new, alpaca/);
  assert.equal(await drawn(page, '.equity.wide .buy'), 1);
  await page.getByRole('link', { name: 'the session as JSON' }).click();
  assert.equal(JSON.parse(await page.locator('body').textContent()).session.mode, 'paper');
  await page.goto(session(kLive));
  assert.equal(await title(page), 'A.strategy_of-sixty-three_letters-that-is-the-longest-there-can on BTC/USDLIVE');
  assert.equal(await page.locator('.notice').count(), 5);
  assert.equal(await page.evaluate(() => globalThis.owned), undefined);
  assert.equal((await page.goto(session('01900000-0000-7000-8000-0000000000ff'))).status(), 404);
  forgiveStatus(trouble, 404);
  await close();
});

test('trades come in pages, with the mode on each', async () => {
  const { page, close } = await open();
  await page.goto(session(kRehearsal));
  assert.equal(await page.locator('tbody tr').count(), 50);
  await page.getByRole('link', { name: 'Older →' }).click();
  assert.equal(await page.locator('tbody tr').count(), 50);
  assert.match(await title(page), /rehearsal$/);
  await close();
});

test('a phone shows what a session earned first', async () => {
  const { page, close } = await open({ viewport: kPhone, isMobile: true, hasTouch: true });
  await page.goto(session(kRehearsal));
  assert.ok(await page.locator('dl').first().evaluate((e) => e.getBoundingClientRect().top < innerHeight));
  await close();
});
