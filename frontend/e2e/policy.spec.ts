import { test as plain } from '@playwright/test';

import { expect, test } from './fixtures';
import { startServer } from './server';

const policy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='",
  "style-src-attr 'none'",
  "img-src 'self' data: blob:",
  "font-src 'self'",
  "connect-src 'self'",
  "frame-src 'self'",
  "manifest-src 'self'",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
  "object-src 'none'",
  "require-trusted-types-for 'script'",
  "trusted-types 'none'",
];

test('the page comes with its policy, on every address', async ({ chat, page }) => {
  for (const path of ['/', '/c/some-chat', '/signed-out', '/no/such/page']) {
    const answer = await page.request.get(chat.server.url + path);
    expect(answer.status()).toBe(200);
    expect((answer.headers()['content-security-policy'] ?? '').split('; '), path).toEqual(policy);
    expect(answer.headers()['cache-control'], path).toBe('no-cache');
  }
});

// Without the fixture's watch: here a violation is what is wanted.
plain('the policy holds: a script in the page does not run', async ({ page }) => {
  const server = await startServer();
  await page.goto(server.link);
  const outcome = await page.evaluate(async () => {
    const seen = new Promise<string>((tell) => {
      document.addEventListener('securitypolicyviolation', (event) => {
        tell(event.violatedDirective);
      });
    });
    const script = document.createElement('script');
    try {
      script.text = 'window.broken = true';
      document.body.append(script);
    } catch {
      // Trusted Types stop it even earlier.
    }
    return { directive: await seen, ran: 'broken' in window };
  });
  expect(outcome.ran).toBe(false);
  expect(outcome.directive).toMatch(/^(?:script-src|require-trusted-types-for)/);
  await server.stop();
});
