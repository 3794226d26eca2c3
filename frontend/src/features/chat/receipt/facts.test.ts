import { expect, test } from 'vitest';

import type { Message, Metrics } from '../../../shared/api/types';
import { formatCount } from '../../../shared/lib/format';
import { contextLines, generalFacts, idFacts, isSum, receiptText, stagesOf, timeFacts, tokenFacts } from './facts';

function reply(metrics: Metrics | null, more: Partial<Message> = {}): Message {
  return {
    message_id: 'm1',
    role: 'assistant',
    content: 'x',
    timestamp: '2026-03-01T10:00:00Z',
    status: 'complete',
    model: 'house-model',
    metrics,
    ...more,
  };
}

const usual: Metrics = {
  timeToRequest: 0.1,
  timeToHeaders: 0.5,
  timeToFirstToken: 1,
  totalTime: 5,
  promptTokens: 1200,
  cachedTokens: 200,
  completionTokens: 400,
  reasoningTokens: 0,
  contextMessages: 3,
  contextFrom: 'm0',
  contextCut: true,
  contextTokens: 1100,
  requestId: 'r-1',
  upstreamRequestId: 'u-1',
  traceId: null,
};

const values = (facts: readonly { name: string; value: string }[]) =>
  Object.fromEntries(facts.map((fact) => [fact.name, fact.value]));

test('tells what is known and nothing else', () => {
  expect(values(tokenFacts(reply(usual)))).toEqual({
    'Tokens read': formatCount(1200),
    'of them from a cache': '200',
    'Tokens written': '400',
    'Tokens per second': '100',
  });
  expect(values(idFacts(reply(usual)))).toEqual({ Request: 'r-1', 'Databricks request': 'u-1', Message: 'm1' });
  expect(timeFacts(reply(null))).toEqual([]);
  expect(tokenFacts(reply(null))).toEqual([]);
  expect(contextLines(reply(null), null)).toEqual([]);
});

test('names what Genie was asked as', () => {
  const genie = { id: 'genie', kind: 'genie', at: 0, conversation_id: 'c-7', message_id: 'g-9' };
  expect(values(idFacts(reply(usual, { parts: [genie] })))).toMatchObject({
    'Databricks request': 'u-1',
    'Genie conversation': 'c-7',
    'Genie message': 'g-9',
    Message: 'm1',
  });
  expect(values(idFacts(reply(usual, { parts: [{ ...genie, message_id: 7 }] })))).not.toHaveProperty('Genie message');
});

test('says how it ended, and who answered why', () => {
  const facts = (message: Message) => values(generalFacts(message));
  expect(facts(reply(usual))).not.toHaveProperty('Who answered');
  expect(facts(reply(usual))['How it ended']).toBe('By itself');
  expect(facts(reply(usual, { status: 'stopped', finish_reason: 'stop' }))['How it ended']).toBe('You stopped it');
  expect(facts(reply(usual, { finish_reason: 'length' }))['How it ended']).toBe('At the length limit');
  expect(facts(reply(usual, { finish_reason: 'a_new_word' }))['How it ended']).toBe('By itself');
  expect(facts(reply({ route: 'model', routeReason: 'fallback' }))['Who answered']).toBe(
    'The model, because Genie could not',
  );
  expect(facts(reply({ route: 'genie', routeReason: 'a_new_word' }))['Who answered']).toBe('Genie');
});

test('puts the stages one behind the other', () => {
  expect(stagesOf(reply(usual)).map(({ from, to }) => [from, to])).toEqual([
    [0, 0.1],
    [0.1, 0.5],
    [0.5, 1],
    [1, 5],
  ]);
  expect(stagesOf(reply({ timeToFirstToken: 1, totalTime: 5 })).map(({ to }) => to)).toEqual([1, 5]);
  expect(stagesOf(reply({ totalTime: 5 }))).toEqual([]);
  expect(stagesOf(reply({ ...usual, timeToHeaders: 0.05 })).map(({ to }) => to)).toEqual([0.1, 1, 5]);
});

test('of a reply that went on it draws nothing and divides nothing', () => {
  const { timeToRequest: _asked, timeToHeaders: _head, ...sums } = usual;
  expect(isSum(reply(sums))).toBe(true);
  expect(isSum(reply({ totalTime: 3 }))).toBe(false);
  expect(stagesOf(reply(sums))).toEqual([]);
  expect(values(tokenFacts(reply(sums)))).not.toHaveProperty('Tokens per second');
});

test('can be copied as text', () => {
  const text = receiptText(reply(usual), 'How do I begin?');
  expect(text).toContain('Model: house-model');
  expect(text).toContain('Until the first token: 500 ms');
  expect(text).toContain('The question and the 3 messages before it.');
  expect(text).toContain('The first of them: “How do I begin?”');
  expect(text).toContain('Older messages of this chat were left out.');
  expect(text).toContain('Databricks request: u-1');
});
