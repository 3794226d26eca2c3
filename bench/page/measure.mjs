// Streams a long reply into the real page and says what that costs its main thread, beside plain
// text that is appended at the same pace in the same browser.
import { createRequire } from "node:module";
import { parseArgs } from "node:util";

import { richReply } from "../../frontend/e2e/rich-reply.ts";
import { startScriptedModel } from "../../frontend/e2e/scripted-model.ts";
import { startServer } from "../../frontend/e2e/server.ts";

const { chromium } = createRequire(new URL("../../frontend/", import.meta.url))(
  "@playwright/test",
);

const lettersOfToken = 3.5;
const every = 20; // milliseconds between the pieces of the model's
const floorSeconds = 10;
const end = "This was the end of the stream.";

const { values: options } = parseArgs({
  options: {
    short: { type: "boolean", default: false },
    tokens: { type: "string" },
    pace: { type: "string" },
  },
});
const tokens = Number(options.tokens ?? (options.short ? 300 : 20_000));
const rates =
  options.pace === undefined
    ? options.short
      ? [500]
      : [100, 500]
    : [Number(options.pace)];

if (!(tokens > 0) || !rates.every((rate) => rate > 0))
  throw new Error("--tokens and --pace are numbers above 0");

/** Of about so many tokens, with all that Markdown can hold, and an end to look for. */
function textOf(count) {
  const letters = Math.round(count * lettersOfToken);
  const whole = richReply
    .repeat(Math.ceil(letters / richReply.length))
    .slice(0, letters);
  return `${whole.slice(0, whole.lastIndexOf("\n\n"))}\n\n${end}\n`;
}

function sizeOf(rate) {
  return Math.max(1, Math.round((rate * lettersOfToken * every) / 1000));
}

/** Counts in the page what only the page sees. */
function watchFrames() {
  const seen = { long: [], dropped: 0, frames: 0 };
  window.seen = seen;
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) seen.long.push(entry.duration);
  }).observe({ entryTypes: ["longtask"] });
  let before = performance.now();
  const look = (now) => {
    seen.frames += 1;
    seen.dropped += Math.max(0, Math.round((now - before) / (1000 / 60)) - 1);
    before = now;
    requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
}

async function metricsOf(session) {
  const { metrics } = await session.send("Performance.getMetrics");
  return Object.fromEntries(metrics.map(({ name, value }) => [name, value]));
}

/** What happens while a piece of work goes on: processor time of the main thread, frames, memory. */
async function measured(page, work) {
  const session = await page.context().newCDPSession(page);
  await session.send("Performance.enable", { timeDomain: "threadTicks" });
  await page.evaluate(watchFrames);
  const before = await metricsOf(session);
  let peak = 0;
  const sampling = setInterval(() => {
    metricsOf(session)
      .then(({ JSHeapUsedSize }) => (peak = Math.max(peak, JSHeapUsedSize)))
      .catch(() => {});
  }, 250);
  const begun = performance.now();
  await work();
  const seconds = (performance.now() - begun) / 1000;
  clearInterval(sampling);
  const after = await metricsOf(session);
  const seen = await page.evaluate(() => window.seen);
  const perSecond = (name) => (1000 * (after[name] - before[name])) / seconds;
  return {
    script_ms_s: perSecond("ScriptDuration"),
    layout_ms_s: perSecond("LayoutDuration") + perSecond("RecalcStyleDuration"),
    busy_ms_s: perSecond("TaskDuration"),
    long_tasks: seen.long.filter((duration) => duration > 50).length,
    longest_task_ms: Math.max(0, ...seen.long),
    dropped_percent:
      (100 * seen.dropped) / Math.max(1, seen.dropped + seen.frames),
    heap_peak_mb: Math.max(peak, after.JSHeapUsedSize) / 1e6,
    heap_end_mb: after.JSHeapUsedSize / 1e6,
    seconds,
  };
}

/** The least that showing growing text can cost. */
async function measureFloor(browser, rate) {
  const page = await browser.newPage();
  await page.setContent(
    '<div id="box" style="height:700px;overflow:auto"><p id="text" style="white-space:pre-wrap"></p></div>',
  );
  const seconds = options.short ? 1 : floorSeconds;
  const pieces = textOf(rate * seconds).match(
    new RegExp(`[^]{1,${sizeOf(rate)}}`, "g"),
  );
  const found = await measured(page, () =>
    page.evaluate(
      ([list, pause]) =>
        new Promise((done) => {
          const text = document
            .getElementById("text")
            .appendChild(document.createTextNode(""));
          const box = document.getElementById("box");
          const timer = setInterval(() => {
            const piece = list.shift();
            if (piece === undefined) {
              clearInterval(timer);
              done();
              return;
            }
            text.appendData(piece);
            box.scrollTop = box.scrollHeight;
          }, pause);
        }),
      [pieces, every],
    ),
  );
  await page.close();
  return found;
}

async function measureReply(browser, rate) {
  const scripted = await startScriptedModel();
  const server = await startServer("", scripted.env);
  const page = await browser.newPage({
    viewport: { width: 1280, height: 800 },
  });
  try {
    const text = textOf(tokens);
    scripted.say(text, { size: sizeOf(rate), every });
    await page.goto(server.link);
    await page.getByRole("textbox", { name: "Message" }).fill("Say it");
    const found = await measured(page, async () => {
      await page.getByRole("button", { name: "Send message" }).click();
      // Asked now and then: to look at each frame would cost more than some of what is measured.
      await page.waitForFunction(
        (done) => document.querySelector(done) !== null,
        'article[data-role="assistant"][data-status="complete"]',
        { polling: 250, timeout: (4000 * tokens) / rate + 60_000 },
      );
    });
    const shown = await page
      .locator('article[data-role="assistant"]')
      .innerText();
    const id = new URL(page.url()).pathname.split("/").at(-1);
    const answer = await page.request.get(
      `${new URL(page.url()).origin}/chat-api/chats/${id}`,
    );
    const { messages } = await answer.json();
    if (messages?.at(-1)?.content !== text)
      throw new Error("the reply that was stored is not what was streamed");
    if (!shown.includes(end))
      throw new Error("the page does not show the end of the reply");
    return found;
  } finally {
    await page.close();
    await server.stop();
    await scripted.stop();
  }
}

function rounded(found) {
  return Object.fromEntries(
    Object.entries(found).map(([name, value]) => [
      name,
      Math.round(value * 10) / 10,
    ]),
  );
}

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: ["--headless", "--no-sandbox", "--disable-gpu"],
});
const result = { longest_task_ms: 0 };
try {
  for (const rate of rates) {
    const floor = await measureFloor(browser, rate);
    const reply = await measureReply(browser, rate);
    console.log(`plain text at ${rate} tokens/s`, rounded(floor));
    console.log(`${tokens} tokens at ${rate} tokens/s`, rounded(reply));
    result[`at_${rate}`] = {
      floor: rounded(floor),
      reply: rounded(reply),
      busy_ratio: reply.busy_ms_s / floor.busy_ms_s,
    };
    result.longest_task_ms = Math.max(
      result.longest_task_ms,
      reply.longest_task_ms,
    );
  }
} finally {
  await browser.close();
}
console.log(JSON.stringify(result));
