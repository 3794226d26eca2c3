import type { Page } from '@playwright/test';

interface Problem {
  status: number;
  code: string;
  detail: string;
  request_id?: string;
}

export const busyStore: Problem = { status: 503, code: 'storage_unavailable', detail: 'The store is busy.' };

export const tooMany: Problem = {
  status: 429,
  code: 'rate_limited',
  detail: 'Too many messages.',
  request_id: 'req-1',
};

/** From now on these requests are refused, in the form in which the server says no. */
export async function refuse(page: Page, url: string, problem: Problem, methods?: readonly string[]): Promise<void> {
  await page.route(url, (route) =>
    methods?.includes(route.request().method()) === false
      ? route.fallback()
      : route.fulfill({
          status: problem.status,
          contentType: 'application/problem+json',
          body: JSON.stringify(problem),
        }),
  );
}
