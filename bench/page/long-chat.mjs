// bench/page/long-chat [--short]: a chat of 10,000 messages beside one of 50, in the same browser and run: opening it from the list,
// and scrolling up through it. Ratios and processor time tell of the page, milliseconds also of the machine.
import { createRequire } from 'node:module';

import { longChat } from '../../frontend/e2e/long-chats.ts';
import { startServer } from '../../frontend/e2e/server.ts';

const { chromium } = createRequire(new URL('../../frontend/package.json', import.meta.url))('@playwright/test');

const frame = 1000 / 60;
const speed = 4000; // pixels a second
const chats = { long: 10_000, short: 50 };

function median(numbers) {
  return numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)];
}

/** In the page: notes what takes long, and when the last message of a chat is there. */
function watch() {
  window.longTasks = [];
  new PerformanceObserver((list) => {
    window.longTasks.push(...list.getEntries().map((entry) => entry.duration));
  }).observe({ type: 'longtask' });
  window.opened = (id) =>
    new Promise((done) => {
      const begin = performance.now();
      document.querySelector(`a[href="/c/${id.split('-')[0]}"]`).click();
      const look = () => {
        if (document.querySelector(`article[data-message="${id}"]`) === null) requestAnimationFrame(look);
        // Behind the frame that paints it.
        else requestAnimationFrame(() => setTimeout(() => done(performance.now() - begin)));
      };
      look();
    });
  window.frames = (milliseconds) =>
    new Promise((done) => {
      const gaps = [];
      const end = performance.now() + milliseconds;
      let before;
      const next = (now) => {
        if (before !== undefined) gaps.push(now - before);
        before = now;
        if (now < end) requestAnimationFrame(next);
        else done(gaps);
      };
      requestAnimationFrame(next);
    });
}

async function counters(page, session) {
  await session.send('HeapProfiler.collectGarbage');
  const { metrics } = await session.send('Performance.getMetrics');
  const heap = metrics.find(({ name }) => name === 'JSHeapUsedSize').value / 1e6;
  return { nodes: await page.evaluate(() => document.querySelectorAll('*').length), heap };
}

/** Processor time of the main thread so far. */
async function busy(session) {
  const { metrics } = await session.send('Performance.getMetrics');
  return metrics.find(({ name }) => name === 'TaskDuration').value * 1000;
}

async function opening(page, session, rounds) {
  const times = { long: [], short: [] };
  const cpu = { long: [], short: [] };
  const bytes = { long: 0, short: 0 };
  page.on('response', async (response) => {
    const name = /\/chats\/(long|short)\?/.exec(response.url())?.[1];
    if (name !== undefined) bytes[name] = (await response.body().catch(() => '')).length;
  });
  for (let round = 0; round < rounds; round += 1) {
    // A page that was loaded anew has nothing in memory.
    for (const name of Object.keys(chats)) {
      await page.goto(new URL('/', page.url()).href);
      await page.locator(`a[href="/c/${name}"]`).waitFor();
      await page.waitForTimeout(1500);
      const before = await busy(session);
      times[name].push(await page.evaluate((id) => window.opened(id), `${name}-${chats[name] - 1}`));
      cpu[name].push((await busy(session)) - before);
    }
  }
  return { times, cpu, bytes };
}

async function scrolling(page, seconds) {
  await page.getByTestId('chat-content').hover();
  await page.evaluate(() => {
    window.longTasks.length = 0;
  });
  const gaps = page.evaluate((length) => window.frames(length), seconds * 1000);
  const end = performance.now() + seconds * 1000;
  for (let before = performance.now(); before < end; ) {
    await page.waitForTimeout(frame);
    const now = performance.now();
    await page.mouse.wheel(0, (-speed * (now - before)) / 1000);
    before = now;
  }
  const dropped = (await gaps).reduce((sum, gap) => sum + Math.max(0, Math.round(gap / frame) - 1), 0);
  const tasks = await page.evaluate(() => window.longTasks);
  const first = await page.locator('article[data-message]').first().getAttribute('data-message');
  return {
    dropped: dropped / ((seconds * 1000) / frame),
    longTasks: tasks.length,
    longest: Math.max(0, ...tasks),
    read: chats.long - Number(first.split('-')[1]),
  };
}

async function measure(short) {
  const history = Object.entries(chats).map(([name, count]) => longChat(name, count));
  const server = await startServer('', {}, history);
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: ['--headless', '--no-sandbox', '--disable-gpu'],
  });
  try {
    const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
    const session = await page.context().newCDPSession(page);
    await session.send('Performance.enable', { timeDomain: 'threadTicks' });
    await page.addInitScript(watch);
    await page.goto(server.link);
    const { times, cpu, bytes } = await opening(page, session, short ? 2 : 9);
    await page.goto(`${server.url}/c/long`);
    await page.locator('article[data-message="long-9999"]').waitFor();
    await page.waitForTimeout(1500);
    const opened = await counters(page, session);
    const scrolled = await scrolling(page, short ? 3 : 15);
    await page.waitForTimeout(1000);
    const after = await counters(page, session);
    const found = {
      long_chat_open_ms: median(times.long),
      short_chat_open_ms: median(times.short),
      long_chat_open_ratio: median(times.long) / median(times.short),
      long_chat_open_cpu_ms: median(cpu.long),
      short_chat_open_cpu_ms: median(cpu.short),
      long_chat_bytes: bytes.long,
      long_chat_nodes: opened.nodes,
      long_chat_heap_mb: opened.heap,
      long_chat_scrolled_messages: scrolled.read,
      long_chat_dropped_frames: scrolled.dropped,
      long_chat_long_tasks: scrolled.longTasks,
      long_chat_longest_task_ms: scrolled.longest,
      long_chat_scrolled_nodes: after.nodes,
      long_chat_scrolled_heap_mb: after.heap,
    };
    for (const [name, value] of Object.entries(found)) console.log(`${name.padEnd(32)}${value.toFixed(2)}`);
    console.log(JSON.stringify(found));
  } finally {
    await browser.close();
    await server.stop();
  }
}

await measure(process.argv.includes('--short'));
