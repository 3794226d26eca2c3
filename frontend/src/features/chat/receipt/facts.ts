import type { Message } from '../../../shared/api/types';
import { receiptTexts as words } from '../../../shared/i18n/receipt-texts';
import { formatCount, formatDuration, formatInstant, formatShort, formatSpeed } from '../../../shared/lib/format';

export interface Fact {
  name: string;
  value: string;
  /** Is contained in the one before. */
  part?: boolean;
}

function known(value: number | null | undefined): value is number {
  return typeof value === 'number' && Number.isFinite(value);
}

class Facts {
  readonly list: Fact[] = [];

  text(name: string, value: string | null | undefined): void {
    if (typeof value === 'string' && value !== '') this.list.push({ name, value });
  }

  count(name: string, value: number | null | undefined, part = false): void {
    if (known(value)) this.list.push({ name, value: formatCount(value), part });
  }

  time(name: string, value: number | null | undefined): void {
    if (known(value)) this.list.push({ name, value: formatDuration(value) });
  }
}

function ending({ status, finish_reason: reason }: Message): string {
  const { endings } = words;
  if (status !== undefined && status !== 'complete') return endings[status] ?? '';
  return endings[reason ?? 'complete'] ?? endings.complete ?? '';
}

function whoAnswered({ metrics }: Message): string | null {
  if (metrics?.route === undefined) return null;
  const who = metrics.route === 'genie' ? words.genie : words.endpoint;
  const why = words.reasons[metrics.routeReason ?? ''];
  return why === undefined ? who : words.because(who, why);
}

export function generalFacts(message: Message): Fact[] {
  const facts = new Facts();
  facts.text(words.model, message.model);
  if ((message.variants ?? 1) > 1)
    facts.text(words.version, words.versionOf(message.variant ?? 1, message.variants ?? 1));
  facts.text(words.when, formatInstant(message.timestamp));
  facts.text(words.ended, ending(message));
  facts.text(words.who, whoAnswered(message));
  return facts.list;
}

/** A reply that went on has no times of its own: what is told of it are sums. */
export function isSum({ metrics }: Message): boolean {
  return known(metrics?.totalTime) && !known(metrics.timeToRequest) && typeof metrics.requestId === 'string';
}

export function timeFacts(message: Message): Fact[] {
  const facts = new Facts();
  facts.time(words.first, message.metrics?.timeToFirstToken);
  facts.time(words.thinking, message.metrics?.reasoningTime);
  facts.time(words.total, message.metrics?.totalTime);
  return facts.list;
}

/** Less than this is too short to measure a speed by. */
const measurable = 0.2;

function speedOf(message: Message): number | null {
  const { completionTokens, totalTime, timeToFirstToken } = message.metrics ?? {};
  if (!known(completionTokens) || !known(totalTime) || !known(timeToFirstToken) || isSum(message)) return null;
  const writing = totalTime - timeToFirstToken;
  return writing < measurable || completionTokens < 2 ? null : completionTokens / writing;
}

export function tokenFacts(message: Message): Fact[] {
  const { metrics } = message;
  const facts = new Facts();
  facts.count(words.prompt, metrics?.promptTokens);
  if ((metrics?.cachedTokens ?? 0) > 0) facts.count(words.cached, metrics?.cachedTokens, true);
  facts.count(metrics?.estimated === true ? words.estimated : words.completion, metrics?.completionTokens);
  if ((metrics?.reasoningTokens ?? 0) > 0) facts.count(words.reasoning, metrics?.reasoningTokens, true);
  const speed = speedOf(message);
  if (speed !== null) facts.text(words.speed, formatSpeed(speed));
  const tools = message.parts?.filter((part) => part.kind === 'tool').length ?? 0;
  if (tools > 0) facts.count(words.tools, tools);
  return facts.list;
}

function idOf(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}

export function idFacts(message: Message): Fact[] {
  const facts = new Facts();
  const asked = message.parts?.find((part) => part.kind === 'genie');
  facts.text(words.requestId, message.metrics?.requestId);
  facts.text(words.upstreamId, message.metrics?.upstreamRequestId);
  facts.text(words.traceId, message.metrics?.traceId);
  facts.text(words.genieConversation, idOf(asked?.conversation_id));
  facts.text(words.genieMessage, idOf(asked?.message_id));
  facts.text(words.messageId, message.message_id);
  return facts.list;
}

/** What the model was told, in sentences; `first` is the first message of it, where it is known here. */
export function contextLines({ metrics }: Message, first: string | null): string[] {
  if (!known(metrics?.contextMessages)) return [];
  const lines: string[] = [words.told(metrics.contextMessages)];
  if (metrics.contextMessages > 0 && first !== null) lines.push(words.toldFrom(first));
  if (metrics.contextCut === true) lines.push(words.cut);
  if (known(metrics.contextTokens)) lines.push(words.about(formatCount(metrics.contextTokens)));
  return lines;
}

/** A piece of the time that a reply took; both ends in seconds from its start. */
export interface Stage {
  name: string;
  from: number;
  to: number;
}

/** queued → connected → first token → done, as far as the times are known and in order. */
export function stagesOf(message: Message): Stage[] {
  const { metrics } = message;
  if (!known(metrics?.totalTime) || isSum(message)) return [];
  const ends: [string, number | null | undefined][] = [
    [words.stages.waiting, metrics.timeToRequest],
    [words.stages.connecting, metrics.timeToHeaders],
    [words.stages.first, metrics.timeToFirstToken],
    [words.stages.writing, metrics.totalTime],
  ];
  const stages: Stage[] = [];
  let from = 0;
  for (const [name, to] of ends) {
    if (!known(to) || to < from) continue;
    stages.push({ name, from, to });
    from = to;
  }
  return stages.length > 1 ? stages : [];
}

/** All of it as lines of text. */
export function receiptText(message: Message, first: string | null): string {
  const lines = (facts: readonly Fact[]) => facts.map((fact) => `${fact.name}: ${fact.value}`);
  const stages = stagesOf(message).map((stage) => `${stage.name}: ${formatShort(stage.to - stage.from)}`);
  return [
    lines(generalFacts(message)),
    [...lines(timeFacts(message)), ...stages],
    lines(tokenFacts(message)),
    contextLines(message, first),
    lines(idFacts(message)),
  ]
    .filter((block) => block.length > 0)
    .map((block) => block.join('\n'))
    .join('\n\n');
}
