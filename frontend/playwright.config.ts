import { defineConfig } from '@playwright/test';

/** What is looked at, in both widths and both themes. */
const seen = ['journey.spec.ts', 'screens.spec.ts', 'layout-shift.spec.ts'];

/** What is about faults and the server behind the page is the same on any screen. */
const anyScreen =
  /(?:faults|forced-colours|long-chat|xss|api-docs|install|limits|policy|resilience|tabs|several)\.spec/;

/** What brings its own screen. */
const ownScreen = /(?:faults|forced-colours)\.spec/;

/** `E2E_SCREENS=all` takes everything else through all four, which takes twice as long. */
const all = process.env.E2E_SCREENS === 'all';
const some = all ? { testIgnore: ownScreen } : { testMatch: seen };

/** Every journey goes through the two screens that differ most. */
const screens = [
  { name: 'wide-light', width: 1280, height: 800, colorScheme: 'light' },
  {
    name: 'narrow-dark',
    width: 390,
    height: 844,
    colorScheme: 'dark',
    testIgnore: all ? ownScreen : anyScreen,
  },
  { name: 'wide-dark', width: 1280, height: 800, colorScheme: 'dark', ...some },
  { name: 'narrow-light', width: 390, height: 844, colorScheme: 'light', ...some },
] as const;

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
