// What the suites of the browser test share: the browser, a page that fails its test at anything that should never happen,
// and what every page is held to.
//
//   AM_MODULES   directory with node_modules
//   AM_SHOTS     directory for the screenshots
//   AM_CHROMIUM  the browser

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { after, before } from 'node:test';

const { AM_MODULES: modules, AM_SHOTS: shots } = process.env;
const require = createRequire(`${modules}/package.json`);
const { chromium } = require('playwright-core');
const kAxe = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');

export const kDesktop = { width: 1100, height: 900 };
export const kPhone = { width: 360, height: 640 };

export const launch = (...more) =>
  chromium.launch({
    executablePath: process.env.AM_CHROMIUM,
    args: [
      '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
      '--disable-component-update', '--disable-sync', ...more,
    ],
  });
export let browser;
before(async () => {
  browser = await launch();
});
after(async () => browser?.close());

/** Where pages may load from: the servers of a suite. */
export const servers = [];

/** A page that fails its test at anything that should never happen: see `trouble`. */
export async function open(options = {}, own = browser) {
  const context = await own.newContext({ viewport: kDesktop, ...options });
  const page = await context.newPage();
  const trouble = [];
  page.on('console', (message) => trouble.push(`console: ${message.text()}`));
  page.on('pageerror', (error) => trouble.push(`error: ${error.message}`));
  page.on('dialog', (dialog) => {
    trouble.push(`dialog: ${dialog.message()}`);
    dialog.dismiss();
  });
  page.on('request', (request) => {
    const url = request.url();
    if (!servers.some((own) => url.startsWith(own))) trouble.push(`request: ${url}`);
  });
  return {
    page,
    trouble,
    async close() {
      await context.close();
      assert.deepEqual(trouble, []);
    },
  };
}

/** What is expected to be on the console when a page is a 404. */
export function forgiveStatus(trouble, status) {
  const index = trouble.findIndex((line) => line.includes(`status of ${status}`));
  if (index >= 0) trouble.splice(index, 1);
}

export async function has(page, role, name, more = {}) {
  assert.equal(await page.getByRole(role, { name, ...more }).count(), 1, `one ${role} named ${name} on ${page.url()}`);
}

/** What axe-core finds against WCAG 2.2, levels A and AA. */
export async function expectAccessible(page, name) {
  await page.evaluate(kAxe);
  const found = await page.evaluate(() =>
    axe.run({ runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'], resultTypes: ['violations'] }),
  );
  const said = found.violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html.slice(0, 160)).join(' | ')}`);
  assert.deepEqual(said, [], name);
}

/** How many of these are to be seen. */
export const drawn = (page, selector) =>
  page.locator(selector).evaluateAll((all) => all.filter((e) => e.getClientRects().length > 0).length);

/** The ways in which somebody looks at a page. */
const kLooks = {
  light: { colorScheme: 'light' },
  dark: { colorScheme: 'dark' },
  phone: { colorScheme: 'light', viewport: kPhone, deviceScaleFactor: 2, isMobile: true, hasTouch: true },
  'dark-phone': { colorScheme: 'dark', viewport: kPhone, deviceScaleFactor: 2, isMobile: true, hasTouch: true },
  forced: { forcedColors: 'active', colorScheme: 'dark' },
  'large-text': { colorScheme: 'light' },
};

/** Each page in each of them, with a screenshot. pages: addresses by name; also: what else is held of a page. */
export function everyLook(test, pages, also = async () => {}) {
  for (const [look, options] of Object.entries(kLooks)) {
    test(`every page looks right: ${look}`, async () => {
      // As somebody sets it in the browser: twice the usual size.
      const own = look === 'large-text' ? await launch('--blink-settings=defaultFontSize=32') : browser;
      const { page, trouble, close } = await open(options, own);
      for (const [name, address] of Object.entries(pages)) {
        await page.goto(address);
        const seen = await page.evaluate(() => ({
          wide: document.scrollingElement.scrollWidth,
          room: innerWidth,
          paper: getComputedStyle(document.body).backgroundColor,
          letters: parseFloat(getComputedStyle(document.body).fontSize),
          current: [...document.querySelectorAll('header [aria-current]')].map((e) => getComputedStyle(e).outlineStyle),
        }));
        assert.ok(seen.wide <= seen.room, `${name}: ${seen.wide} px in ${seen.room}`);
        assert.equal(seen.letters, look === 'large-text' ? 32 : 16, name);
        if (look === 'forced') assert.ok(seen.current.every((style) => style === 'solid'), `${name}: where one is`);
        else assert.equal(seen.paper, look.startsWith('dark') ? 'rgb(20, 21, 23)' : 'rgb(251, 250, 247)', name);
        await also(page, name);
        await page.screenshot({ path: `${shots}/${name}-${look}.png`, fullPage: name !== 'report' });
        if (look !== 'dark-phone') await expectAccessible(page, `${name}, ${look}`);
      }
      forgiveStatus(trouble, 404);
      await close();
      if (own !== browser) await own.close();
    });
  }
}
