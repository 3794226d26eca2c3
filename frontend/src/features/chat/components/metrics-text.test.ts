import { describe, expect, it } from 'vitest';

import { metricsText } from './metrics-text';

describe('metricsText', () => {
  it('says what each number is', () => {
    expect(metricsText({ timeToFirstToken: 0.9, totalTime: 6.01 })).toBe('0.9 s to first token · 6.0 s in total');
  });

  it('leaves out what is not known', () => {
    expect(metricsText({ timeToFirstToken: null, totalTime: 2 })).toBe('2.0 s in total');
    expect(metricsText({ timeToFirstToken: 1 })).toBeNull();
    expect(metricsText(null)).toBeNull();
  });
});
