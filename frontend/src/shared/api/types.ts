export type Rating = 'up' | 'down';
export type MessageStatus = 'complete' | 'streaming' | 'stopped' | 'error' | 'interrupted';

export interface ReplyError {
  code: string;
  message: string;
  retryable?: boolean;
}

export interface Source {
  page_content?: string;
  metadata?: { url?: string; title?: string; [name: string]: unknown };
}

/** What a reply has beside its text: a tool call, a question of an agent, a notice. */
export interface Part {
  /** A part that comes again takes the place of the one before. */
  id: string;
  kind: string;
  /** Where it stands: the length of the text before it. */
  at: number;
  [name: string]: unknown;
}

/** Seconds. */
export interface Metrics {
  timeToFirstToken?: number | null;
  totalTime?: number | null;
  reasoningTime?: number | null;
  promptTokens?: number | null;
  cachedTokens?: number | null;
  completionTokens?: number | null;
  reasoningTokens?: number | null;
  /** The tokens were counted by the server, because the model did not say. */
  estimated?: boolean;
  /** How much of the chat the model was told before the question, and from which message on. */
  contextMessages?: number;
  contextFrom?: string | null;
  contextCut?: boolean;
  contextTokens?: number;
  /** When it was asked for and when the answer began; not of a reply that went on. */
  timeToRequest?: number | null;
  timeToHeaders?: number | null;
  /** Ours, Databricks' own and that of MLflow's trace. */
  requestId?: string | null;
  upstreamRequestId?: string | null;
  traceId?: string | null;
  /** Who answered and why, where there was a choice. */
  route?: 'genie' | 'model';
  routeReason?: string;
}

/** What a person says of a reply. */
export interface Feedback {
  rating: Rating;
  reasons: string[];
  comment: string | null;
}

export interface Message {
  message_id: string;
  session_id?: string;
  role: 'user' | 'assistant';
  content: string;
  model?: string | null;
  timestamp: string;
  sources?: Source[] | null;
  metrics?: Metrics | null;
  rating?: Rating | null;
  feedback?: Feedback | null;
  status?: MessageStatus;
  reasoning?: string | null;
  parts?: readonly Part[] | null;
  error?: ReplyError | null;
  parent_id?: string | null;
  finish_reason?: string | null;
  /** Number of the variant that is shown, and how many there are. */
  variant?: number;
  variants?: number;
  /** Where a reply that is still being written can be joined. */
  stream?: { after: number };
}

export interface Session {
  sessionId: string;
  firstQuery: string;
  title?: string | null;
  messages: Message[];
  timestamp: string;
  created_at?: string;
  pinned?: boolean;
  archived?: boolean;
  /** When it went to the trash. */
  deleted_at?: string | null;
  /** Grows with every change of the chat. */
  revision?: number;
  /** Messages that wait to be sent. */
  queued?: number;
  settings?: ChatSettings;
}

export type Thinking = 'off' | 'low' | 'medium' | 'high';

/** How a chat is set; what is absent is as usual. null takes a member away. */
export interface ChatSettings {
  model?: string | null;
  system_prompt?: string | null;
  temperature?: number | null;
  max_tokens?: number | null;
  thinking?: Thinking | null;
  include_history?: boolean | null;
  /** 0: all. */
  history_messages?: number | null;
  route?: Route | null;
}

/** What a request that starts a reply may ask for. */
/** Who is asked. */
export type Route = 'auto' | 'genie' | 'model';

export interface Wishes {
  serving_endpoint?: string;
  route?: Route;
  include_history?: boolean;
  settings?: ChatSettings;
}

/** A model that people may choose, and what of a chat's settings it takes. */
export interface Endpoint {
  name: string;
  display_name: string;
  kind: 'model' | 'agent';
  state: 'ready' | 'starting' | 'gone' | 'unknown';
  accepts: {
    /** The highest one; null: none is taken. */
    temperature: number | null;
    max_tokens: boolean;
    most_tokens?: number;
    thinking: Thinking[];
    thinking_or_temperature: boolean;
  };
}

export interface SessionPage {
  sessions: Session[];
  next_cursor?: string | null;
}

export interface User {
  email: string | null;
  user_id: string;
  username: string | null;
}

export interface Config {
  model: string;
  models: string[];
  endpoints?: Endpoint[];
  defaults?: { history_messages: number; context_tokens: number; max_tokens?: number; system_prompt: boolean };
  demo: boolean;
  version: string;
  suggestions: string[];
  /** The space that answers questions about data, if there is one. */
  genie?: { name: string } | null;
  limits: { content_bytes: number };
}

/** A message that waits until the reply of its chat has ended. */
export interface QueuedMessage {
  queue_id: string;
  session_id: string;
  content: string;
  created_at: string;
}

/** What one event of a reply may carry; message_id and content are always there. */
export interface ReplyEvent {
  message_id: string;
  content: string;
  reasoning?: string;
  /** New or changed. */
  parts?: readonly Part[];
  user_message_id?: string;
  /** The first event of a reply that goes on where it had ended. */
  continued?: boolean;
  session_id?: string;
  status?: MessageStatus;
  sources?: Source[] | null;
  metrics?: Metrics | null;
  finish_reason?: string | null;
  error?: ReplyError | null;
  model?: string | null;
  timestamp?: string;
}
