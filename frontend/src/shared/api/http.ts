import axios, { AxiosError, type AxiosResponse } from 'axios';

import { text } from '../i18n/messages';
import { ApiError } from './errors';
import type { Path } from './path';
import type { Routes, Streams } from './schema';

const patience = 20_000;

/** Chromium gives an answer without content an empty body, which may not be handed on. */
async function fetchPlainly(...request: Parameters<typeof fetch>): Promise<Response> {
  const response = await fetch(...request);
  if (response.status !== 204) return response;
  return new Response(null, { status: response.status, statusText: response.statusText, headers: response.headers });
}

const client = axios.create({
  baseURL: '/chat-api',
  adapter: 'fetch',
  timeout: patience,
  env: { fetch: fetchPlainly },
});

interface Problem {
  code?: string;
  detail?: unknown;
  title?: string;
  request_id?: string;
  retry_after?: number;
  revision?: number;
}

async function readProblem(data: unknown): Promise<Problem> {
  try {
    const body = data instanceof ReadableStream ? await new Response(data).text() : data;
    const value: unknown = typeof body === 'string' ? JSON.parse(body) : body;
    return typeof value === 'object' && value !== null ? value : {};
  } catch {
    return {};
  }
}

function headerOf(response: AxiosResponse, name: string): string | null {
  const value: unknown = response.headers[name];
  return typeof value === 'string' ? value : null;
}

/** Any failure as an ApiError; a cancellation stays what it is. */
async function toApiError(error: unknown): Promise<unknown> {
  if (axios.isCancel(error) || !(error instanceof AxiosError)) return error;
  const response = error.response;
  if (response === undefined) return new ApiError('network', text.errors.network, 0);
  const problem = await readProblem(response.data);
  const sentence = typeof problem.detail === 'string' ? problem.detail : (problem.title ?? text.errors.unknown);
  const wait = problem.retry_after ?? Number(headerOf(response, 'retry-after') ?? Number.NaN);
  return new ApiError(
    problem.code ?? `http_${response.status}`,
    sentence,
    response.status,
    problem.request_id ?? headerOf(response, 'x-request-id'),
    Number.isFinite(wait) ? wait : null,
    problem.revision ?? null,
  );
}

client.interceptors.response.use(undefined, async (error: unknown) => {
  throw await toApiError(error);
});

type To<K extends string> = K | Path<K>;

export async function getJson<K extends keyof Routes['get']>(
  path: To<K>,
  signal?: AbortSignal,
  params?: Routes['get'][K]['query'],
): Promise<Routes['get'][K]['answer']> {
  const response = await client.get<Routes['get'][K]['answer']>(path, { signal, params });
  return response.data;
}

export async function postJson<K extends keyof Routes['post']>(
  path: To<K>,
  body?: Routes['post'][K]['body'],
  params?: Routes['post'][K]['query'],
): Promise<Routes['post'][K]['answer']> {
  const response = await client.post<Routes['post'][K]['answer']>(path, body, { params });
  return response.data;
}

export async function patchJson<K extends keyof Routes['patch']>(
  path: To<K>,
  body: Routes['patch'][K]['body'],
): Promise<Routes['patch'][K]['answer']> {
  const response = await client.patch<Routes['patch'][K]['answer']>(path, body);
  return response.data;
}

/** With `lasting` the request outlives the page; browsers allow that only for small bodies. */
export async function putJson<K extends keyof Routes['put']>(
  path: To<K>,
  body: Routes['put'][K]['body'],
  lasting: boolean,
): Promise<void> {
  await client.put(path, body, { fetchOptions: { keepalive: lasting } });
}

export async function remove<K extends keyof Routes['delete']>(
  path: To<K>,
  params?: Routes['delete'][K]['query'],
): Promise<Routes['delete'][K]['answer']> {
  const response = await client.delete<Routes['delete'][K]['answer']>(path, { params });
  return response.data;
}

export interface StreamRequest {
  method: 'GET' | 'POST';
  path: To<keyof Streams>;
  body?: Streams[keyof Streams]['body'];
  headers?: Record<string, string>;
  params?: Record<string, string | number>;
  signal: AbortSignal;
}

/** Opens a stream of bytes; null when the server has nothing (more) to send. */
export async function openStream(request: StreamRequest): Promise<ReadableStream<Uint8Array> | null> {
  const response = await client.request<ReadableStream<Uint8Array>>({
    method: request.method,
    url: request.path,
    data: request.body,
    headers: { Accept: 'text/event-stream', ...request.headers },
    params: request.params,
    responseType: 'stream',
    // Axios counts the whole body against a timeout; the reader watches for silence instead.
    timeout: 0,
    signal: request.signal,
  });
  if (response.status === 204) {
    await response.data?.cancel();
    return null;
  }
  return response.data;
}

export function isCancelled(error: unknown): boolean {
  return axios.isCancel(error) || (error instanceof DOMException && error.name === 'AbortError');
}
