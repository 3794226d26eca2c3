import { defineConfig } from '@playwright/test';

/** What is about faults and the server behind the page is the same on any screen. */
const anyScreen =
  /(?:faults|forced-colours|long-chat|xss|api-docs|install|limits|policy|resilience|tabs|several)\.spec/;

/** What brings its own screen. */
const ownScreen = /(?:faults|forced-colours)\.spec/;

/** `E2E_SCREENS=all` goes through all four, which takes twice as long. */
const all = process.env.E2E_SCREENS === 'all';

/** The two that differ most, between them both widths and both themes. */
const two = [
  { name: 'wide-light', width: 1280, height: 800, colorScheme: 'light' },
  { name: 'narrow-dark', width: 390, height: 844, colorScheme: 'dark', testIgnore: all ? ownScreen : anyScreen },
] as const;

const theOthers = [
  { name: 'wide-dark', width: 1280, height: 800, colorScheme: 'dark', testIgnore: ownScreen },
  { name: 'narrow-light', width: 390, height: 844, colorScheme: 'light', testIgnore: ownScreen },
] as const;

const screens = all ? [...two, ...theOthers] : two;

export default defineConfig({
  testDir: 'e2e',
  timeout: 90_000,
  expect: { timeout: 15_000 },
  fullyParallel: true,
  workers: 3,
  forbidOnly: true,
  reporter: [['list']],
  use: {
    browserName: 'chromium',
    locale: 'en-GB',
    // A trace of every step costs a third of the time; a suite that failed is run again with it.
    trace: 'off',
    launchOptions: {
      executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
      args: [
        '--headless',
        '--no-sandbox',
        '--disable-gpu',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
        '--no-first-run',
      ],
    },
  },
  projects: screens.map(({ width, height, colorScheme, ...project }) => ({
    ...project,
    use: { viewport: { width, height }, colorScheme },
  })),
});
