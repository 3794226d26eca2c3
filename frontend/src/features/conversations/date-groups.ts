import type { Session } from '../../shared/api/types';

export type GroupName = 'today' | 'yesterday' | 'week' | 'older';

export interface Group {
  name: GroupName;
  sessions: Session[];
}

const order: readonly GroupName[] = ['today', 'yesterday', 'week', 'older'];

/** Whole days by the reader's own calendar between a moment and now; never negative. */
function daysAgo(moment: Date, now: Date): number {
  const day = (date: Date) => Date.UTC(date.getFullYear(), date.getMonth(), date.getDate());
  return Math.max(0, Math.round((day(now) - day(moment)) / 86_400_000));
}

export function groupOf(timestamp: string, now: Date): GroupName {
  const moment = new Date(timestamp);
  if (Number.isNaN(moment.getTime())) return 'older';
  const days = daysAgo(moment, now);
  if (days === 0) return 'today';
  if (days === 1) return 'yesterday';
  return days <= 7 ? 'week' : 'older';
}

/** The groups that are not empty, newest first; the order within a group stays. */
export function groupByDate(sessions: readonly Session[], now: Date): Group[] {
  const groups = new Map<GroupName, Session[]>(order.map((name) => [name, []]));
  for (const session of sessions) groups.get(groupOf(session.timestamp ?? '', now))?.push(session);
  return order.map((name) => ({ name, sessions: groups.get(name) ?? [] })).filter((group) => group.sessions.length > 0);
}
