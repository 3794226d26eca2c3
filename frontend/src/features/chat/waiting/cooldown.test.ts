import { beforeEach, expect, test } from 'vitest';

import { ApiError } from '../../../shared/api/errors';
import { clock, waitingTexts } from '../../../shared/i18n/waiting-texts';
import { coolDown, endCooldown, lasting } from './cooldown';

function refusal(code: string, retryAfter: number | null): ApiError {
  return new ApiError(code, 'Not now.', 503, null, retryAfter);
}

beforeEach(endCooldown);

test('counts down after what passes by itself, and only then', () => {
  expect(coolDown(refusal('endpoint_resting', 12), 'x')).toBe(true);
  expect(coolDown(refusal('quota_exhausted', 3600), 'x')).toBe(true);
  expect(coolDown(refusal('rate_limited', null), 'x')).toBe(false);
  expect(coolDown(refusal('storage_full', 12), 'x')).toBe(false);
});

test('leaves the seconds to the clock', () => {
  expect(
    lasting(
      'Not sent. The model m has failed 5 times in a row, so it is left alone for a while; the server asks it again in 12 s.',
    ),
  ).toBe('Not sent. The model m has failed 5 times in a row, so it is left alone for a while.');
  expect(lasting('Wait a moment, then send again.')).toBe('Wait a moment, then send again.');
});

test('says places and times as people do', () => {
  expect([1, 2, 3, 4, 11, 12, 13, 21, 102, 111].map((n) => waitingTexts.place(n))).toEqual([
    'Next in line',
    '2nd in line',
    '3rd in line',
    '4th in line',
    '11th in line',
    '12th in line',
    '13th in line',
    '21st in line',
    '102nd in line',
    '111th in line',
  ]);
  expect([9, 65, 600, 11_520].map(clock)).toEqual(['0:09', '1:05', '10:00', '3:12:00']);
  expect(waitingTexts.placeAbout('2nd in line', 20)).toBe('2nd in line, about 20 s');
  expect(waitingTexts.againSpoken(11_520)).toBe('You can send again in 3 h 12 min.');
});
