import type { Routes, Streams } from './schema';

declare const route: unique symbol;

/** A path of the interface with its parameters filled in. */
export type Path<K extends string> = string & { readonly [route]: K };

type EveryRoute = keyof Streams | { [M in keyof Routes]: keyof Routes[M] }[keyof Routes];

type Parameters<K extends string> = K extends `${string}{${infer Name}}${infer Rest}` ? Name | Parameters<Rest> : never;

/** The address of a route that the server describes; its parameters go into it encoded. */
export function pathTo<K extends EveryRoute>(pattern: K, values: Record<Parameters<K>, string | number>): Path<K> {
  const filled = pattern.replace(/\{(\w+)\}/gu, (_, name: string) => encodeURIComponent(values[name as Parameters<K>]));
  return filled as Path<K>;
}
