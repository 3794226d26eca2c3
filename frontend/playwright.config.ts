import { defineConfig } from '@playwright/test';

/** The screens that people see, and how a whole visit goes: looked at in both widths and both themes. */
const seen = ['journey.spec.ts', 'a11y.spec.ts', 'rich.spec.ts', 'screens.spec.ts', 'layout-shift.spec.ts'];

/** What is about words, faults and the server behind them is the same on any screen; some set their own. */
const anyScreen =
  /(?:bulk|forced-colours|faults|long-chat|xss|api-docs|export|install|limits|policy|resilience|tabs|several|titles|models)\.spec/;

/** Every journey goes through the two screens that differ most; `@wide` is about the list beside the page. */
const screens = [
  { name: 'wide-light', width: 1280, height: 800, colorScheme: 'light' },
  { name: 'narrow-dark', width: 390, height: 844, colorScheme: 'dark', testIgnore: anyScreen, grepInvert: /@wide/ },
  { name: 'wide-dark', width: 1280, height: 800, colorScheme: 'dark', testMatch: seen },
  { name: 'narrow-light', width: 390, height: 844, colorScheme: 'light', testMatch: seen },
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
    trace: 'retain-on-failure',
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
