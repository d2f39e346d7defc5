// Drives a browser for tests/e2e/test_ui_pages.py: reads one command a line from standard input, as
// a JSON list of its name and arguments, and answers each with one line of JSON. Arguments: the
// server, the browser, a folder for screenshots.
//
// Selectors are Puppeteer's: CSS, or aria/NAME for what a reader of the page finds under a name.

import process from "node:process";
import { createInterface } from "node:readline";
import puppeteer from "puppeteer-core";

const [server, browserPath, screenshots] = process.argv.slice(2);
const DEADLINE_MS = 90000;  // other tests may have the processor
const NETWORK_CHANGED = "net::ERR_NETWORK_CHANGED";
const WINDOWS = { desktop: { width: 1280, height: 900 }, phone: { width: 390, height: 800 } };

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

  async see(selector) {
    await this.tab.waitForSelector(selector, { visible: true });
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
