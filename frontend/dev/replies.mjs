// Invented replies with every kind of Markdown, told word by word.
import { randomUUID } from 'node:crypto';

import { changed } from './feed.mjs';
import { sample, short } from './samples.mjs';

const model = 'databricks-claude-sonnet-4-5';
const wanted = /^emu-speed-(\d+)$/.exec(process.env.SERVING_ENDPOINT_NAME ?? '')?.[1];
const pace = wanted === undefined ? Number(process.env.PACE ?? 25) : 1000 / Number(wanted);

class Reply {
  #events = [];
  #viewers = new Set();
  #timer = null;

  constructor(message, words, reasoning, failure) {
    this.message = message;
    this.words = words;
    this.reasoning = reasoning;
    this.failure = failure;
    this.started = Date.now();
    this.first = null;
  }

  begin(user, chat) {
    changed('message', chat.sessionId, this.message.message_id);
    this.#push({
      user_message_id: user?.message_id,
      session_id: chat.sessionId,
      model,
      status: 'streaming',
      timestamp: this.message.timestamp,
    });
    this.#timer = setInterval(() => this.#tick(), pace);
  }

  #tick() {
    const thought = this.reasoning.shift();
    if (thought !== undefined) {
      this.message.reasoning = (this.message.reasoning ?? '') + thought;
      return this.#push({ reasoning: thought });
    }
    const word = this.words.shift();
    if (word === undefined) return this.#end(this.failure ? 'error' : 'complete');
    this.first ??= Date.now();
    this.message.content += word;
    return this.#push({ content: word });
  }

  stop() {
    if (this.#timer !== null) this.#end('stopped');
  }

  #end(status) {
    clearInterval(this.#timer);
    this.#timer = null;
    const seconds = (at) => (at - this.started) / 1000;
    const { message } = this;
    message.status = status;
    message.metrics = { timeToFirstToken: seconds(this.first ?? Date.now()), totalTime: seconds(Date.now()) };
    message.error =
      status === 'error'
        ? {
            code: 'upstream_unavailable',
            message: 'The model is not available right now. Please try again in a minute.',
            retryable: true,
          }
        : null;
    message.sources = this.sources ?? null;
    this.#push({
      status,
      sources: message.sources,
      metrics: message.metrics,
      error: message.error ?? undefined,
      finish_reason: 'stop',
      model,
      timestamp: message.timestamp,
    });
    changed('message', message.session_id, message.message_id);
    for (const viewer of this.#viewers) viewer.end('event: done\ndata: {}\n\n');
    this.#viewers.clear();
  }

  get last() {
    return this.#events.length - 1;
  }

  hasMore(after) {
    return this.#timer !== null || this.last > after;
  }

  watch(response, after) {
    for (const text of this.#events.slice(after + 1)) response.write(text);
    if (this.#timer === null) return response.end('event: done\ndata: {}\n\n');
    this.#viewers.add(response);
    response.on('close', () => this.#viewers.delete(response));
    return undefined;
  }

  #push(members) {
    const id = `${this.message.message_id}.${this.#events.length}`;
    const data = JSON.stringify({ message_id: this.message.message_id, content: '', ...members });
    const text = `id: ${id}\ndata: ${data}\n\n`;
    this.#events.push(text);
    for (const viewer of this.#viewers) viewer.write(text);
  }
}

export function startReply(chat, question, { id, old }) {
  const timestamp = new Date().toISOString();
  const common = {
    session_id: chat.sessionId,
    timestamp,
    created_at: timestamp,
    rating: null,
    sources: null,
    metrics: null,
    error: null,
    reasoning: null,
  };
  let user;
  if (old === undefined) {
    user = {
      ...common,
      message_id: id ?? randomUUID(),
      role: 'user',
      content: question,
      status: 'complete',
      parent_id: null,
    };
    chat.messages.push(user);
  }
  const message = old ?? { ...common, message_id: randomUUID(), role: 'assistant', parent_id: user.message_id };
  Object.assign(message, {
    content: '',
    status: 'streaming',
    model,
    rating: null,
    reasoning: null,
    error: null,
    sources: null,
  });
  if (old === undefined) chat.messages.push(message);
  const text = /short/i.test(question) ? short : sample;
  const reasoning = /think|why/i.test(question) ? ['The question ', 'asks for a comparison. ', 'A table fits.'] : [];
  const broken = /break/i.test(question);
  const reply = new Reply(
    message,
    broken ? ['Half of an ', 'answer and th'] : (text.match(/\s*\S+/g) ?? []),
    reasoning,
    broken,
  );
  if (/source/i.test(question)) {
    reply.sources = [
      {
        page_content:
          'Housing risk is the likelihood that a household cannot keep its home. It is assessed from rent, income and tenure.',
        metadata: { url: 'https://example.org/housing-risk', title: 'Housing risk, an outline' },
      },
      { page_content: 'Local file without an address.', metadata: { url: 'dbfs:/notes/summary.txt' } },
    ];
  }
  Object.defineProperty(message, 'reply', { value: reply, enumerable: false, configurable: true });
  reply.begin(user, chat);
  return reply;
}
