import type { Message } from '../../../shared/api/types';
import { lazyPart } from '../../../shared/lib/lazy-part';

const useSwitch = lazyPart(() => import('./variant-switch.lazy'));

/** Where one goes from version to version of a message that has several. */
export function VariantSlot({ message, busy }: { message: Message; busy: boolean }) {
  const several = (message.variants ?? 1) > 1;
  const part = useSwitch(several);
  return several && part !== null && <part.VariantSwitch message={message} busy={busy} />;
}
