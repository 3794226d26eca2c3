// What the stand-in remembers: in memory, gone at its end.
import { sample, short } from './samples.mjs';

export const chats = new Map();

export function messageById(id) {
  for (const chat of chats.values()) {
    const found = chat.messages.find((message) => message.message_id === id);
    if (found !== undefined) return found;
  }
  return undefined;
}

export function newChat(sessionId, firstQuery, timestamp = new Date().toISOString()) {
  const chat = {
    sessionId,
    firstQuery,
    title: null,
    timestamp,
    created_at: timestamp,
    pinned: false,
    archived: false,
    deleted_at: null,
    revision: 1,
    queued: 0,
    messages: [],
  };
  chats.set(sessionId, chat);
  return chat;
}

export function publicChat(chat, withMessages) {
  const messages = withMessages ? chat.messages.map(publicMessage) : [];
  return { ...chat, messages, isActive: true };
}

function publicMessage(message) {
  if (message.status !== 'streaming') return message;
  return { ...message, stream: { after: message.reply?.last ?? 0 } };
}

const day = 86_400_000;

export function seed() {
  const titles = [
    ['What does DHB mean?', 0],
    ['Improve my notes from the steering group, keeping the list of decisions as it is', 0],
    ['FOC abbr. in Healthcare', 1],
    ['Summarise the Q3 intake report', 3],
    ['Draft a data-sharing agreement', 5],
    ['Which tables hold tenancy data?', 20],
  ];
  titles.forEach(([title, days], index) => {
    const timestamp = new Date(Date.now() - days * day - index * 60_000).toISOString();
    const sessionId = `seed-${index}`;
    const common = {
      session_id: sessionId,
      timestamp,
      created_at: timestamp,
      sources: null,
      metrics: null,
      rating: null,
      error: null,
      reasoning: null,
      status: 'complete',
    };
    const chat = newChat(sessionId, title, timestamp);
    chat.pinned = index === 3;
    chat.archived = index === 4;
    if (index === 5) chat.deleted_at = new Date().toISOString();
    chat.messages.push(
      { ...common, message_id: `${sessionId}-q`, role: 'user', content: title, parent_id: null },
      {
        ...common,
        message_id: `${sessionId}-a`,
        role: 'assistant',
        model: 'databricks-claude-sonnet-4-5',
        content: index === 0 ? sample : short,
        parent_id: `${sessionId}-q`,
        metrics: { timeToFirstToken: 0.9, totalTime: 6.01 },
        rating: index === 0 ? 'up' : null,
      },
    );
  });
}
