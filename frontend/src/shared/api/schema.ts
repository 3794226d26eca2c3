// Made by `node --run api-types` of the server's OpenAPI document; do not edit.

export interface Login {
  user_info: User;
}

export interface User {
  /** May be empty. */
  email: string;
  user_id: string;
  username: string;
}

export interface Token {
  token_id: string;
  name: string;
  created_at: Time;
  /** null: never. */
  expires_at: Time | null;
}

export interface Tokens {
  tokens: Token[];
}

export interface NewToken {
  /** The secret; shown this once. */
  token: string;
  token_id: string;
  name: string;
  created_at: Time;
  expires_at: Time | null;
}

/** What the caller may use; a limit that is off is not in it. */
export interface Usage {
  limits: {
    name: 'messages' | 'replies' | 'tokens';
    limit: number;
    remaining: number;
    /** Seconds until all of it is there again. */
    reset_s: number;
    window_s?: number;
  }[];
  tokens_today: {
    prompt: number;
    completion: number;
    total: number;
  };
}

/** How a chat is set; what is absent is as usual. */
export interface ChatSettings {
  /** Who answers when the request names no serving_endpoint. */
  model?: string | null;
  /** Sent below the operator's. */
  system_prompt?: string | null;
  temperature?: number | null;
  max_tokens?: number | null;
  thinking?: Thinking | null;
  /** false: the model is told nothing of what was said before. */
  include_history?: boolean | null;
  /** The newest so many are told; 0: all. */
  history_messages?: number | null;
  route?: Route | null;
}

export interface Chat {
  sessionId: Id;
  firstQuery: string;
  title: string;
  /** Empty where messages were not asked for. */
  messages: Message[];
  /** null: unknown, in chats of the original application. */
  timestamp: Time | null;
  created_at: Time | null;
  isActive: boolean;
  pinned: boolean;
  archived: boolean;
  /** When it went to the trash. */
  deleted_at: Time | null;
  /** Grows with every change of the chat. */
  revision: number;
  /** Messages that wait to be sent. */
  queued: number;
  settings: ChatSettings;
  /** Of a page: what to ask with for the messages before it. */
  before?: string | null;
  /** Of a page: what to ask with for those behind it. */
  after?: string | null;
}

export interface Chats {
  sessions: Chat[];
  /** null: this was the last page. */
  next_cursor: string | null;
}

export interface Messages {
  messages: Message[];
  /** Of a page: what to ask with for the messages before it. */
  before?: string | null;
  /** Of a page: what to ask with for those behind it. */
  after?: string | null;
}

/** Chats as a file, as docs/export-format.md describes it and `databricks-chatbot import` reads it. */
export interface Export {
  format: string;
  version: number;
  chats: {
    [name: string]: unknown;
  }[];
  [name: string]: unknown;
}

export interface Erased {
  /** How many chats. */
  erased: number;
}

export interface QueuedMessage {
  queue_id: Id;
  session_id: Id;
  content: string;
  serving_endpoint: string;
  include_history: boolean;
  created_at: Time;
}

export interface Queue {
  items: QueuedMessage[];
}

export interface Draft {
  session_id: Id;
  content: string;
  updated_at: Time;
}

export interface Drafts {
  drafts: Draft[];
}

export interface SearchHit {
  session_id: Id;
  /** Of the chat. */
  title: string;
  /** null: the title was found. */
  message_id: string | null;
  role: Role | null;
  rating: Rating | null;
  /** null: unknown, in chats of the original application. */
  timestamp: Time | null;
  archived: boolean;
  /** The message belongs to a variant that is not shown. */
  hidden: boolean;
  snippet: {
    /** As it stands in the message: escape it. */
    text: string;
    /** Begin and end, in UTF-16 code units. */
    matches: [number, number][];
    cut_before: boolean;
    cut_after: boolean;
  };
}

export interface SearchResults {
  results: SearchHit[];
  /** A page may be short and still have one. */
  next_cursor: string | null;
}

/** `hello`: where the feed is. `reset`: what came before cannot be told any more; read everything anew. */
export interface FeedPlace {
  last: number;
}

export interface Change {
  kind: 'chat' | 'deleted' | 'message' | 'queue' | 'draft';
  session_id: string | null;
  message_id: string | null;
}

/** The server is restarting; the stream ends and resumes on the new one. */
export interface Reconnect {
  retry_after_ms: number;
}

export type Role = 'user' | 'assistant';

export type Rating = 'up' | 'down';

/** How far a message is; everything but `streaming` is final. */
export type Status = 'complete' | 'streaming' | 'stopped' | 'error' | 'interrupted';

/** Why a reply failed. docs/errors.md lists the codes. */
export interface ReplyError {
  code: string;
  /** A sentence for the person. */
  message: string;
  retryable: boolean;
}

/** What an agent retrieved for its reply. Do not trust a url: it may be of any scheme. */
export interface Source {
  page_content?: string;
  metadata?: {
    url?: string;
    title?: string;
    [name: string]: unknown;
  };
  [name: string]: unknown;
}

/** Seconds, tokens as the endpoint counted them, and how much of the chat the model was told. */
export interface Metrics {
  /** Seconds. */
  timeToFirstToken?: number | null;
  /** Seconds. */
  totalTime?: number | null;
  /** Seconds for which the model told of its thinking. */
  reasoningTime?: number | null;
  /** With those that came from a cache. */
  promptTokens?: number | null;
  cachedTokens?: number | null;
  completionTokens?: number | null;
  /** Of the completionTokens. */
  reasoningTokens?: number | null;
  /** The completionTokens are the server's estimate. */
  estimated?: boolean;
  /** Told before the question. */
  contextMessages?: number;
  /** The first of them. */
  contextFrom?: string | null;
  /** Older ones were left out. */
  contextCut?: boolean;
  /** The request, as estimated. */
  contextTokens?: number;
  contextBytes?: number;
  /** Seconds until the model (or Genie) was asked. */
  timeToRequest?: number;
  /** Seconds until the head of its answer came. */
  timeToHeaders?: number;
  /** The x-request-id of the answer that began the reply. */
  requestId?: string | null;
  /** Databricks' id of the last call to the model or to Genie. */
  upstreamRequestId?: string | null;
  /** MLflow's. */
  traceId?: string | null;
  /** Who was asked, where a Genie space is set. */
  route?: 'genie' | 'model';
  /** Why; wanted, question, continued or fallback. */
  routeReason?: string;
  [name: string]: unknown;
}

/** accurate, complete, clear, well_sourced are for up only; the others but other for down only. */
export type Reason =
  | 'accurate'
  | 'complete'
  | 'clear'
  | 'well_sourced'
  | 'inaccurate'
  | 'incomplete'
  | 'not_what_i_asked'
  | 'ignored_instructions'
  | 'bad_sources'
  | 'too_long'
  | 'unsafe'
  | 'other';

/** What a person says of a reply. */
export interface Feedback {
  rating: Rating;
  reasons: Reason[];
  comment: string | null;
}

/** What a reply has beside its text; one that comes again takes the place of the one before. Ignore kinds that you do not know. */
export interface Part {
  id: string;
  kind: string;
  /** UTF-16 code units of the text before it. */
  at: number;
  [name: string]: unknown;
}

/** A call of a tool. */
export interface ToolPart {
  kind?: 'tool';
  name: string;
  /** Mostly JSON. */
  arguments: string;
  status: 'running' | 'done' | 'failed' | 'unanswered';
  output?: string;
  /** The output was longer than 64 KiB. */
  cut?: boolean;
  seconds?: number;
  /** The person must sign in there before the tool works for them. */
  login?: {
    connection: string;
    url: string;
  };
  [name: string]: unknown;
}

/** The agent asks whether it may call this tool; answer it with POST …/approve. */
export interface ApprovalPart {
  kind?: 'approval';
  name: string;
  arguments: string;
  server_label: string;
  request_id: string;
  answer?: 'approved' | 'denied';
  [name: string]: unknown;
}

/** The answer up to `at` is this text instead. */
export interface AnswerPart {
  kind?: 'answer';
  text: string;
  [name: string]: unknown;
}

/** Waits for its turn (position), or asks the model again in a while (retry_s). Position 0: no longer. */
export interface QueuePart {
  kind?: 'queue';
  position?: number;
  ahead_s?: number;
  paused?: boolean;
  retry_s?: number;
  try?: number;
  tries?: number;
  code?: string;
  [name: string]: unknown;
}

/** How far the question has come. Without it the model is being asked; it comes when the model is silent for a while after the head of its answer. */
export interface ProgressPart {
  kind?: 'progress';
  state: 'asking' | 'answering';
  [name: string]: unknown;
}

/** Something that the person should know of this reply. */
export interface NoticePart {
  kind?: 'notice';
  code: string;
  text: string;
  [name: string]: unknown;
}

/** What Genie was asked and what it found; docs/genie.md. */
export interface GeniePart {
  kind?: 'genie';
  state: string;
  question: string;
  /** The words that decided. */
  reason: string;
  /** A person wanted Genie. */
  wanted: boolean;
  space: string;
  conversation_id?: string;
  message_id?: string;
  title?: string;
  description?: string;
  sql?: string;
  columns?: {
    name: string;
    type: string;
  }[];
  rows?: (string | null)[][];
  row_count?: number;
  truncated?: boolean;
  suggestions?: string[];
  error?: {
    type: string;
    message: string;
  };
  [name: string]: unknown;
}

export interface Message {
  message_id: Id;
  session_id: Id;
  /** Of a reply that failed before it said anything: the error's sentence. */
  content: string;
  role: Role;
  model: string | null;
  /** null: unknown, in chats of the original application. */
  timestamp: Time | null;
  created_at: Time | null;
  sources: Source[] | null;
  metrics: Metrics | null;
  rating: Rating | null;
  feedback: Feedback | null;
  status: Status;
  reasoning: string | null;
  parts: Part[];
  finish_reason: string | null;
  parent_id: string | null;
  /** The variant of the parent that it hangs on. */
  parent_variant: number;
  /** The one that is shown. */
  variant: number;
  /** How many there are. */
  variants: number;
  error: ReplyError | null;
  /** Of a reply that is still being written: content ends with this event; follow the rest with the stream route. */
  stream?: {
    after: number;
  };
}

export interface Variants {
  message_id: Id;
  shown: number;
  /** In the order they were made. */
  variants: Message[];
}

export interface Shown {
  message_id: Id;
  session_id: Id;
  shown: number;
}

export interface Rated {
  status: 'success';
  rating: Rating | null;
  feedback: Feedback | null;
}

export interface Recorded {
  status: 'success';
  message_id: Id;
}

export interface Stopped {
  message_id: Id;
  status: Status;
}

/** New text, reasoning or parts. The first event of a stream says what it is about, the last one how it ended. */
export interface ReplyEvent {
  message_id: Id;
  /** New text only. */
  content: string;
  /** New reasoning only. */
  reasoning?: string;
  /** New or changed. */
  parts?: Part[];
  /** The first event of a reply that goes on where it had ended. */
  continued?: boolean;
  variant?: number;
  variants?: number;
  /** The question. */
  user_message_id?: string | null;
  session_id?: Id;
  role?: 'assistant';
  model?: string | null;
  status?: Status;
  sources?: Source[] | null;
  metrics?: Metrics | null;
  finish_reason?: string | null;
  error?: ReplyError | null;
  /** null: unknown, in chats of the original application. */
  timestamp?: Time | null;
}

/** What came before does not stand; this is all there is so far. */
export interface ReplyReset {
  message_id: Id;
  content: string;
  reasoning?: string;
  parts?: Part[];
}

/** Nothing more comes. */
export interface Done {
  [name: string]: unknown;
}

/** An id of the client's or the server's making. */
export type Id = string;

/** ISO 8601, UTC, microseconds. */
export type Time = string;

export interface Greeting {
  message: string;
}

export interface Model {
  /** The default serving endpoint. */
  model: string;
}

/** How much the model thinks before it answers. */
export type Thinking = 'off' | 'low' | 'medium' | 'high';

/** Who is asked. */
export type Route = 'auto' | 'genie' | 'model';

/** What of a chat's settings a model takes, as far as its task, its name and its refusals tell. */
export interface Accepts {
  /** The highest one; null: none is taken. */
  temperature: number | null;
  max_tokens: boolean;
  /** A cap that the model named. */
  most_tokens?: number;
  thinking: Thinking[];
  /** With the one the other is not sent. */
  thinking_or_temperature: boolean;
}

/** A model that people may choose. */
export interface Endpoint {
  name: string;
  display_name: string;
  /** As the workspace says. */
  task: string | null;
  kind: 'model' | 'agent';
  state: 'ready' | 'starting' | 'gone' | 'unknown';
  accepts: Accepts;
}

export interface Endpoints {
  endpoints: Endpoint[];
}

/** What a client needs to know. */
export interface Config {
  /** The default serving endpoint. */
  model: string;
  /** Names of the endpoints. */
  models: string[];
  endpoints: Endpoint[];
  /** What holds for a chat that sets nothing itself. */
  defaults: {
    /** 0: all. */
    history_messages: number;
    context_tokens: number;
    max_tokens?: number;
    /** The operator has set one. */
    system_prompt: boolean;
  };
  /** A model of the server's own answers. */
  demo: boolean;
  /** Version of the server. */
  version: string;
  suggestions: string[];
  /** The space that answers questions about data, if there is one. */
  genie: {
    name: string;
  } | null;
  limits: {
    /** Of a message, in UTF-8. */
    content_bytes: number;
  };
}

export interface Health {
  status: 'ok';
  version: string;
}

export interface Readiness {
  status: 'ready' | 'unavailable';
  store: 'ok' | 'failing';
  /** What the workspace last said of the default endpoint. */
  endpoint: string;
  /** The server is about to stop. */
  draining: boolean;
  /** Endpoints that are left alone because they kept failing, or are tried again. */
  breakers: {
    endpoint: string;
    state: string;
    failures: number;
    /** Seconds. */
    retry_after?: number;
  }[];
}

/** An OpenAPI 3.1 document. */
export interface OpenApi {
  [name: string]: unknown;
}

/** What went wrong (RFC 9457). `code` is stable; docs/errors.md says what to do about each. */
export interface Problem {
  type: string;
  title: string;
  status: number;
  code: ProblemCode;
  /** One sentence that says what to do. */
  detail: string;
  /** As in the header X-Request-Id and in the server's log. */
  request_id: string;
  /** The member or parameter that is wrong. */
  field?: string;
  /** Seconds. */
  retry_after?: number;
  /** The reply that is in the way. */
  message_id?: string;
  /** Of the chat as it is now. */
  revision?: number;
}

export type ProblemCode =
  | 'invalid_json'
  | 'invalid_request'
  | 'malformed_request'
  | 'unauthenticated'
  | 'cross_site_request'
  | 'not_found'
  | 'method_not_allowed'
  | 'request_timeout'
  | 'reply_in_progress'
  | 'revision_conflict'
  | 'queue_full'
  | 'conflict'
  | 'events_gone'
  | 'payload_too_large'
  | 'uri_too_long'
  | 'unsupported_media_type'
  | 'rate_limited'
  | 'quota_exhausted'
  | 'headers_too_large'
  | 'internal'
  | 'not_implemented'
  | 'identity_unavailable'
  | 'storage_unavailable'
  | 'storage_readonly'
  | 'overloaded'
  | 'endpoint_resting'
  | 'endpoint_busy'
  | 'shutting_down'
  | 'storage_full';

export interface TokenRequest {
  /** What the token is for; shown in the list. */
  name: string;
}

export interface MessageRequest {
  /** What the person says. */
  content: string;
  /** The chat; made by the client, new ids begin a chat. */
  session_id: string;
  /** Tell the model what was said before; default true. */
  include_history?: boolean | null;
  /** One of the models of /chat-api/config. */
  serving_endpoint?: string | null;
  /** Who answers: auto, genie or model; default: as the chat is set. Without Genie the model does. */
  route?: 'auto' | 'genie' | 'model' | null;
  /** Id for the person's message; sent again, it is one send. */
  message_id?: string | null;
  /** How the chat is set: model, system_prompt, temperature, max_tokens, thinking, include_history, history_messages, route; see docs/api.md. Only for a chat that begins here. */
  settings?: ChatSettings | null;
}

export interface RegenerateRequest {
  /** The reply to be made anew. */
  message_id: string;
  /** The question; used only if the chat does not hold it. */
  original_content?: string | null;
  /** The chat. */
  session_id: string;
  /** Tell the model what was said before; default true. */
  include_history?: boolean | null;
  /** One of the models of /chat-api/config. */
  serving_endpoint?: string | null;
  /** Who answers: auto, genie or model; default: as the chat is set. Without Genie the model does. */
  route?: 'auto' | 'genie' | 'model' | null;
  /** What follows stays with the old reply; default false: it follows the new one. */
  branch?: boolean | null;
}

export interface ErrorRequest {
  /** Id the client gave the message. */
  message_id: string;
  /** The chat. */
  session_id: string;
  /** The sentence the person saw. */
  content: string;
  /** Only replies can be reported. */
  role?: 'assistant' | null;
  /** When; default: now. */
  timestamp?: string | null;
  /** Kept as sent. */
  sources?:
    | {
        [name: string]: unknown;
      }[]
    | null;
  /** Kept as sent. */
  metrics?: {
    [name: string]: unknown;
  } | null;
}

export interface ChatUpdate {
  /** New name; empty: the automatic one comes back. */
  title?: string | null;
  /** Among the pinned ones. */
  pinned?: boolean | null;
  /** Out of the current list; it can still be used. */
  archived?: boolean | null;
  /** How the chat is set: model, system_prompt, temperature, max_tokens, thinking, include_history, history_messages, route; see docs/api.md. A member that is null is taken away. */
  settings?: ChatSettings | null;
  /** Refuse if the chat has changed since it had this revision. */
  revision?: number | null;
}

export interface QueueRequest {
  /** What the person says when it is its turn. */
  content: string;
  /** Id for the message; sent again, it is one message. */
  queue_id?: string | null;
  /** Tell the model what was said before; default true. */
  include_history?: boolean | null;
  /** One of the models of /chat-api/config. */
  serving_endpoint?: string | null;
}

export interface QueueUpdate {
  /** What the person says when it is its turn. */
  content?: string | null;
  /** 1 is sent first; beyond the end is the end. */
  place?: number | null;
}

export interface DraftRequest {
  /** The text so far; empty removes the draft. */
  content: string;
}

export interface RateRequest {
  /** Why; only for up: accurate|complete|clear|well_sourced; only for down: inaccurate|incomplete|not_what_i_asked|ignored_instructions|bad_sources|too_long|unsafe. Absent leaves what is there, empty removes it. */
  reasons?: Reason[] | null;
  /** At most 4,000 characters. Absent leaves what is there, empty removes it. */
  comment?: string | null;
}

export interface EditRequest {
  /** What the person says instead. */
  content: string;
  /** Tell the model what was said before; default true. */
  include_history?: boolean | null;
  /** One of the models of /chat-api/config. */
  serving_endpoint?: string | null;
  /** Who answers: auto, genie or model; default: as the chat is set. Without Genie the model does. */
  route?: 'auto' | 'genie' | 'model' | null;
}

export interface ContinueRequest {
  /** One of the models of /chat-api/config. */
  serving_endpoint?: string | null;
}

export interface ApproveRequest {
  /** The part of kind 'approval' that is answered; needed, here or as id. */
  part_id?: string | null;
  /** The same, shorter. */
  id?: string | null;
  /** Whether the agent may use the tool. */
  approve: boolean;
}

/** What is asked and answered, by method and path. */
export interface Routes {
  get: {
    /** Says that the API runs. */
    '/': { query: undefined; body: undefined; answer: Greeting };
    /** Who am I. */
    '/login': { query: undefined; body: undefined; answer: Login };
    /** Lists your API tokens. */
    '/tokens': { query: undefined; body: undefined; answer: Tokens };
    /** Name of the default model. */
    '/model': { query: undefined; body: undefined; answer: Model };
    /** What a client needs to know: models, suggestions, limits. */
    '/config': { query: undefined; body: undefined; answer: Config };
    /** Models that a request may choose. */
    '/serving-endpoints': { query: undefined; body: undefined; answer: Endpoints };
    /** Your chats, newest first. */
    '/chats': {
      query: {
        /** Chats of a page; without it all of them come. */
        limit?: number;
        /** next_cursor of the page before. */
        cursor?: string;
        /** 'none' leaves the messages out. */
        messages?: 'all' | 'none';
        /** Which chats; default 'current'. */
        list?: 'current' | 'pinned' | 'archived' | 'trash';
      };
      body: undefined;
      answer: Chats;
    };
    /** One chat with its messages. */
    '/chats/{session_id}': {
      query: {
        /** Messages of a page; alone: the newest. 50 if only one of the others is given; with none of them all come. */
        limit?: number;
        /** Those right before this message; empty: the newest. Only one of before, after, around can be given. */
        before?: string;
        /** Those right behind this message; empty: the first ones. */
        after?: string;
        /** This message, and half as many before it. */
        around?: string;
        /** 'none' leaves the messages out. */
        messages?: 'all' | 'none';
      };
      body: undefined;
      answer: Chat;
    };
    /** One chat as a file. */
    '/chats/{session_id}/export': {
      query: {
        /** For people, or as databricks-chatbot import reads it. */
        format: 'markdown' | 'json';
      };
      body: undefined;
      answer: Export;
    };
    /** All your chats that are not in the trash, as a file. */
    '/export': {
      query: {
        /** For people, or as databricks-chatbot import reads it. */
        format: 'markdown' | 'json';
      };
      body: undefined;
      answer: Export;
    };
    /** Messages that wait to be sent in a chat, in order. */
    '/chats/{session_id}/queue': { query: undefined; body: undefined; answer: Queue };
    /** Your unsent texts, newest first. */
    '/drafts': { query: undefined; body: undefined; answer: Drafts };
    /** The messages of a chat. */
    '/sessions/{session_id}/messages': {
      query: {
        /** Messages of a page; alone: the newest. 50 if only one of the others is given; with none of them all come. */
        limit?: number;
        /** Those right before this message; empty: the newest. Only one of before, after, around can be given. */
        before?: string;
        /** Those right behind this message; empty: the first ones. */
        after?: string;
        /** This message, and half as many before it. */
        around?: string;
      };
      body: undefined;
      answer: Messages;
    };
    /** Searches your messages and titles, newest first. */
    '/search': {
      query: {
        /** Words, "a phrase", pref*, -not, in:title, from:me, rating:up, after:2026-01-31, before:2026-01-31. */
        q: string;
        /** Hits of a page; default 20. */
        limit?: number;
        /** next_cursor of the page before. */
        cursor?: string;
      };
      body: undefined;
      answer: SearchResults;
    };
    /** What stood in a message's place before, and stands there now. */
    '/messages/{message_id}/variants': { query: undefined; body: undefined; answer: Variants };
    /** What the caller may use, and what is left of it. */
    '/usage': { query: undefined; body: undefined; answer: Usage };
    /** This interface as an OpenAPI document. */
    '/openapi.json': { query: undefined; body: undefined; answer: OpenApi };
    /** This interface for people. */
    '/docs': { query: undefined; body: undefined; answer: void };
  };
  post: {
    /** Makes an API token; the answer is the only place it is shown. */
    '/tokens': { query: undefined; body: TokenRequest; answer: NewToken };
    /** Keeps an error sentence that a client showed. */
    '/error': { query: undefined; body: ErrorRequest; answer: Recorded };
    /** The same for a failed regeneration. */
    '/regenerate/error': { query: undefined; body: ErrorRequest; answer: Recorded };
    /** Takes a chat out of the trash. */
    '/chats/{session_id}/restore': { query: undefined; body: undefined; answer: Chat };
    /** Adds a message that is sent when the reply has ended. */
    '/chats/{session_id}/queue': { query: undefined; body: QueueRequest; answer: QueuedMessage };
    /** Rates a reply, also with reasons and a comment, or withdraws it. */
    '/messages/{message_id}/rate': {
      query: {
        /** 'null' withdraws the rating. */
        rating: 'up' | 'down' | 'null';
      };
      body: RateRequest | undefined;
      answer: Rated;
    };
    /** Shows another variant, and what hangs on it. */
    '/messages/{message_id}/variants/{variant}/show': { query: undefined; body: undefined; answer: Shown };
    /** Stops a reply; what is there is kept. */
    '/messages/{message_id}/stop': { query: undefined; body: undefined; answer: Stopped };
  };
  put: {
    /** Keeps the unsent text of a chat. */
    '/drafts/{session_id}': { query: undefined; body: DraftRequest; answer: void };
  };
  patch: {
    /** Renames, pins or archives a chat. */
    '/chats/{session_id}': { query: undefined; body: ChatUpdate; answer: Chat };
    /** Changes the text or the place of a message. */
    '/chats/{session_id}/queue/{queue_id}': { query: undefined; body: QueueUpdate; answer: QueuedMessage };
  };
  delete: {
    /** Revokes an API token. */
    '/tokens/{id}': { query: undefined; body: undefined; answer: void };
    /** Moves a chat to the trash, or erases one that is there. */
    '/chats/{session_id}': {
      query: {
        /** 'true' erases a chat that is in the trash. */
        forever?: 'true' | 'false';
      };
      body: undefined;
      answer: void;
    };
    /** Erases all chats that are in the trash. */
    '/trash': { query: undefined; body: undefined; answer: Erased };
    /** Takes a message out of the queue. */
    '/chats/{session_id}/queue/{queue_id}': { query: undefined; body: undefined; answer: void };
  };
}

/** What is answered with server-sent events. */
export interface Streams {
  /** Sends a message; the reply streams back. */
  '/chat': { query: undefined; body: MessageRequest; answer: ReplyEvent };
  /** Makes a reply anew in its place; the old one is kept as a variant. */
  '/regenerate': { query: undefined; body: RegenerateRequest; answer: ReplyEvent };
  /** Sends the first message that waits. */
  '/chats/{session_id}/queue/send': { query: undefined; body: undefined; answer: ReplyEvent };
  /** Tells what changes in your chats. */
  '/events': {
    query: {
      /** Number of the last change seen; without it the feed begins now. */
      after?: number;
    };
    body: undefined;
    answer: ReplyEvent;
  };
  /** Asks a question in other words; both are kept as variants. */
  '/messages/{message_id}/edit': { query: undefined; body: EditRequest; answer: ReplyEvent };
  /** Goes on with a reply that was cut, behind the text it has. */
  '/messages/{message_id}/continue': { query: undefined; body: ContinueRequest | undefined; answer: ReplyEvent };
  /** Allows or denies what an agent asks for; the reply goes on. */
  '/messages/{message_id}/approve': { query: undefined; body: ApproveRequest; answer: ReplyEvent };
  /** Follows a reply from any event on. */
  '/messages/{message_id}/stream': {
    query: {
      /** Number of the last event seen; without it the reply is told from the start. */
      after?: number;
    };
    body: undefined;
    answer: ReplyEvent;
  };
}
