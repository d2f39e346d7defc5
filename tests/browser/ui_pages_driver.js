// Drives a browser for tests/e2e/test_ui_pages.py: reads one command a line from standard input, as
// a JSON list of its name and arguments, and answers each with one line of JSON. Arguments: the
// server, the browser, a folder for screenshots.
//
// Selectors are Puppeteer's: CSS, or aria/NAME for what a reader of the page finds under a name.

import { readFile } from "node:fs/promises";
import process from "node:process";
import { createInterface } from "node:readline";
import puppeteer from "puppeteer-core";

const [server, browserPath, screenshots] = process.argv.slice(2);
const DEADLINE_MS = 90000;  // other tests may have the processor
const NETWORK_CHANGED = "net::ERR_NETWORK_CHANGED";
const AXE = await readFile(new URL(import.meta.resolve("axe-core/axe.min.js")), "utf8");
const RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"];
const WINDOWS = { desktop: { width: 1280, height: 900 }, phone: { width: 390, height: 800 } };

// Runs in the page: seenAt becomes the time when what the selector finds had been painted, and the
// page had nothing left to do.
function watchFor(selector) {
  globalThis.seenAt = 0;
  const look = (observer) => {
    if (!document.querySelector(selector)) return;
    observer.disconnect();
    requestAnimationFrame(() => setTimeout(() => {
      globalThis.seenAt = performance.timeOrigin + performance.now();
    }));
  };
  const observer = new MutationObserver(() => look(observer));
  observer.observe(document, { subtree: true, childList: true, attributes: true });
  look(observer);
}

class Driver {
  constructor(browser) {
    this.browser = browser;
    this.complaints = [];
  }

  async start() {
    const tab = await this.browser.newPage();
    tab.setDefaultTimeout(DEADLINE_MS);
    tab.on("console", (message) => {
      if (!["error", "warn"].includes(message.type())) return;
      const text = `${message.text()} ${message.location()?.url ?? ""}`;
      if (text.includes(NETWORK_CHANGED)) this.isDisturbed = true;
      else this.complaints.push(text);
    });
    tab.on("pageerror", (error) => this.complaints.push(error.stack ?? error.message));
    tab.on("dialog", (dialog) => {
      this.complaints.push(`a dialog of the browser: ${dialog.message()}`);
      dialog.dismiss();
    });
    await tab.setViewport(WINDOWS.desktop);
    this.tab = tab;
  }

  // Where the machine got another network interface meanwhile, the browser dropped its requests.
  async open(place) {
    do {
      this.isDisturbed = false;
      await this.tab.goto(`${server}/#${place}`, { waitUntil: "load" });
      if (this.isDisturbed) await this.tab.goto("about:blank");
    } while (this.isDisturbed);
  }

  // Loads the page anew; without this a page is never loaded twice.
  async reload() {
    await this.tab.reload();
  }

  async click(selector) {
    await this.tab.locator(selector).setTimeout(DEADLINE_MS).click();
  }

  async fill(selector, text) {
    await this.tab.locator(selector).setTimeout(DEADLINE_MS).fill(text);
  }

  async press(key) {
    await this.tab.keyboard.press(key);
  }

  // A handle would keep what it is of in the page.
  async see(selector) {
    const found = await this.tab.waitForSelector(selector, { visible: true });
    await found.dispose();
  }

  async gone(selector) {
    await this.tab.waitForSelector(selector, { hidden: true });
  }

  // Waits until something that the selector (CSS) finds has the text.
  async read(selector, text) {
    await this.tab.waitForFunction((wanted, part) => [...document.querySelectorAll(wanted)].some(
      (element) => element.textContent.includes(part)), {}, selector, text);
  }

  async texts(selector) {
    return this.tab.$$eval(selector, (all) => all.map(
      (one) => one.textContent.replace(/\s+/g, " ").trim()));
  }

  async isDisabled(selector) {
    await this.see(selector);
    return this.tab.$eval(selector, (element) => element.disabled === true);
  }

  async scroll(selector, top) {
    await this.tab.$eval(selector, (element, to) => { element.scrollTop = to; }, top);
  }

  async upload(selector, file) {
    const input = await this.tab.waitForSelector(selector, { hidden: true });
    await input.uploadFile(file);
  }

  async place() {
    return this.tab.evaluate(() => location.hash.slice(1));
  }

  // How much wider the page is than its window; more than 0 is a mistake.
  async screenshot(name, window, scheme) {
    await this.tab.setViewport(WINDOWS[window]);
    await this.tab.emulateMediaFeatures([{ name: "prefers-color-scheme", value: scheme }]);
    await this.tab.evaluate(() => new Promise((resolve) => {
      requestAnimationFrame(() => requestAnimationFrame(resolve));
    }));
    await this.tab.screenshot({ path: `${screenshots}/ui-${name}-${window}-${scheme}.png` });
    const over = await this.tab.evaluate(
      () => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    await this.tab.setViewport(WINDOWS.desktop);
    return over;
  }

  // What keeps the page from people who cannot see it, or not well, as far as axe can tell.
  async barriers(scheme) {
    await this.tab.emulateMediaFeatures([{ name: "prefers-color-scheme", value: scheme }]);
    await this.tab.evaluate(AXE);
    return this.tab.evaluate(async (rules) => {
      const { violations } = await globalThis.axe.run(document, { runOnly: rules,
        preload: false });
      return violations.flatMap(({ id, nodes }) => nodes.map(
        (node) => `${id}: ${node.target.join(" ")}: ${node.failureSummary}`));
    }, RULES);
  }

  // The device's time zone from now on.
  async zone(name) {
    await this.tab.emulateTimezone(name);
  }

  // Waits until no request is under way; the stream of changes is none of these.
  async settle() {
    await this.tab.waitForNetworkIdle({ idleTime: 100, concurrency: 1 });
  }

  // What lives in the page when its garbage is gone.
  async footprint() {
    const devtools = await this.tab.createCDPSession();
    await devtools.send("HeapProfiler.collectGarbage");
    await devtools.detach();
    const { JSEventListeners: listeners, Nodes: nodes } = await this.tab.metrics();
    const prototype = await this.tab.evaluateHandle(() => EventSource.prototype);
    const all = await this.tab.queryObjects(prototype);
    const streams = await all.evaluate((sources) => sources.filter(
      (one) => one.readyState !== EventSource.CLOSED).length);
    await all.dispose();
    await prototype.dispose();
    return { listeners, nodes, streams };
  }

  // Notes from now on how long the page answers nothing; longestPause() tells the most, in ms.
  async pauses() {
    await this.tab.evaluate(() => {
      globalThis.longest = 0;
      new PerformanceObserver((list) => {
        for (const { duration } of list.getEntries()) {
          globalThis.longest = Math.max(globalThis.longest, duration);
        }
      }).observe({ type: "longtask", buffered: false });
    });
  }

  async longestPause() {
    return this.tab.evaluate(() => globalThis.longest);
  }

  // Milliseconds of processor time that each process of the browser has taken so far.
  async processorTimes() {
    const devtools = await this.browser.target().createCDPSession();
    const { processInfo } = await devtools.send("SystemInfo.getProcessInfo");
    await devtools.detach();
    return new Map(processInfo.map(({ id, cpuTime }) => [id, 1000 * cpuTime]));
  }

  // Opens an address in a page that is loaded anew, and returns the milliseconds until the first
  // paint of anything, until what the selector finds was painted and the page had nothing left to
  // do, and of processor time that the browser took meanwhile.
  async timed(open, selector) {
    await this.tab.goto("about:blank");
    const { identifier } = await this.tab.evaluateOnNewDocument(watchFor, selector);
    const before = await this.processorTimes();
    await open();
    await this.tab.waitForFunction(() => globalThis.seenAt);
    const after = await this.processorTimes();
    await this.tab.removeScriptToEvaluateOnNewDocument(identifier);
    let cpu = 0;
    for (const [id, spent] of after) cpu += spent - (before.get(id) ?? 0);
    const times = await this.tab.evaluate(() => ({
      seen: globalThis.seenAt - performance.timeOrigin,
      painted: performance.getEntriesByName("first-contentful-paint")[0]?.startTime ?? null }));
    return { ...times, cpu };
  }

  // The times of a place of the UI, {isCached: false} without what earlier pages have left.
  async timings(place, selector, { isCached = true } = {}) {
    await this.tab.setCacheEnabled(isCached);
    return this.timed(() => this.open(place), selector);
  }

  // The same of a page that is nothing but a table of that many cells.
  async plainTableTimings(rows, columns) {
    const script = `document.write("<table>" + ("<tr>" + "<td class=cell>x".repeat(${columns}))`
      + `.repeat(${rows}) + "</table>")`;
    const page = `<!doctype html><script>${script}</script><p id="end">`;
    return this.timed(() => this.tab.goto(`data:text/html,${encodeURIComponent(page)}`), "#end");
  }

  // Looks from now on for what the selector finds; seen() returns when it was painted, in
  // milliseconds since 1970.
  async watch(selector) {
    await this.tab.evaluate(watchFor, selector);
  }

  async seen() {
    await this.tab.waitForFunction(() => globalThis.seenAt);
    return this.tab.evaluate(() => globalThis.seenAt);
  }

  async takeComplaints() {
    return this.complaints.splice(0);
  }
}

const browser = await puppeteer.launch({ executablePath: browserPath, headless: true,
  args: process.getuid() === 0 ? ["--no-sandbox"] : [], protocolTimeout: 2 * DEADLINE_MS,
  timeout: DEADLINE_MS });
const driver = new Driver(browser);
await driver.start();
for await (const line of createInterface({ input: process.stdin })) {
  const [name, ...values] = JSON.parse(line);
  let answer;
  try {
    answer = { value: await driver[name](...values) ?? null };
  } catch (error) {
    const text = await driver.tab.evaluate(() => document.body.innerText).catch(() => "");
    answer = { error: `${name} ${JSON.stringify(values)}: ${error.message}`, page: text,
      complaints: driver.complaints };
  }
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}
await browser.close();
