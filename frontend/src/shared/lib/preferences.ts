import { createPersisted, useStore } from './store';

/** What a person has chosen for this browser. The theme is in shared/theme/mode.ts. */

export const textSizes = ['small', 'normal', 'large', 'larger'] as const;
export type TextSize = (typeof textSizes)[number];

export const sendKeys = ['enter', 'mod-enter'] as const;
export type SendKey = (typeof sendKeys)[number];

function oneOf(choices: readonly string[]): (value: unknown) => boolean {
  return (value) => choices.some((choice) => choice === value);
}

function isSwitch(value: unknown): boolean {
  return typeof value === 'object' && value !== null && typeof (value as { on?: unknown }).on === 'boolean';
}

const textSize = createPersisted<TextSize>('text-size', 'normal', oneOf(textSizes));
const sendKey = createPersisted<SendKey>('send-key', 'enter', oneOf(sendKeys));
/** Whether a key alone, without Ctrl or the like, does something. */
export const singleKeys = createPersisted<{ on: boolean }>('single-keys', { on: true }, isSwitch);

/** An attribute of the root decides, as for the theme; theme-init.js sets it before the first paint. */
export function setTextSize(size: TextSize): void {
  textSize.setState(size);
  if (size === 'normal') document.documentElement.removeAttribute('data-text');
  else document.documentElement.setAttribute('data-text', size);
}

export function useTextSize(): TextSize {
  return useStore(textSize, (state) => state);
}

export function setSendKey(key: SendKey): void {
  sendKey.setState(key);
}

export function useSendKey(): SendKey {
  return useStore(sendKey, (state) => state);
}

export function setSingleKeys(on: boolean): void {
  singleKeys.setState({ on });
}

export function useSingleKeys(): boolean {
  return useStore(singleKeys, (state) => state.on);
}
