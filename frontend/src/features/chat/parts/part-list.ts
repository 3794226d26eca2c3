import type { Message, Part } from '../../../shared/api/types';

/** Those that came again take the place of those before. */
export function upsert(parts: readonly Part[], news: readonly Part[]): readonly Part[] {
  if (news.length === 0) return parts;
  const all = new Map(parts.map((part) => [part.id, part]));
  for (const part of news) all.set(part.id, part);
  return [...all.values()];
}

/** These say something of the reply as a whole; all others have a place in its text. */
const around = new Set(['answer', 'queue', 'progress']);

export function placed(parts: readonly Part[] | null | undefined): readonly Part[] {
  return parts?.filter((part) => !around.has(part.kind)) ?? [];
}

/** The text, with what an agent says in the end instead of what it streamed. */
export function wholeText(content: string, parts: readonly Part[] | null | undefined): string {
  const answer = parts?.find((part) => part.kind === 'answer');
  return typeof answer?.text === 'string' ? answer.text + content.slice(answer.at) : content;
}

/** Where the last piece of text begins: behind the last part that has a place in it. */
export function lastPlace(parts: readonly Part[]): number {
  return placed(parts).reduce((last, part) => Math.max(last, part.at), 0);
}

/** What a reply asks its person before it goes on. */
export function waitsForAnswer(message: Message): boolean {
  return message.parts?.some((part) => part.kind === 'approval' && part.answer === undefined) === true;
}
