// Opens a report page in an installed browser and prints, as one JSON object, what is there: for
// tests/e2e/test_lab_report.py. Arguments: the page, the browser, a folder for screenshots.

import process from "node:process";
import { pathToFileURL } from "node:url";
import puppeteer from "puppeteer-core";

const [page, browserPath, screenshots] = process.argv.slice(2);
const DEADLINE_MS = 240000;  // other tests may have the processor
const CHARTS = ["#makespan .chart", "#duration .chart", "#wait .chart", "#trend-makespan",
  "#trend-duration", "#trend-wait", "#gantt-0", "#gantt-1", "#scatter .chart"];

// Runs in the page. Of each chart: its traces by kind, with their number of points and their texts.
function readCharts(selectors) {
  return Object.fromEntries(selectors.map((selector) => {
    const chart = document.querySelector(selector);
    const traces = (chart?.data ?? []).map((trace) => ({
      type: trace.type,
      kind: trace.meta?.kind ?? null,
      name: trace.name ?? null,
      points: (trace.y ?? trace.median ?? []).filter((y) => y !== null).length,
      medians: trace.median ? [...trace.median] : null,
      texts: trace.text ? [...trace.text].slice(0, 400) : [],
    }));
    const box = chart?.querySelector(".main-svg")?.getBoundingClientRect();
    return [selector, {
      traces,
      axes: [chart?.layout?.xaxis?.title?.text ?? "", chart?.layout?.yaxis?.title?.text ?? ""],
      size: box ? [Math.round(box.width), Math.round(box.height)] : [0, 0],
    }];
  }));
}

function readTables() {
  const rows = (id) => [...document.querySelectorAll(`#${id} tbody tr`)].map(
    (row) => [...row.cells].map((cell) => cell.textContent.trim()));
  return { summary: rows("summary-table"), overhead: rows("overhead-table"),
    runs: rows("runs-table") };
}

class Probe {
  constructor(browser) {
    this.browser = browser;
    this.complaints = [];
    this.requests = [];
  }

  async open() {
    this.tab = await this.browser.newPage();
    this.tab.setDefaultTimeout(DEADLINE_MS);
    this.tab.on("console", (message) => {
      if (["error", "warn"].includes(message.type())) this.complaints.push(message.text());
    });
    this.tab.on("pageerror", (error) => this.complaints.push(error.message));
    this.tab.on("request", (request) => {
      const url = request.url();
      if (!/^(data|blob):/.test(url) && request.resourceType() !== "document") {
        this.requests.push(url.slice(0, 200));
      }
    });
    await this.show(1280, "light");
    await this.tab.goto(pathToFileURL(page).href);
    await this.drawn();
  }

  drawn() {
    return this.tab.waitForSelector('html[data-drawn="yes"]');
  }

  async show(width, scheme) {
    await this.tab.setViewport({ width, height: 1000 });
    await this.tab.emulateMediaFeatures([{ name: "prefers-color-scheme", value: scheme }]);
  }

  async read() {
    await this.drawn();
    return {
      charts: await this.tab.evaluate(readCharts, CHARTS),
      tables: await this.tab.evaluate(readTables),
      title: await this.tab.$eval("#group-title", (element) => element.textContent),
      notes: await this.tab.$$eval("#notes li, .note", (all) => all.map((one) => one.textContent)),
    };
  }

  // The text of the hover label over a point of the first trace of this kind.
  async hover(selector, kind) {
    await this.tab.$eval(selector, (chart) => chart.scrollIntoView({ block: "center" }));
    await this.tab.evaluate((chartSelector, wanted) => {
      const chart = document.querySelector(chartSelector);
      const curveNumber = chart.data.findIndex((trace) => trace.meta?.kind === wanted);
      Plotly.Fx.hover(chart, [{ curveNumber, pointNumber: 0 }]);
    }, selector, kind);
    const label = await this.tab.waitForSelector(`${selector} .hoverlayer .hovertext`);
    const text = await label.evaluate((element) => element.textContent);
    // Without this the next hover could find this label.
    await this.tab.evaluate((chart) => Plotly.Fx.unhover(document.querySelector(chart)), selector);
    await this.tab.waitForSelector(`${selector} .hoverlayer .hovertext`, { hidden: true });
    return text;
  }

  async exclude(what, id) {
    await this.tab.$eval("#exclude", (element) => { element.open = true; });
    await this.tab.type(`#exclude-${what}`, id);
    await this.tab.keyboard.press("Enter");
    await this.tab.waitForFunction((wanted) => [...document.querySelectorAll(".chip")].some(
      (chip) => chip.textContent.includes(wanted)), {}, id);
  }

  async screenshot(width, scheme) {
    await this.show(width, scheme);
    await this.tab.waitForFunction((name) => document.documentElement.dataset.theme === name, {},
      scheme);
    await this.drawn();
    await this.tab.waitForFunction(() => [...document.querySelectorAll(".js-plotly-plot")].every(
      (chart) => chart.querySelector(".main-svg").getBoundingClientRect().width
        <= chart.getBoundingClientRect().width + 1));
    const file = `${screenshots}/report-${width}-${scheme}.png`;
    await this.tab.screenshot({ path: file, fullPage: true });
    const overflow = await this.tab.evaluate(
      () => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    return { file, overflow };
  }

  async run() {
    await this.open();
    const seen = { first: await this.read() };
    seen.hover = await this.hover("#makespan .chart", "plain");
    seen.hoverPublished = await this.hover("#makespan .chart", "published");
    seen.screenshots = [await this.screenshot(1280, "light"), await this.screenshot(800, "light"),
      await this.screenshot(1280, "dark")];
    const groups = await this.tab.$$eval("#group option", (all) => all.map((one) => one.value));
    seen.groups = {};
    for (const group of groups) {
      await this.tab.select("#group", group);
      const read = await this.read();
      seen.groups[read.title] = read;
    }
    await this.tab.select("#group", groups[0]);
    await this.drawn();
    const runId = await this.tab.$eval("#gantt-0", (chart) => chart.closest(".gantt-panel")
      .querySelector("select").value);
    await this.exclude("run", runId);
    await this.exclude("task", "first");
    seen.excluded = { run: runId, ...await this.read() };
    return { ...seen, complaints: this.complaints, requests: this.requests };
  }
}

const browser = await puppeteer.launch({ executablePath: browserPath, headless: true,
  args: process.getuid() === 0 ? ["--no-sandbox"] : [], protocolTimeout: DEADLINE_MS,
  timeout: DEADLINE_MS });
try {
  const seen = await new Probe(browser).run();
  process.stdout.write(JSON.stringify(seen));
} finally {
  await browser.close();
}
