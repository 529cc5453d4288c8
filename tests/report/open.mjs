// Opens the pages that hogsend_report() made, as a person would: in a browser, in both themes, on a
// desk, on a telephone and on paper. SHOTS=directory keeps what was seen.
//
//   node open.mjs BROWSER AXE DIRECTORY

import assert from "node:assert/strict";
import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { Browser } from "./browser.mjs";

const [program, axe, directory] = process.argv.slice(2);
const rules = readFileSync(axe, "utf8");
const shots = process.env.SHOTS;
let passed = 0, failed = 0;

async function test(name, body) {
  try {
    await body();
    passed++;
    console.log(`ok      ${name}`);
  } catch (error) {
    failed++;
    console.log(`FAILED  ${name}\n${error.message}`);
  }
}

const SIGHTS = [
  { name: "desk, light", width: 1280, height: 900, scheme: "light" },
  { name: "desk, dark", width: 1280, height: 900, scheme: "dark" },
  { name: "telephone, light", width: 390, height: 844, scheme: "light" },
  { name: "telephone, dark", width: 390, height: 844, scheme: "dark" },
  { name: "paper", width: 794, height: 1123, scheme: "light", media: "print" },
];

/** What is wrong with the page by the rules of accessibility, contrast among them, as lines. */
async function broken(tab) {
  await tab.value(`${rules}; 0`);
  const found = await tab.value(`axe.run(document, {
    runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"], resultTypes: ["violations"],
  }).then((result) => ({
    broken: result.violations.map((rule) => rule.id + ": " + rule.nodes.slice(0, 3).map((node) => node.html.slice(0, 160) + " " + node.failureSummary).join("; ")),
    judged: result.passes.map((rule) => rule.id),
  }))`);
  return found;
}

async function look(browser, file) {
  const url = pathToFileURL(join(directory, file)).href;
  for (const sight of SIGHTS) {
    await test(`${file}: ${sight.name}`, async () => {
      const tab = await browser.open();
      await tab.look(sight);
      await tab.go(url);
      if (shots) writeFileSync(join(shots, `${file} ${sight.name}.png`), await tab.picture());
      assert.deepEqual(tab.errors, [], "the console has errors");
      assert.deepEqual(tab.requests.filter((asked) => asked !== url && !asked.startsWith("data:")), [], "requests leave");
      assert.ok(await tab.value("document.documentElement.scrollWidth <= innerWidth"), "the page is wider than the screen");
      // What is folded is judged as well.
      await tab.value("document.querySelectorAll('details').forEach((part) => { part.open = true; })");
      const { broken: rulesBroken, judged } = await broken(tab);
      assert.deepEqual(rulesBroken, [], "rules of accessibility are broken");
      for (const rule of ["color-contrast", "landmark-one-main", "svg-img-alt", "region"]) {
        assert.ok(judged.includes(rule), `${rule} was judged`);
      }
      assert.ok(await tab.value("matchMedia('print').matches || CSS.supports('color', 'color-mix(in srgb, red, blue)')"));
      await tab.close();
    });
  }
}

const browser = new Browser(program);
try {
  const files = readdirSync(directory).filter((file) => file.endsWith(".html")).sort();
  for (const file of files) await look(browser, file);

  await test("names are text", async () => {
    const tab = await browser.open();
    await tab.go(pathToFileURL(join(directory, "hostile.html")).href);
    assert.equal(await tab.value("document.querySelectorAll('img, iframe, object, embed, body > script ~ script').length"), 0);
    assert.equal(await tab.value("document.scripts.length"), 0);
    assert.match(await tab.value("document.querySelector('h1').textContent"), /^"><img src=x onerror=alert\(1\)> \[U\+202E\]gnp שלום 🦔 O'Neil/u);
    assert.match(await tab.value("document.querySelector('.tree').textContent"), /<script>alert\(1\)<\/script>.*<\/td>/s);
    assert.deepEqual(tab.errors, []);
    await tab.close();
  });

  await test("steps of journeys are told, as text", async () => {
    const tab = await browser.open();
    await tab.go(pathToFileURL(join(directory, "all.html")).href);
    const rows = await tab.value("Array.from(document.querySelectorAll('#journeys tbody th'), (cell) => cell.innerText.trim())");
    for (const step of ["Win back winback", "first mail", "second mail", "<b>odd</b> odd", "</td><script>alert(2)</script>"]) {
      assert.ok(rows.includes(step), `${step} is not among ${rows}`);
    }
    assert.match(rows.join("\n"), /unused disabled nobody has begun it/);
    await tab.close();
  });

  await test("the search finds buckets that have no row with charts", async () => {
    const tab = await browser.open();
    await tab.look(SIGHTS[0]);
    await tab.go(pathToFileURL(join(directory, "all.html")).href);
    const rows = "Array.from(document.querySelectorAll('tr[data-b]')).filter((row) => row.checkVisibility()).map((row) => row.querySelector('th').innerText.trim())";
    const type = (text) => tab.value(`(() => { const box = document.getElementById("find"); box.focus(); box.value = ${JSON.stringify(text)}; box.dispatchEvent(new Event("input")); })()`);
    assert.equal((await tab.value(rows)).length, 20);
    await type("plan-320");
    assert.deepEqual(await tab.value(rows), ["plan-320"]);
    assert.equal(await tab.value("document.getElementById('found').textContent"), "1 of 328");
    await type("WEEK active");
    assert.deepEqual(await tab.value(`${rows}.map((text) => text.split("\\n")[0])`), ["Active this week"]);
    await type("nobody called it this");
    assert.equal(await tab.value("document.getElementById('found').textContent"), "0 of 328");
    await type("");
    assert.equal((await tab.value(rows)).length, 20);
    await tab.close();
  });

  await test("without scripts all of it is there", async () => {
    const tab = await browser.open();
    await tab.send("Emulation.setScriptExecutionDisabled", { value: true });
    await tab.go(pathToFileURL(join(directory, "all.html")).href);
    assert.equal(await tab.value("document.querySelectorAll('tr[data-b]').length"), 328);
    assert.equal(await tab.value("document.getElementById('find').checkVisibility()"), false);
    await tab.close();
  });

  await test("it is printed", async () => {
    const tab = await browser.open();
    await tab.go(pathToFileURL(join(directory, "buyers.html")).href);
    const paper = await tab.print();
    if (shots) writeFileSync(join(shots, "buyers.pdf"), paper);
    assert.ok(paper.subarray(0, 5).toString() === "%PDF-" && paper.length > 20000, `${paper.length} bytes`);
    await tab.close();
  });

  // What this test is to see, it sees.
  await test("what was planted is seen", async () => {
    const page = readFileSync(join(directory, "buyers.html"), "utf8");
    const planted = join(directory, "planted");
    const plant = async (name, change) => {
      const file = `${planted}-${name}`;
      writeFileSync(file, change(page));
      const tab = await browser.open();
      await tab.go(pathToFileURL(file).href);
      return tab;
    };
    const image = (text) => text.replace("</main>", "<img alt='' src='http://127.0.0.1:9/x.png'><script>document.title = 'ran'</script></main>");
    let tab = await plant("policy.htm", image);
    assert.ok(tab.errors.some((error) => /img-src/.test(error)) && tab.errors.some((error) => /script-src/.test(error)), "the policy forbids it, aloud");
    assert.notEqual(await tab.value("document.title"), "ran");
    tab = await plant("image.htm", (text) => image(text.replace(/<meta http-equiv[^>]*>/, "")));
    assert.ok(tab.requests.includes("http://127.0.0.1:9/x.png"), "the request is seen");
    assert.equal(await tab.value("document.title"), "ran");
    tab = await plant("pale.htm", (text) => text.replace(/<meta http-equiv[^>]*>/, "").replaceAll("--soft: #5d5953", "--soft: #a9a49c").replace("<main id", "<div id"));
    const { broken: found } = await broken(tab);
    assert.ok(found.some((rule) => rule.startsWith("color-contrast")), "pale text is seen");
    assert.ok(found.some((rule) => rule.startsWith("landmark-one-main")), "a missing landmark is seen");
  });
} finally {
  await browser.close();
}
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
