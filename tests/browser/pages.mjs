// The pages of `am serve-readonly` in a real browser: what a reader sees, with mouse, keyboard, phone, screen reader
// and without JavaScript, and what an attacker does not get. tests/browser/run starts everything and says where it is:
//
//   AM_PAGES    address of a server over the demo's 50 batches; the batch of 2000-03-06 carries an attack
//   AM_EMPTY    address of a server over an empty database
//   AM_MANY     address of a server over 520 batches
//   AM_BELOW    address of a server over the same 50 batches, with /desk/am as its base path, that lets the pages of
//               http://*.desk.localhost:AM_SITE_PORT read its API
//   and what browser.mjs reads

import assert from 'node:assert/strict';
import { createServer, request as ask } from 'node:http';
import { test } from 'node:test';

import { browser, drawn, expectAccessible, everyLook, forgiveStatus, has, kDesktop, kPhone, open, servers } from './browser.mjs';

const {
  AM_PAGES: base, AM_EMPTY: empty, AM_MANY: many, AM_BELOW: below, AM_SITE_PORT: sitePort, AM_SHOTS: shots,
} = process.env;
servers.push(base, empty, many);

const kPages = {
  latest: '/',
  batches: '/pages/batches',
  batch: '/pages/batches/2000-07-03',
  report: '/pages/report',
  status: '/pages/status',
  glossary: '/pages/glossary',
  api: '/pages/api',
  missing: '/pages/batches/2000-07-04',
};

/** Figures of a row as numbers: "−0.90 %" is -0.9. */
const figures = (texts) => texts.map((text) => Number(text.replace('−', '-').replace(/ %$/, '')));

const title = (page) => page.getByRole('heading', { level: 1 }).textContent();

test('the navigation goes through every page and says where one is', async () => {
  const { page, close } = await open();
  await page.goto(base);
  for (const [name, path, heading] of [
    ['Batches', '/pages/batches', /^Batches$/],
    ['Report', '/pages/report', /^Is there alpha\?$/],
    ['Status', '/pages/status', /^Status$/],
    ['Latest', '/', /^Latest batch Monday, 18 December 2000$/],
  ]) {
    const main = page.getByRole('navigation', { name: 'Main' });
    await main.getByRole('link', { name }).click();
    assert.equal(new URL(page.url()).pathname, path);
    assert.match(await title(page), heading);
    assert.equal(await main.locator('[aria-current=page]').textContent(), name);
    assert.match(await page.title(), / · Alpha Monday$/);
    assert.equal(await page.getByRole('heading', { level: 1 }).count(), 1);
  }
  await close();
});

test('the latest batch answers at a glance', async () => {
  const { page, close } = await open();
  await page.goto(base);
  assert.match(await page.locator('.answer').textContent(), /^Day 9 of 14: the picks are \d+\.\d\d points ahead of the same trades in SPX\.$/);
  await has(page, 'img', 'Returns by day');
  assert.match(await page.locator('svg.wide desc').textContent(), /^BUY \S+ [+−]\d+\.\d\d % on day 9, .*benchmark SPX/);
  await has(page, 'table', /^Prices of Tue 26 Dec, day 9/);
  await has(page, 'table', /9 of 14 days are in$/);
  for (const name of ['Earned', 'SPX, same side', 'Excess']) {
    assert.equal(await page.getByRole('columnheader', { name, exact: true }).count(), 2, `${name} of each pick and day`);
  }
  await has(page, 'row', /^Day 8 Mon 25 Dec skipped: Christmas Day$/);
  assert.match(await page.locator('.notice').textContent(), /the one of 2000-12-25 is overdue/);
  await page.getByRole('link', { name: 'permalink' }).click();
  assert.equal(new URL(page.url()).pathname, '/pages/batches/2000-12-18');
  assert.match(await page.locator('.about-it').textContent(), /Last updated \d{4}-.* with the closes of Tue 26 Dec, day 9\./);
  assert.equal(await page.locator('blockquote').count(), 3);
  await has(page, 'banner', '');
  await has(page, 'main', '');
  await has(page, 'contentinfo', '');
  await close();
});

test('batches are paged to the oldest and back', async () => {
  const { page, close } = await open();
  await page.goto(`${base}/pages/batches`);
  const subtitle = page.locator('.head .soft');
  const rows = page.locator('tbody tr');
  const turn = page.getByRole('navigation', { name: 'More batches' });
  assert.equal(await subtitle.textContent(), '1 to 20 of 50, newest first.');
  assert.equal(await rows.count(), 20);
  await turn.getByRole('link', { name: 'Older' }).click();
  assert.equal(await subtitle.textContent(), '21 to 40 of 50, newest first.');
  await turn.getByRole('link', { name: 'Older' }).click();
  assert.equal(await subtitle.textContent(), '41 to 50 of 50, newest first.');
  assert.equal(await rows.count(), 10);
  assert.equal(await turn.getByRole('link', { name: 'Older' }).count(), 0);
  await turn.getByRole('link', { name: 'Newer' }).click();
  assert.equal(await subtitle.textContent(), '21 to 40 of 50, newest first.');
  await turn.getByRole('link', { name: '← Newest' }).click();
  assert.equal(await subtitle.textContent(), '1 to 20 of 50, newest first.');

  await page.getByRole('link', { name: '2000-12-11' }).click();
  assert.equal(await title(page), 'Batch Monday, 11 December 2000');
  await page.getByRole('link', { name: /Older, Mon 4 Dec/ }).click();
  assert.equal(await title(page), 'Batch Monday, 4 December 2000');
  await page.getByRole('link', { name: /Newer/ }).click();
  assert.equal(await title(page), 'Batch Monday, 11 December 2000');
  await page.getByRole('link', { name: 'this batch as JSON' }).click();
  assert.equal(JSON.parse(await page.locator('body').textContent()).batch.run_date, '2000-12-11');
  await close();
});

test('the status page says what is due, and in whose time', async () => {
  const { page, close } = await open();
  await page.goto(`${base}/pages/status`);
  await has(page, 'table', /^What is due now/);
  await has(page, 'table', /^When each job last succeeded/);
  await has(page, 'table', /^Requests to vendors/);
  await has(page, 'row', /^daily_checkpoint_v1 day 10 of 2000-12-18 2000-12-28 09:00 EST/);
  assert.equal(await page.locator('time[datetime="2000-12-28T14:00:00Z"]').count(), 1);
  await close();
});

test('an empty database says how batches come to be', async () => {
  const { page, close } = await open();
  for (const path of ['/pages/batches', '/pages/report', '/pages/status', '/']) await page.goto(empty + path);
  assert.equal(await title(page), 'No batch yet');
  assert.match(await page.locator('main').textContent(), /am run-weekly/);
  await page.screenshot({ path: `${shots}/empty-light.png`, fullPage: true });
  await close();
});

test('an error is a page, too', async () => {
  const { page, trouble, close } = await open();
  const answer = await page.goto(`${base}/pages/batches/2000-07-04`);
  assert.equal(answer.status(), 404);
  assert.match(await page.locator('.answer').textContent(), /^No batch of 2000-07-04\.$/);
  await has(page, 'heading', /^Error 404 Not found$/);
  await page.getByRole('main').getByRole('link', { name: 'Latest' }).click();
  assert.match(await title(page), /^Latest batch/);
  forgiveStatus(trouble, 404);
  await close();
});

// The pages in both themes and on a phone; a screenshot of each.
everyLook(test, Object.fromEntries(Object.entries(kPages).map(([name, path]) => [name, base + path])), async (page, name) => {
  if (name !== 'latest' && name !== 'batch') return;
  assert.equal(await drawn(page, 'svg.chart'), 1, `${name}: one of the two drawings`);
});

test('every figure of the list follows from those beside it', async () => {
  const { page, close } = await open();
  let rows = 0;
  for (const path of ['', '?cursor=2000-08-07', '?cursor=2000-03-20']) {
    await page.goto(`${base}/pages/batches${path}`);
    for (const cells of await page.locator('tbody tr').evaluateAll((all) => all.map((row) => [...row.cells].map((c) => c.textContent)))) {
      const [excess, earned, side] = figures(cells.slice(1, 4));
      assert.ok(Math.abs(earned - side - excess) < 0.0151, cells.join(' '));
      ++rows;
    }
  }
  assert.equal(rows, 50);
  await close();
});

test('a phone shows the figure that matters first', async () => {
  const { page, close } = await open({ viewport: kPhone, isMobile: true, hasTouch: true });
  const seen = (selector) => page.locator(selector).first().evaluate((e) => {
    const box = e.getBoundingClientRect();
    return box.left >= 0 && box.right <= innerWidth && box.bottom <= innerHeight;
  });
  await page.goto(base);
  assert.ok(await seen('.answer') && await seen('dl.tiles dd'), 'the answer and the excess on the first screen');
  for (const path of ['/pages/batches', '/pages/batches/2000-07-03']) {
    await page.goto(base + path);
    const regions = await page.locator('.scroll').evaluateAll((all) => all.map((region) => {
      const excess = [...region.querySelectorAll('thead th')].findIndex((head) => head.textContent === 'Excess');
      const cell = [...region.querySelectorAll('tbody tr')].find((row) => row.cells.length > excess + 3).cells[excess];
      return {
        name: region.getAttribute('aria-label'),
        inSight: cell.getBoundingClientRect().right <= innerWidth,
        reached: region.tabIndex === 0,
        more: region.scrollWidth > region.clientWidth,
        shadow: getComputedStyle(region).backgroundImage.split('linear-gradient').length - 1,
      };
    }));
    for (const region of regions) {
      assert.ok(region.name && region.inSight && region.reached && region.more && region.shadow === 4, JSON.stringify(region));
    }
  }
  await page.goto(`${base}/pages/batches`);
  assert.ok(await seen('tbody td'), 'the newest excess on the first screen');
  await close();
});

// Labels clear of the grid, of each other and of the edges: in every chart, at each size that it is drawn at.
test('no label lies on a line', async () => {
  const { page, close } = await open();
  await page.goto(base);
  const charts = [];
  for (let day = Date.UTC(2000, 0, 10); day <= Date.UTC(2000, 11, 18); day += 7 * 86400e3) {
    const date = new Date(day).toISOString().slice(0, 10);
    const html = await (await page.request.get(`${base}/pages/batches/${date}`)).text();
    charts.push(...html.match(/<svg class="chart .*?<\/svg>/g));
  }
  assert.equal(charts.length, 100);
  for (const width of [1100, 800, 360]) {
    await page.setViewportSize({ width, height: 900 });
    const wrong = await page.evaluate((drawn) => {
      const out = [];
      const figure = document.querySelector('figure.days');
      for (const svg of drawn) {
        figure.innerHTML = svg;
        const chart = figure.querySelector('svg');
        if (chart.getClientRects().length === 0) continue;
        const right = chart.viewBox.baseVal.width;
        const grid = Math.max(...[...chart.querySelectorAll('line')].map((line) => line.x2.baseVal.value));
        const texts = [...chart.querySelectorAll('text')].map((text) => ({ text: text.textContent, end: text.classList.contains('end'), box: text.getBBox() }));
        for (const { text, end, box } of texts) {
          if (box.x < 0 || box.x + box.width > right) out.push(`clipped: ${text}`);
          if (end && box.x <= grid) out.push(`on a line: ${text}`);
        }
        const ends = texts.filter(({ end }) => end).sort((a, b) => a.box.y - b.box.y);
        for (let i = 1; i < ends.length; ++i) {
          if (ends[i].box.y - ends[i - 1].box.y < 11) out.push(`on each other: ${ends[i - 1].text}, ${ends[i].text}`);
        }
      }
      return out;
    }, charts);
    assert.deepEqual(wrong, [], `${width} px`);
  }
  await close();
});

test('ten years of batches stay light', async () => {
  const { page, close } = await open();
  await page.goto(`${many}/pages/batches`);
  assert.equal(await page.locator('.head .soft').textContent(), '1 to 20 of 520, newest first.');
  assert.ok((await page.locator('*').count()) < 500, 'a page of them, not all');
  await expectAccessible(page, 'the list of 520');
  await page.goto(many);
  await expectAccessible(page, 'the latest of 520');
  const csv = await (await page.request.get(`${many}/batches.csv`)).text();
  assert.equal(csv.trim().split('\n').length, 1 + 3 * 520);
  await close();
});

test('a date leads to its week, by a form that needs no script', async () => {
  const { page, close } = await open({ javaScriptEnabled: false });
  await page.goto(`${base}/pages/batches`);
  await page.getByLabel('Jump to a date').fill('2000-07-06');
  await page.getByRole('button', { name: 'Go' }).click();
  assert.equal(page.url(), `${base}/pages/batches?to=2000-07-06`);
  assert.equal(await page.locator('tbody th').first().textContent(), '2000-07-03');
  assert.equal(await page.getByLabel('Jump to a date').inputValue(), '2000-07-06');
  await close();
});

test('an address that is nearly right leads to its page', async () => {
  const { page, close } = await open();
  for (const [path, there] of [['/pages', '/'], ['/pages/status/', '/pages/status'], ['/report', '/pages/report'],
    ['/pages/batches/2000-07-03/', '/pages/batches/2000-07-03']]) {
    const answer = await page.goto(base + path);
    assert.equal(answer.status(), 200, path);
    assert.equal(new URL(page.url()).pathname, there);
  }
  await close();
});

test('feed and icon are what they say', async () => {
  const { page, close } = await open();
  await page.goto(base);
  const [feed, icon] = await page.locator('link[rel=alternate], link[rel=icon]').evaluateAll((links) => links.sort((a, b) => (a.rel < b.rel ? -1 : 1)).map((l) => l.href));
  const read = async (url, type) => {
    const answer = await page.request.get(url);
    assert.match(answer.headers()['content-type'], type);
    return answer.text();
  };
  const parsed = await page.evaluate((texts) => texts.map((text) => {
    const { documentElement: root } = new DOMParser().parseFromString(text, 'application/xml');
    return { root: root.localName, space: root.namespaceURI, entries: [...root.children].filter((e) => e.localName === 'entry').map((e) => [...e.children].map((c) => c.localName)) };
  }), [await read(feed, /^application\/atom\+xml/), await read(icon, /^image\/svg\+xml/)]);
  assert.equal(parsed[0].space, 'http://www.w3.org/2005/Atom');
  assert.equal(parsed[0].entries.length, 20);
  for (const entry of parsed[0].entries) assert.deepEqual(entry, ['id', 'title', 'updated', 'link', 'summary']);
  assert.deepEqual([parsed[1].root, parsed[1].space], ['svg', 'http://www.w3.org/2000/svg']);
  await close();
});

test('nothing needs JavaScript', async () => {
  const { page, close } = await open({ javaScriptEnabled: false });
  await page.goto(base);
  await page.getByRole('link', { name: 'Batches', exact: true }).click();
  await page.getByRole('link', { name: 'Older' }).click();
  assert.equal(await page.locator('.head .soft').textContent(), '21 to 40 of 50, newest first.');
  await page.getByRole('link', { name: 'Report' }).click();
  const details = page.locator('details').last();
  assert.equal(await details.getAttribute('open'), null);
  await details.locator('summary').click();
  assert.equal(await details.getAttribute('open'), '');
  await close();
});

test('the keyboard gets everywhere, and one sees where it is', async () => {
  const { page, close } = await open();
  const active = () =>
    page.evaluate(() => {
      const { outlineWidth, outlineStyle } = getComputedStyle(document.activeElement);
      const box = document.activeElement.getBoundingClientRect();
      return {
        text: document.activeElement.textContent.trim(),
        id: document.activeElement.id,
        outlined: outlineStyle !== 'none' && parseFloat(outlineWidth) >= 2,
        inSight: box.left >= 0 && box.right <= innerWidth && box.top >= 0 && box.bottom <= innerHeight,
        label: document.activeElement.getAttribute('aria-label'),
      };
    });
  await page.goto(base);
  await page.keyboard.press('Tab');
  let now = await active();
  assert.equal(now.text, 'Skip to the content');
  assert.ok(now.inSight && now.outlined, 'the skip link shows itself');
  for (const name of ['Alpha Monday', 'Latest', 'Batches']) {
    await page.keyboard.press('Tab');
    now = await active();
    assert.equal(now.text, name);
    assert.ok(now.outlined, `${name} is outlined`);
  }
  await page.keyboard.press('Enter');
  await page.waitForURL('**/pages/batches');
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  await page.waitForURL('**#content');
  assert.equal((await active()).id, 'content');
  // A date has a stop for each of its parts.
  for (let stop = 0; stop < 8 && now.label !== 'Batches by run date'; ++stop) {
    await page.keyboard.press('Tab');
    now = await active();
  }
  assert.equal(now.label, 'Batches by run date');
  assert.ok(now.outlined, 'a table that scrolls can be reached');
  await page.keyboard.press('Tab');
  assert.equal((await active()).text, '2000-12-18');
  await close();
});

test('what a model wrote stays text', async () => {
  const { page, trouble, close } = await open();
  for (const path of ['/pages/batches/2000-03-06', '/pages/batches?cursor=2000-04-10', '/pages/report']) {
    await page.goto(base + path);
    const found = await page.evaluate(() => ({
      scripts: document.scripts.length,
      images: document.images.length,
      frames: frames.length,
      handlers: [...document.querySelectorAll('*')].filter((e) => e.getAttributeNames().some((n) => n.startsWith('on'))).length,
      owned: globalThis.owned === undefined ? 'no' : 'yes',
    }));
    assert.deepEqual(found, { scripts: 0, images: 0, frames: 0, handlers: 0, owned: 'no' }, path);
  }
  await page.goto(`${base}/pages/batches/2000-03-06`);
  assert.match(await page.locator('main').textContent(), /<script>globalThis\.owned=1<\/script>/);
  assert.equal(await page.locator('a[href^="javascript:"]').count(), 0);
  assert.deepEqual(trouble, []);

  // And if something did slip through, the browser would refuse it.
  const blocked = page.waitForEvent('console', (message) => /Content Security Policy/.test(message.text()));
  await page.evaluate(() => {
    const script = document.createElement('script');
    script.textContent = 'globalThis.owned = 1';
    document.body.append(script);
  });
  await blocked;
  assert.equal(await page.evaluate(() => globalThis.owned), undefined);
  trouble.length = 0;
  await close();
});

/** A server of this test on a port of 127.0.0.1 (0: a free one) while `use` runs. */
async function serving(port, answer, use) {
  const server = createServer(answer);
  await new Promise((ready) => server.listen(port, '127.0.0.1', ready));
  try {
    await use(server.address().port);
  } finally {
    server.closeAllConnections();
    await new Promise((done) => server.close(done));
  }
}

test('a page of another site reads the API, if it is one of those that may', async () => {
  const html = '<!doctype html><title>another site</title>';
  await serving(sitePort, (_, answer) => answer.setHeader('Content-Type', 'text/html').end(html), async () => {
    const context = await browser.newContext();
    const page = await context.newPage();
    const read = (headers) =>
      page.evaluate(
        async ([url, sent]) => {
          try {
            const answer = await fetch(url, { headers: sent });
            return `${answer.status} ${(await answer.json()).batch.run_date} ${answer.headers.has('etag')}`;
          } catch (error) {
            return error.name;
          }
        },
        [`${below}/latest`, headers],
      );
    // What a client of the earlier service sends: the first header alone makes the browser ask beforehand.
    const headers = { 'Content-Type': 'application/json', Accept: 'application/json', 'X-Request-Id': 'b-1' };
    for (const host of ['app.desk.localhost', 'a.b.desk.localhost']) {
      await page.goto(`http://${host}:${sitePort}/`);
      assert.equal(await read(headers), '200 2000-12-18 true', host);
      assert.equal(await read({}), '200 2000-12-18 true', host);
      assert.equal(await read({ 'X-Other': '1' }), 'TypeError', 'a header that nobody allowed');
    }
    for (const host of ['desk.localhost', 'evil-desk.localhost']) {
      await page.goto(`http://${host}:${sitePort}/`);
      assert.equal(await read(headers), 'TypeError', host);
      assert.equal(await read({}), 'TypeError', host);
    }
    await context.close();
  });
});

test('the pages work below a path, whether the proxy takes it away or not', async () => {
  const strip = (asked, answer) => {
    if (!asked.url.startsWith('/desk/am/')) return answer.writeHead(404).end();
    const forward = ask(below + asked.url.slice('/desk/am'.length), { headers: asked.headers }, (got) => {
      answer.writeHead(got.statusCode, got.headers);
      got.pipe(answer);
    });
    forward.end();
  };
  await serving(0, strip, async (port) => {
    for (const home of [`http://127.0.0.1:${port}/desk/am/`, `${below}/desk/am/`]) {
      const context = await browser.newContext({ viewport: kDesktop, colorScheme: 'light' });
      const page = await context.newPage();
      const failed = [];
      page.on('response', (response) => {
        if (response.status() >= 400 || !response.url().startsWith(home)) failed.push(response.url());
      });
      await page.goto(home);
      for (const name of ['Batches', 'Report', 'Status', 'Latest']) {
        await page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name }).click();
        assert.ok(page.url().startsWith(home), page.url());
        const paper = await page.evaluate(() => getComputedStyle(document.body).backgroundColor);
        assert.equal(paper, 'rgb(251, 250, 247)', 'with its style sheet');
      }
      await page.getByRole('link', { name: 'Skip to the content' }).focus();
      await page.keyboard.press('Enter');
      await page.waitForURL(`${home}#content`);
      await page.getByRole('link', { name: /Older/ }).click();
      assert.equal(await title(page), 'Batch Monday, 11 December 2000');
      await page.goto(`${home}pages/status/`);
      assert.equal(page.url(), `${home}pages/status`);
      await page.goto(`${home}pages/batches?to=2000-12-17`);
      await page.getByRole('button', { name: 'Go' }).click();
      assert.equal(page.url(), `${home}pages/batches?to=2000-12-17`);
      await page.getByRole('link', { name: '2000-12-11' }).click();
      await page.getByRole('link', { name: 'this batch as JSON' }).click();
      assert.ok(page.url().startsWith(`${home}batches/`), page.url());
      await page.goto(`${home}pages/batches?cursor=2000-04-10`);
      await page.getByRole('link', { name: '← Newest' }).click();
      assert.equal(page.url(), `${home}pages/batches`);
      await page.getByRole('link', { name: 'The API' }).click();
      await page.getByRole('link', { name: '/openapi.json' }).first().click();
      assert.equal(JSON.parse(await page.locator('body').textContent()).servers[0].url, '/desk/am');
      assert.deepEqual(failed, []);
      await context.close();
    }
  });
});
