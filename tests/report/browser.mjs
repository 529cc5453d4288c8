// A headless Chromium, driven over two pipes by its own protocol, so that nothing but Node is needed.

import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

export class Browser {
  constructor(program) {
    this.home = mkdtempSync(join(tmpdir(), "hogsend-report-"));
    const options = [
      "--headless=new", "--remote-debugging-pipe", "--disable-gpu", "--hide-scrollbars", "--no-first-run",
      "--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-default-browser-check",
      `--user-data-dir=${this.home}`,
    ];
    // It has no sandbox for root.
    if (process.getuid() === 0) options.push("--no-sandbox");
    this.process = spawn(program, options, { stdio: ["ignore", "ignore", "ignore", "pipe", "pipe"] });
    this.asked = new Map();
    this.heard = [];
    this.next = 1;
    let rest = "";
    this.process.stdio[4].on("data", (data) => {
      const messages = (rest + data).split("\0");
      rest = messages.pop();
      messages.forEach((message) => this.hear(JSON.parse(message)));
    });
    this.gone = new Promise((resolve) => this.process.on("exit", resolve));
    this.gone.then(() => this.asked.forEach(({ reject }) => reject(new Error("the browser is gone"))));
  }

  hear(message) {
    if (message.id === undefined) {
      this.heard.forEach((listener) => listener(message));
      return;
    }
    const { resolve, reject } = this.asked.get(message.id);
    this.asked.delete(message.id);
    if (message.error) reject(new Error(message.error.message));
    else resolve(message.result);
  }

  send(method, params = {}, sessionId = undefined) {
    const id = this.next++;
    this.process.stdio[3].write(JSON.stringify({ id, method, params, sessionId }) + "\0");
    return new Promise((resolve, reject) => this.asked.set(id, { resolve, reject }));
  }

  async open() {
    const { targetId } = await this.send("Target.createTarget", { url: "about:blank" });
    const { sessionId } = await this.send("Target.attachToTarget", { targetId, flatten: true });
    const tab = new Tab(this, sessionId, targetId);
    for (const domain of ["Page", "Runtime", "Log", "Network"]) await tab.send(`${domain}.enable`);
    return tab;
  }

  async close() {
    await Promise.race([this.send("Browser.close").catch(() => {}), this.gone]);
    await this.gone;
    rmSync(this.home, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** A page and what was seen of it. */
class Tab {
  constructor(browser, session, target) {
    Object.assign(this, { browser, session, target, errors: [], requests: [], loaded: () => {} });
    browser.heard.push((message) => message.sessionId === session && this.hear(message.method, message.params));
  }

  hear(method, params) {
    if (method === "Page.loadEventFired") this.loaded();
    if (method === "Network.requestWillBeSent") this.requests.push(params.request.url);
    if (method === "Runtime.exceptionThrown") this.errors.push(params.exceptionDetails.text);
    if (method === "Runtime.consoleAPICalled") this.errors.push(params.args.map((arg) => arg.value).join(" "));
    if (method === "Log.entryAdded") this.errors.push(params.entry.text);
    if (method === "Page.javascriptDialogOpening") {
      this.errors.push(`dialog: ${params.message}`);
      this.send("Page.handleJavaScriptDialog", { accept: true });
    }
  }

  send(method, params) {
    return this.browser.send(method, params, this.session);
  }

  async look({ width, height, scheme, media = "screen" }) {
    const features = [{ name: "prefers-color-scheme", value: scheme }];
    await this.send("Emulation.setEmulatedMedia", { media, features });
    await this.send("Emulation.setDeviceMetricsOverride", { width, height, deviceScaleFactor: 1, mobile: width < 600 });
  }

  async go(url) {
    this.errors.length = 0;
    this.requests.length = 0;
    const loaded = new Promise((resolve) => { this.loaded = resolve; });
    await this.send("Page.navigate", { url });
    await loaded;
    // What the page asks for late is asked for by now.
    await new Promise((resolve) => setTimeout(resolve, 150));
  }

  async value(expression) {
    const { result, exceptionDetails } = await this.send("Runtime.evaluate", {
      expression, awaitPromise: true, returnByValue: true,
    });
    if (exceptionDetails) throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text);
    return result.value;
  }

  async picture() {
    const { data } = await this.send("Page.captureScreenshot", { format: "png", captureBeyondViewport: true });
    return Buffer.from(data, "base64");
  }

  async print() {
    const { data } = await this.send("Page.printToPDF", { printBackground: true, preferCSSPageSize: true });
    return Buffer.from(data, "base64");
  }

  close() {
    return this.browser.send("Target.closeTarget", { targetId: this.target });
  }
}
