import type * as wire from './schema';

/** What the page has made itself lacks what only the server knows. */
type Some<T, K extends keyof T> = Pick<T, K> & Partial<Omit<T, K>>;

export type { ChatSettings, Endpoint, Feedback, Metrics, Part, Rating, Route, Source, Thinking, User } from './schema';
export type QueuedMessage = Some<wire.QueuedMessage, 'queue_id' | 'session_id' | 'content' | 'created_at'>;
export type MessageStatus = wire.Status;
export type ReplyError = Some<wire.ReplyError, 'code' | 'message'>;

export type Message = Some<Omit<wire.Message, 'error' | 'parts'>, 'message_id' | 'role' | 'content' | 'timestamp'> & {
  error?: ReplyError | null;
  parts?: readonly wire.Part[] | null;
};

export type Session = Some<Omit<wire.Chat, 'messages'>, 'sessionId' | 'firstQuery' | 'timestamp'> & {
  messages: Message[];
  /** Of the newest reply, where that is not among the messages; see window.ts. */
  newest?: wire.Metrics | null;
};

export interface MessagePage {
  messages: Message[];
  before?: string | null;
  after?: string | null;
}

export interface SessionPage {
  sessions: Session[];
  next_cursor?: string | null;
}

export type Config = Some<wire.Config, 'model' | 'models' | 'demo' | 'version' | 'suggestions' | 'limits'>;

/** What a request that starts a reply may ask for. */
export interface Wishes {
  serving_endpoint?: string;
  route?: wire.Route;
  include_history?: boolean;
  settings?: wire.ChatSettings;
}

/** What one event of a reply may carry; message_id and content are always there. */
export type ReplyEvent = Omit<wire.ReplyEvent, 'error' | 'parts'> & {
  error?: ReplyError | null;
  parts?: readonly wire.Part[];
};
