import type { Part } from '../../../shared/api/types';
import { placed } from '../parts/part-list';
import type { Turn } from '../stream/turn';

/** What a reply waits for: a place in the queue, or another try. */
export interface Wait {
  position?: number;
  ahead_s?: number;
  paused?: boolean;
  retry_s?: number;
  try?: number;
  tries?: number;
  code?: string;
}

/** What a reply is at while there is nothing new to read. */
export interface Stage {
  /** Where the question or its answer is. */
  at: 'server' | 'queue' | 'model' | 'thought' | 'tool';
  /** Another one is another stage. */
  key: string;
  wait?: Wait;
  tool?: string;
}

/** What was done last, if no text has followed it. */
function lastStep(steps: readonly Part[], said: number): Part | undefined {
  const step = steps.findLast((part) => part.kind !== 'notice');
  return step !== undefined && step.at >= said ? step : undefined;
}

/**
 * Null: what is to be read, or to be answered, speaks for itself. `said` is how long the text is; as long as it is 0
 * nothing has been thought aloud either.
 */
export function stageOf(turn: Turn, parts: readonly Part[], said: number): Stage | null {
  const wait = parts.findLast((part) => part.kind === 'queue' && part.position !== 0);
  if (wait !== undefined) return { at: 'queue', key: 'queue', wait: wait as Wait };
  const steps = placed(parts);
  const begun = turn.phase === 'streaming' || turn.kind !== 'continue';
  const step = begun ? lastStep(steps, said) : undefined;
  if (step?.kind === 'tool') {
    const running = step.status === 'running' && typeof step.name === 'string';
    return running
      ? { at: 'tool', key: step.id, tool: step.name as string }
      : { at: 'thought', key: `behind ${step.id}` };
  }
  if (step !== undefined && !(step.kind === 'genie' && step.state === 'FAILED')) return null;
  if (begun && said > 0) return null;
  if (!turn.accepted) return { at: 'server', key: 'server' };
  const thinks = parts.some((part) => part.kind === 'progress' && part.state === 'answering');
  return thinks ? { at: 'thought', key: 'thought' } : { at: 'model', key: 'model' };
}
