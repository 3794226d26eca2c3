import type { Metrics } from '../../../shared/api/types';
import { text } from '../../../shared/i18n/messages';
import { formatSeconds } from '../../../shared/lib/format';

export function metricsText(metrics: Metrics | null | undefined): string | null {
  const total = metrics?.totalTime;
  const first = metrics?.timeToFirstToken;
  if (total === null || total === undefined) return null;
  if (first === null || first === undefined) return text.message.metricsTotal(formatSeconds(total));
  return text.message.metrics(formatSeconds(first), formatSeconds(total));
}
