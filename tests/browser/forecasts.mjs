// The pages of the forecast desk, and the file that `am forecast show -o html` writes, in a real browser: series of every
// kind (tests/browser/forecasts.sql). tests/browser/run starts everything and says where it is:
//
//   AM_SERIES     address of a server over eight series that are hard to draw, and 500 more
//   AM_NO_SERIES  address of a server over none
//   AM_FILE       address of the file; beside it rides.txt and rides-months.txt, what the command's tables say
//   and what browser.mjs reads

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

import { drawn, everyLook, expectAccessible, forgiveStatus, has, kPhone, open, servers } from './browser.mjs';

const { AM_SERIES: base, AM_NO_SERIES: none, AM_FILE: file, AM_SHOTS: shots } = process.env;
servers.push(base, none, file);

const kLongest = 'a.name:of-sixty-three_letters-that-is-the-longest-there-can-be1';
const series = (name) => `${base}/pages/forecasts/${name}`;
const kSeries = ['rides', 'nothing', 'one-value', 'all-missing', 'twenty-years', 'gaps', 'huge-and-negative', kLongest];

const title = (page) => page.getByRole('heading', { level: 1 }).textContent();
const answer = (page) => page.locator('.answer').textContent();

everyLook(
  test,
  {
    forecasts: `${base}/pages/forecasts`,
    'series-rides': series('rides'),
    'series-why': `${series('rides')}?day=2000-12-25#why`,
    'series-huge': series('huge-and-negative'),
    'series-file': file,
  },
  async (page, name) => {
    assert.equal(await drawn(page, 'svg.fan'), name === 'forecasts' ? 0 : 1, `${name}: one of the two drawings`);
  },
);

test('in no drawing lies a text on another, or outside', async () => {
  const { page, close } = await open();
  for (const width of [1100, 700, 360]) {
    await page.setViewportSize({ width, height: 900 });
    for (const address of [...kSeries.map(series), file]) {
      await page.goto(address);
      const wrong = await page.evaluate(() => {
        const out = [];
        for (const svg of document.querySelectorAll('svg.fan')) {
          if (svg.getClientRects().length === 0) continue;
          const { width, height } = svg.viewBox.baseVal;
          const texts = [...svg.querySelectorAll('text')].map((text) => ({ text: text.textContent, box: text.getBBox() }));
          for (const { text, box } of texts) {
            if (box.x < 0 || box.y < 0 || box.x + box.width > width || box.y + box.height > height) out.push(`clipped: ${text}`);
          }
          for (let i = 0; i < texts.length; ++i) {
            for (let j = 0; j < i; ++j) {
              const a = texts[i].box;
              const b = texts[j].box;
              if (a.x < b.x + b.width + 2 && b.x < a.x + a.width + 2 && a.y + 3 < b.y + b.height && b.y + 3 < a.y + a.height) {
                out.push(`on each other: ${texts[j].text}, ${texts[i].text}`);
              }
            }
          }
          const lines = [...svg.querySelectorAll('line')].map((line) => line.getBBox());
          const left = Math.min(...lines.map((box) => box.x));
          const right = Math.max(...lines.map((box) => box.x + box.width));
          const top = Math.min(...lines.map((box) => box.y));
          const bottom = Math.max(...lines.map((box) => box.y));
          for (const path of svg.querySelectorAll('path')) {
            const box = path.getBBox();
            if (box.x < left - 1 || box.y < top - 1 || box.x + box.width > right + 1 || box.y + box.height > bottom + 1) {
              out.push(`off the plot: ${path.getAttribute('class')}`);
            }
          }
        }
        return out;
      });
      assert.deepEqual(wrong, [], `${address}, ${width} px`);
    }
  }
  await close();
});

test('all series, the worst first, in pages', async () => {
  const { page, close } = await open();
  await page.goto(`${base}/pages/forecasts`);
  assert.equal(await title(page), 'Forecasts');
  const seen = [];
  for (let turn = 1; ; ++turn) {
    const rows = await page.locator('tbody tr').evaluateAll((all) => all.map((row) => [row.cells[0].textContent, row.cells[4].textContent]));
    seen.push(...rows);
    const next = page.getByRole('link', { name: 'Better →' });
    if ((await next.count()) === 0) break;
    assert.equal(rows.length, 50);
    assert.equal(await page.locator('svg.spark').count(), turn === 11 ? 7 : 50);
    await next.click();
  }
  assert.equal(seen.length, 508);
  assert.equal(new Set(seen.map(([name]) => name)).size, 508);
  const errors = seen.map(([, mase]) => (mase === '' ? -1 : Number(mase)));
  assert.deepEqual(errors, [...errors].sort((a, b) => b - a));
  assert.deepEqual(seen.slice(-3).map(([name]) => name), ['all-missing', 'nothing', 'one-value'], 'those that were never scored');
  assert.ok((await page.locator('*').count()) < 1500);
  await page.getByRole('link', { name: '← Worse' }).click();
  assert.match(page.url(), /page=10$/);
  await page.locator('tbody th a').first().click();
  assert.match(page.url(), /\/pages\/forecasts\/s\d{3}$/);
  await close();
});

test('one series answers at a glance, and why', async () => {
  const { page, close } = await open();
  await page.goto(series('rides'));
  assert.match(await answer(page), /^On Wednesday, 27 December 2000 expected: \d+ thousands; in 95 of 100 cases \d+ to \d+\.$/);
  await has(page, 'img', 'By day, with bounds');
  for (const name of [/^Expected by day/, /^Weeks/, /^Months/, /^Past forecasts against what came/, /^Past forecasts held/, /^What its forecast knew/]) {
    await has(page, 'table', name);
  }
  const came = await page.getByRole('table', { name: /^Past forecasts against/ }).locator('tbody tr').evaluateAll((all) => all.map((row) => [...row.cells].map((cell) => cell.textContent)));
  assert.equal(came.length, 28);
  assert.match(came[0][0], /^Tue 26 Dec 2000$/);
  assert.ok(came.every((cells) => cells.length === 9 && cells.every((text) => text !== '')), 'each with what was said a week and four weeks before');
  await page.getByRole('link', { name: 'Mon 25 Dec 2000' }).click();
  assert.match(await page.locator('#why').textContent(), /Why Monday, 25 December 2000/);
  await has(page, 'row', /^Holiday Christmas Day/);
  await page.getByRole('link', { name: '1', exact: true }).click();
  assert.equal(JSON.parse(await page.locator('body').textContent()).job.key, 'forecast/rides');
  await close();
});

test('what is odd about a series is said, not shown as a fault', async () => {
  const { page, trouble, close } = await open();
  for (const [name, said] of [
    ['nothing', /^Nothing is known of this series yet\.$/],
    ['all-missing', /^Nothing is expected of the days to come: no forecast was asked for\.$/],
    ['one-value', /^On Wednesday, 27 December 2000 expected: 1\d\d\d; /],
    ['gaps', /^On Wednesday, 27 December 2000 expected: /],
    ['twenty-years', /^On Wednesday, 27 December 2000 expected: /],
    ['huge-and-negative', /^On Wednesday, 27 December 2000 expected: −\d.*e\+299 units of <b>a very long/],
    [kLongest, /^On Wednesday, 27 December 2000 expected: 0\.1\d+; /],
  ]) {
    await page.goto(series(name));
    assert.equal(await title(page), name);
    assert.match(await answer(page), said);
    const text = await page.locator('main').textContent();
    if (name !== 'gaps' && name !== 'twenty-years') await expectAccessible(page, name);
    assert.doesNotMatch(text, /\b(nan|inf|null|undefined)\b/i, name);
    assert.ok((await page.locator('*').count()) < 3000, `${name}: what is on the page is bounded`);
  }
  await page.goto(series('twenty-years'));
  assert.match(await page.locator('svg.wide text').last().textContent(), /^Jan 2002$/, 'more than a year is named by it');
  assert.match(await page.locator('main').textContent(), /340 more are in the data/);
  assert.equal((await page.goto(series('unknown'))).status(), 404);
  forgiveStatus(trouble, 404);
  await page.goto(`${none}/`);
  assert.match(await page.locator('main').textContent(), /No series yet\..*am forecast series add/s);
  await page.screenshot({ path: `${shots}/no-series-light.png`, fullPage: true });
  await close();
});

test('the file has the numbers of the table, and loads nothing', async () => {
  const { page, close } = await open();
  await page.goto(file);
  const rows = async (name) => (await page.getByRole('table', { name }).locator('tbody tr').evaluateAll((all) => all.map((row) => [...row.cells].map((cell) => cell.querySelector('time')?.dateTime ?? cell.textContent))));
  const table = (kind) => readFileSync(`${shots}/rides${kind}.txt`, 'utf8').split('\n').map((line) => line.split(/ {2,}/)).filter(([day]) => /^\d{4}-/.test(day));
  const coming = (await rows(/^Expected by day/)).map(([day, ...cells]) => [day, ...cells].join(' '));
  const past = (await rows(/^Past forecasts against/)).map(([day, came, ...cells]) => [day, cells[0], cells[3], cells[4], came, cells[6]].join(' '));
  const said = table('').map(([day, , ...cells]) => [day, ...cells].join(' '));
  assert.equal(coming.length, 28);
  assert.deepEqual([...past.reverse(), ...coming], said);
  assert.deepEqual((await rows(/^Months/)).map((cells) => cells.filter((text) => text !== '').join(' ')), table('-months').map((cells) => cells.filter((text) => text !== '').join(' ')));
  assert.equal(await page.title(), 'rides: forecast');
  assert.equal(await page.evaluate(() => document.scripts.length + document.images.length + document.links.length), 0);
  assert.equal(await page.evaluate(() => getComputedStyle(document.querySelector('path.outer')).opacity), '0.14', 'its style sheet is let in');
  await close();
});

test('a phone shows what is expected first', async () => {
  const { page, close } = await open({ viewport: kPhone, isMobile: true, hasTouch: true });
  await page.goto(series('rides'));
  const seen = await page.locator('.answer').evaluate((e) => e.getBoundingClientRect().bottom <= innerHeight);
  assert.ok(seen, 'the answer on the first screen');
  await expectAccessible(page, 'a series on a phone');
  await close();
});
